// The rows of the history, by the day on which each session was opened.

import { count, day, dayInFull, plural, say } from "../text"
import { element, setText } from "../ui"
import type { Days } from "../wire"
import { HistoryRow } from "./row"

// HistoryList holds the rows that are shown, newest first.
export class HistoryList {
  private groups: Group[] = []
  private byId = new Map<string, HistoryRow>()
  private days: Days = { days: [], sessions: 0 }
  private isSearch = false

  constructor(readonly element: HTMLElement) {
    for (const section of element.querySelectorAll<HTMLElement>(".history-day")) {
      const group = new Group(section)
      for (const item of section.querySelectorAll<HTMLLIElement>(".h-row")) this.keep(group, new HistoryRow(item))
      this.groups.push(group)
    }
  }

  // rows are those on the page, from the top.
  get rows(): HistoryRow[] {
    return [...this.byId.values()].filter((row) => !row.element.hidden)
  }

  row(id: string): HistoryRow | null {
    return this.byId.get(id) ?? null
  }

  // begin empties the list. A search shows how many sessions of a day match.
  begin(isSearch: boolean): void {
    this.isSearch = isSearch
    this.groups = []
    this.byId.clear()
    this.element.replaceChildren()
  }

  // setDays takes the number of sessions of each day.
  setDays(days: Days): void {
    this.days = days
    for (const group of this.groups) this.describe(group)
  }

  // add appends a row, which is older than those before.
  add(row: HistoryRow): void {
    let group = this.groups.find((known) => row.openedUS >= known.fromUS && row.openedUS < known.toUS)
    if (!group) {
      group = new Group(makeDay(row.openedUS))
      this.groups.push(group)
      this.element.append(group.element)
    }
    group.list.append(row.element)
    this.keep(group, row)
    this.describe(group)
  }

  // hide takes rows from the page, or brings them back.
  hide(ids: readonly string[], hidden: boolean): void {
    for (const id of ids) {
      const row = this.byId.get(id)
      if (row) row.element.hidden = hidden
    }
    for (const group of this.groups) group.element.hidden = group.rows.every((row) => row.element.hidden)
  }

  // remove forgets rows.
  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.byId.get(id)?.element.remove()
      this.byId.delete(id)
    }
    for (const group of this.groups) group.rows = group.rows.filter(({ id }) => this.byId.has(id))
    for (const group of this.groups) if (group.rows.length === 0) group.element.remove()
    this.groups = this.groups.filter((group) => group.rows.length > 0)
  }

  private keep(group: Group, row: HistoryRow): void {
    group.rows.push(row)
    this.byId.set(row.id, row)
  }

  private describe(group: Group): void {
    const all = this.days.days.find((known) => known.fromUS === group.fromUS)?.sessions ?? 0
    if (all === 0) return
    const shown = group.rows.length
    const words = this.isSearch ? plural("history.match", Math.max(all, shown), { shown: count(shown), count: count(Math.max(all, shown)) }) : plural("history.count", all, { count: count(all) })
    const full = dayInFull(group.fromUS)
    setText(group.about, full ? full + say("time.comma") + words : words)
  }
}

// Group is a day.
class Group {
  rows: HistoryRow[] = []

  constructor(readonly element: HTMLElement) {}

  get fromUS(): number { return Number(this.element.dataset.from) }
  get toUS(): number { return Number(this.element.dataset.to) }
  get list(): HTMLElement { return this.element.querySelector(".hist") as HTMLElement }
  get about(): HTMLElement { return this.element.querySelector(".day .quiet") as HTMLElement }
}

function makeDay(us: number): HTMLElement {
  const at = new Date(us / 1000)
  const midnight = (after: number) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + after).getTime() * 1000
  return element("section", { class: "history-day", "data-from": midnight(0), "data-to": midnight(1) },
    element("h2", { class: "day" }, day(us), " ", element("span", { class: "quiet number" }, dayInFull(us))),
    element("ol", { class: "hist" }))
}
