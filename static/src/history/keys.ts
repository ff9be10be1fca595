// The keys of the list: arrows move from row to row, Shift extends the selection.

import type { HistoryList } from "./list"
import type { HistoryRow } from "./row"
import type { Selection } from "./selection"

export interface KeyActions {
  menu(row: HistoryRow): void
  delete(rows: readonly HistoryRow[]): void
}

export function startKeys(list: HistoryList, selection: Selection, actions: KeyActions, signal: AbortSignal): void {
  list.element.addEventListener("keydown", (event) => {
    const item = (event.target as Element).closest<HTMLElement>(".h-row")
    const row = item ? list.row(item.dataset.id ?? "") : null
    if (!row || event.altKey) return
    const handled = press(event, row)
    if (handled) event.preventDefault()
  }, { signal })
  document.addEventListener("keydown", (event) => {
    const isFree = !(event.target as Element).closest("dialog, [popover], input[type=text], input[type=search], details[open]")
    if (event.key === "Escape" && !event.defaultPrevented && isFree && selection.rows.length > 0) selection.clear()
  }, { signal })

  function press(event: KeyboardEvent, row: HistoryRow): boolean {
    const isCommand = event.ctrlKey || event.metaKey
    if (isCommand) {
      if (event.key.toLowerCase() !== "a") return false
      selection.all()
      return true
    }
    switch (event.key) {
      case "ArrowDown": return go(event, row, 1)
      case "ArrowUp": return go(event, row, -1)
      case "Home": return goTo(event, row, list.rows[0])
      case "End": return goTo(event, row, list.rows.at(-1))
      case "x": case "X": selection.toggle(row, !selection.has(row)); return true
      case "Delete": actions.delete(selection.has(row) ? selection.rows : [row]); return true
      case "F10": case "ContextMenu":
        if (event.key === "F10" && !event.shiftKey) return false
        actions.menu(row)
        return true
      default: return false
    }
  }

  function go(event: KeyboardEvent, row: HistoryRow, by: number): boolean {
    const rows = list.rows
    return goTo(event, row, rows[rows.indexOf(row) + by])
  }

  // goTo focuses the same control of another row.
  function goTo(event: KeyboardEvent, from: HistoryRow, to: HistoryRow | undefined): boolean {
    if (!to) return true
    if (event.shiftKey) {
      if (!selection.has(from)) selection.toggle(from, true)
      selection.extend(to)
    }
    const target = event.target === from.box ? to.box : event.target === from.more ? to.more : to.link
    target.focus({ preventScroll: true })
    to.element.scrollIntoView({ block: "nearest" })
    return true
  }
}
