// Where the list gets its rows: the whole log here, what a filter or search found in
// found.ts. Both hold a bounded window of rows and fetch what is missing around the
// place on screen.

import type { Row, RowPage } from "../wire"
import { pageRows, RowCache } from "./cache"
import { missing, Pages, type Watcher } from "./pages"

export interface Query {
  direction?: string
  opcode?: string
  event?: string
  q?: string
  regex?: boolean
  fold?: boolean
}

export interface Ask extends Query {
  after?: number
  before?: number
  limit: number
  budget_ms?: number
}

export type Fetch = (ask: Ask, signal: AbortSignal) => Promise<Pick<RowPage, "rows" | "next"> & Partial<Pick<RowPage, "slow" | "skipped">>>

// Source is a list of rows. Places count from 0; a row that is not held yet is undefined.
export interface Source {
  readonly count: number
  // complete is false while a search has not come to the end of the log.
  readonly complete: boolean
  row(place: number): Row | undefined
  // place is where a message stands, or would stand: the first with that seq or a later one.
  place(seq: number): number
  // seq is that of the row at a place, held or not; 0 beyond the list.
  seq(place: number): number
  // want fetches what is missing in a range; changed() is told when it came.
  want(first: number, last: number): void
  // append takes rows as they pass, and the newest seq of the session.
  append(rows: Row[], lastSeq: number): void
  stop(): void
}

export const mostPages = 100 // 20,000 rows

// When rows come later than the news of them by no more than this, they are waited
// for: the viewer's socket will bring them.
const lag = 2000

// WholeLog is every message after base, which is what "clear" moves.
export class WholeLog implements Source {
  readonly complete = true
  private cache = new RowCache(mostPages)
  private pages: Pages
  private gone = new AbortController()
  private arrived: number

  constructor(fetch: Fetch, watcher: Watcher, private last: number, private readonly base = 0) {
    this.arrived = last
    this.pages = new Pages(watcher, async (page) => {
      const after = this.base + page * pageRows
      const { rows } = await fetch({ after, before: after + pageRows + 1, limit: pageRows }, this.gone.signal)
      this.hold(rows)
    })
  }

  get count(): number {
    const newest = this.last - this.arrived > lag ? this.last : this.arrived
    return Math.max(0, newest - this.base)
  }

  row(place: number): Row | undefined {
    return this.cache.get(place)
  }

  place(seq: number): number {
    return Math.max(0, seq - this.base - 1)
  }

  seq(place: number): number {
    return place < this.count ? this.base + place + 1 : 0
  }

  want(first: number, last: number): void {
    this.cache.keep(first, last)
    this.pages.want(missing(this.cache, first, Math.min(last, this.count - 1)))
  }

  append(rows: Row[], lastSeq: number): void {
    this.hold(rows)
    this.arrived = Math.max(this.arrived, rows.at(-1)?.seq ?? 0)
    this.last = Math.max(this.last, lastSeq, this.arrived)
  }

  // hold keeps rows that were fetched for a place that is gone to.
  hold(rows: Row[]): void {
    for (const row of rows) if (row.seq > this.base) this.cache.put(row.seq - this.base - 1, row)
  }

  stop(): void {
    this.pages.stop()
    this.gone.abort()
  }
}
