// The rows on screen: draws a window of a source and fetches the rows it lacks.

import { say } from "../text"
import { element, Rows } from "../ui"
import type { Row } from "../wire"
import { isMeasured, type Pace } from "./pace"
import { RowView } from "./row"
import { WholeLog, type Source } from "./source"
import type { Unconfirmed } from "./unconfirmed"

const rowHeight = 24
const fetchPause = 60 // ms that a gap stays on screen before it is fetched
const fetchMargin = 50 // rows fetched before and after the visible ones
const maxLookBack = 2000 // rows searched for the last sent one

// RowList draws a source, and below it the messages that have no row yet. It marks the
// active row, which the keys act on, and the open one.
export class RowList {
  readonly element = element("div", { class: "log-list", role: "grid", tabindex: 0, "aria-label": say("log.label"), "aria-keyshortcuts": "C S L F Shift+F10" })
  readonly rows: Rows
  active = 0 // seq; 0 = none
  open = 0 // seq; 0 = none
  private views = new Map<HTMLElement, RowView>()
  private unconfirmed: readonly Unconfirmed[] = []
  private isSinceSent = false
  private fetchTimer = 0

  constructor(private readonly me: string, public pace: Pace, private current: Source, private readonly drawn: () => void) {
    this.rows = new Rows(this.element, {
      rowHeight,
      follow: true,
      make: () => this.makeRow(),
      fill: (made, place) => this.updateRow(made, place),
      drawn: () => this.afterDraw(),
    })
  }

  get source(): Source {
    return this.current
  }

  // length is the number of rows to draw. The matches of a filter or search do not
  // include unconfirmed messages.
  get length(): number {
    return this.source.count + (this.source instanceof WholeLog ? this.unconfirmed.length : 0)
  }

  replace(source: Source): void {
    this.current = source
    this.rows.resize(this.length)
  }

  // setUnconfirmed sets the unconfirmed messages, to be drawn by the next resize, and
  // reports whether there is a change.
  setUnconfirmed(messages: readonly Unconfirmed[]): boolean {
    if (messages.length === 0 && this.unconfirmed.length === 0) return false
    this.unconfirmed = messages
    return true
  }

  // isMeasuredSinceSent reports the reference of the gaps.
  get isMeasuredSinceSent(): boolean {
    return this.isSinceSent
  }

  // measureSinceSent shows times since the last sent message, or since the previous row.
  measureSinceSent(on: boolean): void {
    this.isSinceSent = on
    this.rows.refresh()
  }

  // rowBySeq returns the row with a seq, or the next one; undefined if not fetched.
  rowBySeq(seq: number): Row | undefined {
    return seq > 0 ? this.source.row(this.source.place(seq)) : undefined
  }

  isOnScreen(place: number): boolean {
    return place >= this.rows.first && place <= this.rows.last
  }

  newestOnScreen(): number {
    for (let at = this.rows.last; at >= this.rows.first; at--) {
      const row = this.source.row(at)
      if (row) return row.seq
    }
    return 0
  }

  destroy(): void {
    this.source.stop()
    this.rows.destroy()
    window.clearTimeout(this.fetchTimer)
  }

  private makeRow(): HTMLElement {
    const view = new RowView(this.me)
    this.views.set(view.element, view)
    return view.element
  }

  private updateRow(made: HTMLElement, place: number): void {
    const unconfirmed = this.unconfirmed[place - this.source.count]
    const row = unconfirmed ? undefined : this.source.row(place)
    const isActive = row !== undefined && row.seq === this.active
    const sinceUS = row ? this.timeSince(row, place) : null
    const isSlow = row !== undefined && sinceUS !== null && !this.isSinceSent && this.pace.isSlow(sinceUS) && isMeasured(row, (back) => this.source.row(place - back))
    this.views.get(made)?.update({ place, row, unconfirmed, sinceUS, isSlow, isActive, isOpen: row !== undefined && row.seq === this.open })
    if (isActive) this.element.setAttribute("aria-activedescendant", made.id)
  }

  private timeSince(row: Row, place: number): number | null {
    const before = this.isSinceSent ? this.lastSentBefore(place) : this.source.row(place - 1)
    return before ? row.atUS - before.atUS : null
  }

  private lastSentBefore(place: number): Row | undefined {
    for (let at = place - 1; at >= 0 && at > place - maxLookBack; at--) {
      const row = this.source.row(at)
      if (!row || row.direction === "sent") return row
    }
    return undefined
  }

  private afterDraw(): void {
    const { element, rows, source, active } = this
    source.keep(rows.first, rows.last)
    element.setAttribute("aria-rowcount", String(rows.length))
    if (rows.elementOf(source.place(active))?.dataset.seq !== String(active)) element.removeAttribute("aria-activedescendant")
    this.drawn()
    if (this.hasGap()) this.fetchTimer ||= window.setTimeout(() => this.fetchGap(), fetchPause)
  }

  private hasGap(): boolean {
    const last = Math.min(this.rows.last, this.source.count - 1)
    for (let at = this.rows.first; at <= last; at++) if (!this.source.row(at)) return true
    return false
  }

  private fetchGap(): void {
    this.fetchTimer = 0
    if (this.hasGap()) this.source.want(this.rows.first - fetchMargin, this.rows.last + fetchMargin)
  }
}
