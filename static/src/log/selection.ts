// Moves the active row and opens messages.

import type { Row } from "../wire"
import type { RowList } from "./list"

// Selection changes which rows of a list are active and open. open is called with the
// message to show in detail, null to close it.
export class Selection {
  private pending = 0 // seq to open once its row has arrived
  private endSeq = 0 // seq that the End key moved to: opening it keeps the list following
  private isWaiting = false // for the next match of a running search

  constructor(private readonly list: RowList, private readonly open: (row: Row | null) => void) {}

  reset(): void {
    this.list.active = this.list.open = this.pending = 0
  }

  // select opens a message as soon as its row has arrived; 0 marks none as open.
  select(seq: number): void {
    this.list.open = this.pending = seq
    if (seq === 0) return this.list.rows.resume()
    this.reveal(seq)
    this.list.rows.refresh()
  }

  // jumpTo brings a message into view and opens it as soon as its row has arrived.
  jumpTo(seq: number): void {
    this.pending = seq
    this.reveal(seq)
    this.list.rows.following = false
    this.list.rows.refresh()
  }

  // reveal makes a row active and brings it to the middle.
  reveal(seq: number): void {
    this.list.active = seq
    this.list.rows.reveal(this.list.source.place(seq), "middle")
  }

  activate(seq: number): void {
    this.list.active = seq
    this.list.rows.refresh()
  }

  // step moves to the next or previous match and wraps around. While the search runs its
  // last match is unknown, so a step past the newest one waits for the next.
  step(by: 1 | -1): void {
    const { source, active, rows } = this.list
    const at = source.place(active)
    const isMatch = source.seq(at) === active
    const next = active === 0 ? (by === 1 ? 0 : source.count - 1) : isMatch ? at + by : by === 1 ? at : at - 1
    this.isWaiting = by === 1 && next >= source.count && !source.complete
    if (this.isWaiting) return
    this.moveTo((next + source.count) % Math.max(1, source.count))
    if (!source.complete) rows.following = false // new matches must not push it out of view
  }

  // stepIfWaiting continues a step that waits for the next match.
  stepIfWaiting(): void {
    if (this.isWaiting) this.step(1)
  }

  stopWaiting(): void {
    this.isWaiting = false
  }

  // moveByKey makes another row active and reports whether the key moves.
  moveByKey(key: string): boolean {
    const place = this.placeByKey(key)
    if (place === null) return false
    this.endSeq = key === "End" ? this.list.source.seq(place) : 0
    this.moveTo(place)
    return true
  }

  // openActive opens the active row, or the last visible one.
  openActive(): void {
    const { active, source, rows } = this.list
    this.openPlace(active > 0 ? source.place(active) : Math.min(rows.last, source.count - 1))
  }

  openPlace(place: number): void {
    const row = this.list.source.row(place)
    if (!row) return
    this.isWaiting = false
    this.endSeq = 0
    this.list.active = row.seq
    this.show(row)
  }

  // openSeq opens a message where it is; one that has not been fetched as soon as it comes.
  openSeq(seq: number): void {
    const { list } = this
    const place = list.source.place(seq)
    if (list.source.row(place)?.seq === seq) return this.openPlace(place)
    this.isWaiting = false
    this.endSeq = 0
    list.active = list.open = this.pending = seq
    list.rows.following = false
    list.rows.refresh()
  }

  close(): void {
    this.list.open = this.pending = 0
    this.open(null)
    this.list.rows.resume()
  }

  // openPending opens the pending message if its row has arrived.
  openPending(): void {
    if (this.pending === 0) return
    const { list } = this
    const place = list.source.place(this.pending)
    const row = list.source.row(place)
    if (row?.seq !== this.pending) return
    queueMicrotask(() => {
      if (row.seq !== this.pending) return
      if (!list.isOnScreen(place)) list.rows.reveal(place, "middle")
      this.show(row)
    })
  }

  private placeByKey(key: string): number | null {
    const { source, active, rows } = this.list
    const last = source.count - 1
    const at = active === 0 ? Math.min(rows.last, last) : source.place(active)
    switch (key) {
      case "ArrowUp": return active === 0 ? at : at - 1
      case "ArrowDown": return active === 0 ? at : at + 1
      case "PageUp": return at - rows.page
      case "PageDown": return at + rows.page
      case "Home": return 0
      case "End": return last
      default: return null
    }
  }

  // moveTo makes a row active, which may not have been fetched yet. While a message is
  // open, it opens the row too.
  private moveTo(wanted: number): void {
    const { source, rows } = this.list
    const place = Math.max(0, Math.min(wanted, source.count - 1))
    this.isWaiting = false
    this.list.active = source.seq(place)
    this.pending = this.list.open > 0 ? this.list.active : 0
    rows.reveal(place)
    if (place < source.count - 1) rows.following = false // the active row stays in view
    rows.refresh()
    // Behind a message of full width the list is hidden and draws nothing.
    if (source.row(place)) this.openPending()
    else source.want(place, place)
  }

  private show(row: Row): void {
    const { list } = this
    list.open = row.seq
    this.pending = 0
    if (row.seq !== this.endSeq) list.rows.following = false // the open row stays in view
    list.rows.refresh()
    this.open(row)
    // In a narrow window the detail takes its room from the list.
    requestAnimationFrame(() => {
      if (list.open !== row.seq) return
      list.rows.refresh()
      const place = list.source.place(row.seq)
      if (!list.isOnScreen(place)) list.rows.reveal(place)
    })
  }
}
