// The matches of a filter or search. The server searches from the oldest message on and
// answers within 200 ms, so a match shows at once even when matches are rare.

import type { Row } from "../wire"
import { pageRows, RowCache } from "./cache"
import { missing, Pages, type Watcher } from "./pages"
import { maxPages, type Fetch, type Query, type Source } from "./source"

const found = 1000
const answerWithin = 200
const atMost = 10_000
const breath = 250 // ms between two searches of newly arrived messages

// FoundLog is the list of matching rows. It keeps the seq of every match, also of rows
// that the cache has dropped.
export class FoundLog implements Source {
  private cache = new RowCache(maxPages)
  private seqs: number[] = []
  private allowed = answerWithin
  skipped: number[] = [] // seqs of messages left out because searching them takes too long
  private upTo: number // all messages up to this seq were searched
  private busy = false
  private stopped = false
  private gone = new AbortController()
  private pages: Pages

  constructor(
    private readonly fetch: Fetch,
    private readonly watcher: Watcher,
    private readonly query: Query,
    private last: number,
    private readonly base = 0,
  ) {
    this.upTo = base
    this.pages = new Pages(watcher, (page) => this.refill(page))
    void this.search()
  }

  get count(): number {
    return this.seqs.length
  }

  get complete(): boolean {
    return this.upTo >= this.last
  }

  // searched and total are the progress of the search, in messages.
  get searched(): number {
    return Math.max(0, Math.min(this.upTo, this.last) - this.base)
  }

  get total(): number {
    return Math.max(0, this.last - this.base)
  }

  row(place: number): Row | undefined {
    return this.cache.get(place)
  }

  place(seq: number): number {
    let low = 0
    let high = this.seqs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.seqs[middle] ?? 0) < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  seq(place: number): number {
    return this.seqs[place] ?? 0
  }

  want(first: number, last: number): void {
    this.cache.keep(first, last)
    this.pages.want(missing(this.cache, first, Math.min(last, this.count - 1)))
  }

  append(rows: Row[], lastSeq: number): void {
    const next = rows[0]?.seq ?? 0
    if (!this.query.q && !this.busy && this.upTo >= next - 1) this.take(rows)
    this.last = Math.max(this.last, lastSeq, rows.at(-1)?.seq ?? 0)
    void this.search()
  }

  // stop also aborts the request in progress, so that the server stops searching.
  stop(): void {
    this.stopped = true
    this.pages.stop()
    this.gone.abort()
  }

  // A filter alone is applied here to rows that arrive.
  private take(rows: Row[]): void {
    const { direction, opcode, event } = this.query
    this.add(rows.filter((row) => row.seq > this.upTo && (!direction || row.direction === direction) && (!opcode || row.opcode === opcode) && (!event || row.event === event)))
    this.upTo = Math.max(this.upTo, rows.at(-1)?.seq ?? 0)
  }

  private async search(): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      while (!this.stopped && !this.complete) {
        const { last, upTo } = this
        await this.step()
        const caughtUp = this.upTo >= last || (this.upTo === upTo && this.allowed === answerWithin)
        if (caughtUp && !this.complete) await pause(breath)
      }
    } catch (error) {
      this.upTo = this.last
      if (!this.stopped) this.watcher.failed(error)
    }
    this.busy = false
  }

  private async step(): Promise<void> {
    const { rows, next, slow, skipped } = await this.fetch({ ...this.query, after: this.upTo, limit: found, budget_ms: this.allowed }, this.gone.signal)
    if (this.stopped) return
    this.allowed = slow ? atMost : answerWithin
    if (skipped) this.skipped.push(skipped)
    this.add(rows)
    this.upTo = Math.max(this.upTo, next)
    this.watcher.changed()
  }

  private add(rows: Row[]): void {
    for (const row of rows) this.cache.put(this.seqs.push(row.seq) - 1, row)
  }

  // refill fetches a page of matches that the cache has dropped.
  private async refill(page: number): Promise<void> {
    const wanted = this.seqs.slice(page * pageRows, (page + 1) * pageRows)
    const last = wanted.at(-1) ?? 0
    for (let after = (wanted[0] ?? 1) - 1; after < last; ) {
      const { rows, next } = await this.fetch({ ...this.query, after, before: last + 1, limit: pageRows }, this.gone.signal)
      for (const row of rows) this.cache.put(this.place(row.seq), row)
      if (next <= after) return
      after = next
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
