// The rows of the list: the whole log here, the matches of a filter or search in
// found.ts. Both hold a bounded window of rows and fetch missing rows near the view.

import type { Row, RowPage } from "../wire"
import { pageRows, RowCache } from "./cache"
import { missing, Pages, type Watcher } from "./pages"

export interface Query {
  direction?: string
  opcode?: string
  event?: string
  label?: string[] // one of them
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

// Source is a list of rows by index, from 0; a row not yet fetched is undefined.
export interface Source {
  readonly count: number
  // complete is false until a search has reached the end of the log.
  readonly complete: boolean
  row(place: number): Row | undefined
  // place returns the index of the first row with that seq or a later one.
  place(seq: number): number
  // seq returns the seq at an index, fetched or not; 0 beyond the list.
  seq(place: number): number
  // keep holds the rows of a range, which are on screen.
  keep(first: number, last: number): void
  // want fetches the missing rows of a range and then calls changed.
  want(first: number, last: number): void
  // append adds arriving rows, and sets the newest seq of the session.
  append(rows: Row[], lastSeq: number): void
  stop(): void
}

export const maxPages = 100 // 20,000 rows

// While the newest rows lag behind the newest seq by at most this, they are not fetched:
// the viewer's socket delivers them.
const lag = 2000

// WholeLog is every message after base; "clear" raises base.
export class WholeLog implements Source {
  readonly complete = true
  private cache = new RowCache(maxPages)
  private pages: Pages
  private abort = new AbortController()
  private arrived: number

  constructor(fetch: Fetch, watcher: Watcher, private last: number, private readonly base = 0) {
    this.arrived = last
    this.pages = new Pages(watcher, async (page) => {
      const after = this.base + page * pageRows
      const { rows } = await fetch({ after, before: after + pageRows + 1, limit: pageRows }, this.abort.signal)
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

  keep(first: number, last: number): void {
    this.cache.pin(first, last)
  }

  want(first: number, last: number): void {
    this.cache.keepPages(first, last)
    this.pages.want(missing(this.cache, first, Math.min(last, this.count - 1)))
  }

  append(rows: Row[], lastSeq: number): void {
    this.hold(rows)
    this.arrived = Math.max(this.arrived, rows.at(-1)?.seq ?? 0)
    this.last = Math.max(this.last, lastSeq, this.arrived)
  }

  // hold caches rows that were fetched for a jump.
  hold(rows: Row[]): void {
    for (const row of rows) if (row.seq > this.base) this.cache.putRow(row.seq - this.base - 1, row)
  }

  stop(): void {
    this.pages.stop()
    this.abort.abort()
  }
}
