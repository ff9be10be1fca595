// Which gaps between rows are slow, by the median of those that the page has seen.

import type { Row } from "../wire"

const least = 30_000 // µs that a slow gap is longer than the median
const enough = 8 // gaps, before any is called slow
const lookBack = 200 // rows that are searched for earlier text of the turn

// Pace counts gaps between received messages in steps of about 3 %, so that the median costs
// the same for ten rows and a million.
export class Pace {
  private steps = new Map<number, number>()
  private total = 0
  private counted = new Set<number>() // pages of rows by their first seq, so that none counts twice
  private newest: Row | null = null
  private median = -1 // µs; -1 must be computed

  // add takes rows that arrive, in order.
  add(rows: readonly Row[]): void {
    const last = rows.at(-1)
    if (!last) return
    this.count(this.newest ? [this.newest, ...rows] : rows)
    this.newest = last
  }

  // addPage takes rows that were fetched.
  addPage(rows: readonly Row[]): void {
    const first = rows[0]?.seq ?? 0
    if (first === 0 || this.counted.has(first)) return
    this.counted.add(first)
    this.count(rows)
  }

  // isSlow reports whether a gap is over twice the median and at least 30 ms more.
  isSlow(us: number): boolean {
    if (this.total < enough) return false
    if (this.median < 0) this.median = this.middle()
    return us > 2 * this.median && us >= this.median + least
  }

  private count(rows: readonly Row[]): void {
    for (let i = 1; i < rows.length; i++) {
      const [before, row] = [rows[i - 1], rows[i]]
      if (before?.direction !== "received" || row?.direction !== "received" || row.seq !== before.seq + 1) continue
      const step = stepOf(row.atUS - before.atUS)
      this.steps.set(step, (this.steps.get(step) ?? 0) + 1)
      this.total++
      this.median = -1
    }
  }

  private middle(): number {
    let left = this.total / 2
    for (const [step, n] of [...this.steps].sort(([a], [b]) => a - b)) {
      left -= n
      if (left <= 0) return Math.expm1(step / 32)
    }
    return 0
  }
}

function stepOf(us: number): number {
  return Math.round(Math.log1p(Math.max(0, us)) * 32)
}

// isMeasured reports whether the gap before a row tells about the pace: both messages were
// received, and it is not the wait for the first text of an answer. rowAt returns the row so
// many places before.
export function isMeasured(row: Row, rowAt: (back: number) => Row | undefined): boolean {
  if (row.direction !== "received" || rowAt(1)?.direction !== "received") return false
  if (row.joins === "" && row.sound === null) return true
  for (let back = 1; back <= lookBack; back++) {
    const before = rowAt(back)
    if (!before || before.direction === "sent") return false
    if (before.joins !== "" || before.sound !== null) return true
  }
  return true
}
