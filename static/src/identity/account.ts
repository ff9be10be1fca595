// Sign-out of this person, here or everywhere, and of others by an admin.

import { say } from "../text"
import { confirm } from "../ui"
import { signOut, signOutPerson } from "../wire"

export function startAccount(signal: AbortSignal): void {
  const press = (id: string, everywhere: boolean) =>
    document.getElementById(id)?.addEventListener("click", () => void leave(everywhere), { signal })
  press("sign-out", false)
  press("sign-out-everywhere", true)
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-sign-out]")) {
    button.addEventListener("click", () => void signOutOther(button), { signal })
  }
}

async function leave(everywhere: boolean): Promise<void> {
  const { ok, error } = await signOut(everywhere)
  if (error) return note(error.message)
  location.assign(ok)
}

async function signOutOther(button: HTMLButtonElement): Promise<void> {
  const name = button.closest("tr")?.querySelector("td")?.firstChild?.textContent?.trim() ?? ""
  const sure = await confirm(say("identity.sign_out.question", { name }), say("identity.sign_out.detail"), say("identity.sign_out.everywhere"))
  if (!sure) return
  const { error } = await signOutPerson(button.dataset.signOut ?? "")
  note(error ? error.message : say("identity.sign_out.done"))
  if (!error) button.disabled = true
}

function note(sentence: string): void {
  document.getElementById("account-note")?.replaceChildren(sentence)
}
