// The matches of a filter or search. The server searches from the oldest message on and
// answers within 200 ms, so a match shows at once even when matches are rare.

import { maxRows, searchBudget, type Row } from "../wire"
import { pageRows, RowCache } from "./cache"
import { missing, Pages, type Watcher } from "./pages"
import { maxPages, type Fetch, type Query, type Source } from "./source"

const pollPause = 250 // ms between two searches of newly arrived messages

// FoundLog is the list of matching rows. It keeps the seq of every match, also of rows
// that the cache has dropped.
export class FoundLog implements Source {
  private cache = new RowCache(maxPages)
  private seqs: number[] = []
  private budget = searchBudget.usual // ms
  skipped: number[] = [] // seqs of messages left out because searching them takes too long
  private searchedTo: number // all messages up to this seq were searched
  private isSearching = false
  private isStopped = false
  private abort = new AbortController()
  private pages: Pages

  constructor(
    private readonly fetch: Fetch,
    private readonly watcher: Watcher,
    private readonly query: Query,
    private last: number,
    private readonly base = 0,
  ) {
    this.searchedTo = base
    this.pages = new Pages(watcher, (page) => this.refill(page))
    void this.search()
  }

  get count(): number {
    return this.seqs.length
  }

  get complete(): boolean {
    return this.searchedTo >= this.last
  }

  // searched and total are the progress of the search, in messages.
  get searched(): number {
    return Math.max(0, Math.min(this.searchedTo, this.last) - this.base)
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

  keep(first: number, last: number): void {
    this.cache.pin(first, last)
  }

  want(first: number, last: number): void {
    this.cache.keepPages(first, last)
    this.pages.want(missing(this.cache, first, Math.min(last, this.count - 1)))
  }

  append(rows: Row[], lastSeq: number): void {
    const next = rows[0]?.seq ?? 0
    if (!this.query.q && !this.isSearching && this.searchedTo >= next - 1) this.filter(rows)
    this.last = Math.max(this.last, lastSeq, rows.at(-1)?.seq ?? 0)
    void this.search()
  }

  // stop also aborts the request in progress, so that the server stops searching.
  stop(): void {
    this.isStopped = true
    this.pages.stop()
    this.abort.abort()
  }

  // A filter alone is applied here to rows that arrive.
  private filter(rows: Row[]): void {
    const { direction, opcode, event, label } = this.query
    const fits = (row: Row): boolean => (!direction || row.direction === direction) && (!opcode || row.opcode === opcode) && (!event || row.event === event) &&
      (!label || (row.direction !== "event" && label.includes(row.label)))
    this.addRows(rows.filter((row) => row.seq > this.searchedTo && fits(row)))
    this.searchedTo = Math.max(this.searchedTo, rows.at(-1)?.seq ?? 0)
  }

  private async search(): Promise<void> {
    if (this.isSearching) return
    this.isSearching = true
    try {
      while (!this.isStopped && !this.complete) {
        const { last, searchedTo } = this
        await this.searchNext()
        const isCaughtUp = this.searchedTo >= last || (this.searchedTo === searchedTo && this.budget === searchBudget.usual)
        if (isCaughtUp && !this.complete) await pause(pollPause)
      }
    } catch (error) {
      this.searchedTo = this.last
      if (!this.isStopped) this.watcher.failed(error)
    }
    this.isSearching = false
  }

  private async searchNext(): Promise<void> {
    const { rows, next, slow, skipped } = await this.fetch({ ...this.query, after: this.searchedTo, limit: maxRows, budget_ms: this.budget }, this.abort.signal)
    if (this.isStopped) return
    this.budget = slow ? searchBudget.slow : searchBudget.usual
    if (skipped) this.skipped.push(skipped)
    this.addRows(rows)
    this.searchedTo = Math.max(this.searchedTo, next)
    this.watcher.changed()
  }

  private addRows(rows: Row[]): void {
    for (const row of rows) this.cache.putRow(this.seqs.push(row.seq) - 1, row)
  }

  // refill fetches a page of matches that the cache has dropped.
  private async refill(page: number): Promise<void> {
    const wanted = this.seqs.slice(page * pageRows, (page + 1) * pageRows)
    const last = wanted.at(-1) ?? 0
    for (let after = (wanted[0] ?? 1) - 1; after < last; ) {
      const { rows, next } = await this.fetch({ ...this.query, after, before: last + 1, limit: pageRows }, this.abort.signal)
      for (const row of rows) this.cache.putRow(this.place(row.seq), row)
      if (next <= after) return
      after = next
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
