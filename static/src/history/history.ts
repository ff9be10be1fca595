// The page of past sessions: its form, its search, pinning and deletion.

import { say } from "../text"
import { confirm } from "../ui"
import { deleteSession, pinSession, type SessionSearch } from "../wire"
import { HistorySearch } from "./search"

const fields = ["service", "state", "by"] as const

// HistoryPage adds behaviour to the page that the server has rendered.
export class HistoryPage {
  private stop = new AbortController()
  private search: HistorySearch | null = null

  constructor(readonly element: HTMLElement) {
    const { signal } = this.stop
    const form = element.querySelector<HTMLFormElement>("#history-form")
    if (form) startForm(form, signal)
    const found = element.querySelector<HTMLElement>("#found")
    if (found) this.search = makeSearch(found, new URLSearchParams(location.search))
    for (const button of element.querySelectorAll<HTMLButtonElement>("[data-delete]")) startDelete(button, signal)
    for (const button of element.querySelectorAll<HTMLButtonElement>("[data-pin]")) startPin(button, signal)
  }

  destroy(): void {
    this.stop.abort()
    this.search?.destroy()
  }
}

// startForm shows times in the reader's time zone and submits them in UTC; empty fields
// stay out of the address.
function startForm(form: HTMLFormElement, signal: AbortSignal): void {
  const timeInputs = [...form.querySelectorAll<HTMLInputElement>("[type=datetime-local]")]
  for (const input of timeInputs) if (input.value) input.value = localMinute(new Date(`${input.value}Z`))
  form.addEventListener("formdata", ({ formData }) => {
    for (const { name, value } of timeInputs) if (value) formData.set(name, `${new Date(value).toISOString().slice(0, 16)}Z`)
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name)
  }, { signal })
  for (const select of form.querySelectorAll("select")) select.addEventListener("change", () => form.requestSubmit(), { signal })
  form.dataset.ready = "1"
}

function localMinute(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}

function makeSearch(host: HTMLElement, asked: URLSearchParams): HistorySearch {
  const q = asked.get("q") ?? ""
  const query: SessionSearch = { q, regex: asked.get("regex") === "1", fold: asked.get("case") !== "1" }
  for (const name of fields) query[name] = asked.get(name) ?? ""
  const [from, to] = [microsOf(asked.get("from")), microsOf(asked.get("to"))]
  if (from !== null) query.from_us = from
  if (to !== null) query.to_us = to
  const sameQuery = new URLSearchParams({ q })
  for (const name of ["regex", "case"]) if (asked.get(name) === "1") sameQuery.set(name, "1")
  const addressOf = (session: string, seq: number) => `/sessions/${encodeURIComponent(session)}?${sameQuery}${seq > 0 ? `&seq=${seq}` : ""}`
  return new HistorySearch(host, query, addressOf, explain)
}

// microsOf parses a time in the page's address, UTC by default, to microseconds since 1970.
function microsOf(text: string | null): number | null {
  if (!text) return null
  const at = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(at) ? null : at * 1000
}

// explain shows an error at the search box.
function explain(message: string): void {
  const input = document.querySelector<HTMLInputElement>("#history-form [name=q]")
  input?.setAttribute("aria-invalid", "true")
  const note = document.getElementById("history-note")
  if (note) note.textContent = message
}

// startPin shows the button in every row; without the script only pinned rows show one.
function startPin(button: HTMLButtonElement, signal: AbortSignal): void {
  button.hidden = false
  button.addEventListener("click", async () => {
    const pinned = button.getAttribute("aria-pressed") !== "true"
    button.disabled = true
    const { error } = await pinSession(button.dataset.pin ?? "", pinned)
    button.disabled = false
    if (error) return explain(error.message)
    const label = say(pinned ? "history.unpin" : "history.pin")
    button.setAttribute("aria-pressed", String(pinned))
    button.setAttribute("aria-label", label)
    button.title = label
  }, { signal })
}

function startDelete(button: HTMLButtonElement, signal: AbortSignal): void {
  const row = button.closest("tr")
  const name = row?.querySelector("a")?.textContent?.trim() ?? ""
  const time = row?.querySelector("time")?.textContent ?? ""
  button.hidden = false
  button.addEventListener("click", async () => {
    const isSure = await confirm(say("history.delete.question", { name, time }), say("history.delete.detail"), say("history.delete"))
    if (!isSure) return
    button.disabled = true
    const { error } = await deleteSession(button.dataset.delete ?? "")
    if (error && error.code !== "session_not_found") {
      button.disabled = false
      return explain(error.message)
    }
    row?.remove()
  }, { signal })
}
