// The access tokens on the account page: made, shown once, revoked.

import { say } from "../text"
import { confirm } from "../ui"
import { makeToken, revokeToken } from "../wire"

export function startTokens(signal: AbortSignal): void {
  document.getElementById("token-form")?.addEventListener("submit", (event) => {
    event.preventDefault()
    void make(event.currentTarget as HTMLFormElement)
  }, { signal })
  document.getElementById("token-copy")?.addEventListener("click", () => void copy(), { signal })
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-revoke]")) {
    button.addEventListener("click", () => void revoke(button), { signal })
  }
}

async function make(form: HTMLFormElement): Promise<void> {
  const scopes = [...form.querySelectorAll<HTMLInputElement>("[name=scope]:checked")].map((box) => box.value)
  if (scopes.length === 0) return note(say("token.no_scope"))
  const { ok, error } = await makeToken({ name: input("token-name").value, scopes, days: Number(input("token-days").value) })
  if (error) return note(error.message)
  note("")
  const made = document.getElementById("token-made")
  if (made) made.hidden = false
  input("token-text").value = ok
  input("token-text").select()
}

async function copy(): Promise<void> {
  const field = input("token-text")
  field.select()
  await navigator.clipboard?.writeText(field.value).then(() => note(say("token.copied")), () => undefined)
}

async function revoke(button: HTMLButtonElement): Promise<void> {
  const row = button.closest("tr")
  const name = row?.querySelector("td")?.textContent?.trim() ?? ""
  const sure = await confirm(say("token.revoke.question", { name }), say("token.revoke.detail"), say("token.revoke"))
  if (!sure) return
  const { error } = await revokeToken(button.dataset.revoke ?? "")
  if (error) return note(error.message)
  row?.remove()
  note(say("token.revoked"))
}

function note(sentence: string): void {
  document.getElementById("token-note")?.replaceChildren(sentence)
}

function input(id: string): HTMLInputElement {
  return document.getElementById(id) as HTMLInputElement
}
