// Which rows are selected, and the bar with the actions on them.

import { count, plural, say } from "../text"
import { element, icon, iconButton, setText } from "../ui"
import type { HistoryList } from "./list"
import type { HistoryRow } from "./row"

export interface BulkActions {
  export(rows: readonly HistoryRow[], button: HTMLElement): void
  pin(rows: readonly HistoryRow[], pinned: boolean): void
  delete(rows: readonly HistoryRow[]): void
}

export class Selection {
  readonly element: HTMLElement
  private chosen = new Set<string>()
  private anchor = ""
  private words = element("b", { class: "number", "data-testid": "bulk-count" })
  private pin: HTMLButtonElement
  private pinName = element("span")

  constructor(private readonly list: HistoryList, actions: BulkActions, canChange: boolean, signal: AbortSignal) {
    const button = (picture: string, name: string, testid: string, run: (button: HTMLButtonElement) => void): HTMLButtonElement => {
      const made = element("button", { type: "button", class: "button ghost", "data-testid": testid }, icon(picture), name)
      made.addEventListener("click", () => run(made), { signal })
      return made
    }
    const close = iconButton("x", say("history.unselect"), { "data-testid": "bulk-clear" })
    close.addEventListener("click", () => this.clear(), { signal })
    this.pin = button("pin", "", "bulk-pin", () => actions.pin(this.rows, !this.arePinned))
    this.pin.append(this.pinName)
    const remove = button("trash-2", say("history.delete"), "bulk-delete", () => actions.delete(this.rows))
    remove.classList.add("danger")
    this.element = element("div", { class: "bulk", role: "toolbar", "aria-label": say("history.bulk"), "data-testid": "bulk", hidden: true },
      this.words, button("download", say("history.export"), "bulk-export", (made) => actions.export(this.rows, made)),
      ...(canChange ? [this.pin, remove] : []), element("hr"), close)
    list.element.addEventListener("click", (event) => this.press(event), { signal, capture: true })
    list.element.addEventListener("change", (event) => {
      const row = this.rowOf(event.target)
      if (row && event.target === row.box) this.toggle(row, row.box.checked)
    }, { signal })
  }

  // rows are the selected ones that are shown.
  get rows(): HistoryRow[] {
    return this.list.rows.filter(({ id }) => this.chosen.has(id))
  }

  private get arePinned(): boolean {
    return this.rows.every((row) => row.isPinned)
  }

  toggle(row: HistoryRow, on: boolean): void {
    this.anchor = row.id
    if (on) this.chosen.add(row.id)
    else this.chosen.delete(row.id)
    this.update()
  }

  has(row: HistoryRow): boolean {
    return this.chosen.has(row.id)
  }

  // extend selects all rows from the last one that was chosen to this one.
  extend(row: HistoryRow): void {
    const rows = this.list.rows
    const [from, to] = [rows.findIndex(({ id }) => id === this.anchor), rows.indexOf(row)]
    if (from < 0) return this.toggle(row, true)
    for (const each of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) this.chosen.add(each.id)
    this.update()
  }

  all(): void {
    for (const row of this.list.rows) this.chosen.add(row.id)
    this.update()
  }

  clear(): void {
    const back = this.element.contains(document.activeElement) ? this.rows[0] : null
    this.chosen.clear()
    this.anchor = ""
    this.update()
    back?.box.focus()
  }

  // update draws the bar and the rows after a change of either.
  update(): void {
    const { rows } = this
    this.chosen = new Set(rows.map(({ id }) => id))
    for (const row of this.list.rows) row.select(this.chosen.has(row.id))
    this.element.hidden = rows.length === 0
    if (rows.length === 0) return
    setText(this.words, plural("history.selected", rows.length, { count: count(rows.length) }))
    setText(this.pinName, say(this.arePinned ? "history.unpin" : "history.pin"))
    this.pin.disabled = !rows.some((row) => row.mayManage)
  }

  // press selects a range instead of opening the row.
  private press(event: MouseEvent): void {
    const row = this.rowOf(event.target)
    if (!row || !event.shiftKey || (event.target as Element).closest("button, .h-hit a")) return
    event.preventDefault()
    event.stopPropagation()
    getSelection()?.removeAllRanges()
    this.extend(row)
    // A box is drawn by the browser after a click that was taken back.
    queueMicrotask(() => requestAnimationFrame(() => this.update()))
  }

  private rowOf(target: EventTarget | null): HistoryRow | null {
    const item = (target as Element | null)?.closest?.<HTMLElement>(".h-row")
    return item ? this.list.row(item.dataset.id ?? "") : null
  }
}
