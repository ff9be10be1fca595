// Deletes sessions after a question. The server waits ten seconds, also when the page is
// closed; until then Undo drops the deletion.

import { count, plural, say } from "../text"
import { confirm, element, toast } from "../ui"
import { planDeletion, undoDeletion } from "../wire"
import type { HistoryList } from "./list"
import type { HistoryRow } from "./row"

const undoTime = 9500 // ms; a little less than the server waits
const key = "duplex.deletion" // in sessionStorage, so that a reload keeps Undo

interface Planned {
  id: string
  sessions: string[]
  until: number // ms since 1970
}

export class Deletion {
  private timer = 0
  private planned: Planned | null = null
  private shown = new AbortController() // Undo is shown

  constructor(private readonly list: HistoryList, private readonly explain: (message: string) => void, private readonly changed: () => void) {}

  // resume shows Undo for a deletion that was planned before a reload.
  resume(): void {
    const kept = readPlanned()
    if (kept && kept.until > Date.now()) this.wait(kept)
  }

  // apply hides rows that will be deleted, after the list was drawn anew.
  apply(): void {
    if (this.planned) this.list.hide(this.planned.sessions, true)
  }

  // ask plans the deletion of those rows that can be deleted, after a question that names
  // the others.
  async ask(rows: readonly HistoryRow[]): Promise<void> {
    const open = rows.filter((row) => row.isOpen)
    const others = rows.filter((row) => !row.isOpen && !row.mayManage)
    const pinned = rows.filter((row) => !row.isOpen && row.mayManage && row.isPinned)
    const rest = rows.filter((row) => !row.isOpen && row.mayManage && !row.isPinned)
    const kept = [stay("history.delete.pinned", pinned), stay("history.delete.open", open), stay("history.delete.others", others)].filter(Boolean)
    if (rest.length === 0) return this.explain([say("history.delete.none"), ...kept].join(" "))
    const question = plural("history.delete.question", rest.length, { count: count(rest.length) })
    if (!(await confirm(question, [plural("history.delete.detail", rest.length), ...kept].join("\n"), say("history.delete")))) return
    this.finish()
    const { ok, error } = await planDeletion(rest.map(({ id }) => id))
    if (error) return this.explain(error.message)
    const left = ok.leftOut.flatMap(({ id }) => this.list.row(id) ?? [])
    if (left.length > 0) this.explain(left.map((row) => row.name).join(", ")) // changed since the list was drawn
    if (ok.id) this.wait({ id: ok.id, sessions: ok.sessions, until: Date.now() + undoTime })
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.shown.abort()
  }

  private wait(planned: Planned): void {
    this.planned = planned
    sessionStorage.setItem(key, JSON.stringify(planned))
    this.list.hide(planned.sessions, true)
    this.changed()
    const n = planned.sessions.length
    this.shown = new AbortController()
    show(plural("history.deleting", n, { count: count(n) }), () => void this.undo(), this.shown.signal)
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.finish(), planned.until - Date.now())
  }

  private async undo(): Promise<void> {
    const planned = this.forget()
    if (!planned) return
    const { error } = await undoDeletion(planned.id)
    if (error) {
      this.list.remove(planned.sessions)
      return this.explain(error.code === "not_found" ? say("history.undo.late") : error.message)
    }
    this.list.hide(planned.sessions, false)
    this.changed()
    toast(say("history.undone"))
  }

  // finish ends the time for Undo.
  private finish(): void {
    const planned = this.forget()
    if (!planned) return
    this.list.remove(planned.sessions)
    this.changed()
  }

  private forget(): Planned | null {
    const { planned } = this
    this.planned = null
    clearTimeout(this.timer)
    sessionStorage.removeItem(key)
    this.shown.abort()
    return planned
  }
}

function stay(sentence: string, rows: readonly HistoryRow[]): string {
  if (rows.length === 0) return ""
  const short = (name: string) => (name.length > 40 ? `${name.slice(0, 39)}…` : name)
  const names = rows.slice(0, 5).map((row) => `${short(row.name)} ${row.time}`)
  if (rows.length > 5) names.push("…")
  return say(sentence, { names: names.join(", ") })
}

// show puts a sentence with Undo above the place of toasts, until signal aborts: a toast
// goes sooner, and would take it along.
function show(sentence: string, undo: () => void, signal: AbortSignal): void {
  const button = element("button", { type: "button", class: "toast-action", "data-testid": "undo" }, say("history.undo"))
  const bar = element("div", { class: "toast undo-bar", role: "status", "data-testid": "undo-bar" }, sentence, button)
  button.addEventListener("click", undo, { signal })
  document.body.append(bar)
  signal.addEventListener("abort", () => bar.remove(), { once: true })
}

function readPlanned(): Planned | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Partial<Planned> | null
    return kept && typeof kept.id === "string" && Array.isArray(kept.sessions) && typeof kept.until === "number" ? (kept as Planned) : null
  } catch {
    return null
  }
}
