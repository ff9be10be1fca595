// Where the list gets its rows: the whole log, or what a filter or search found. Both
// hold a bounded window of rows and fetch what is missing around the place on screen.

import type { Row } from "../wire"
import { RowCache, pageRows } from "./cache"

export interface Query {
  direction?: string
  q?: string
  regex?: boolean
  fold?: boolean
}

export type Fetch = (query: Query & { after?: number; before?: number; limit: number }) => Promise<Row[]>

// Source is a list of rows. Places count from 0; a row that is not held yet is undefined.
export interface Source {
  readonly count: number
  // complete is false while a search has not come to the end of the log.
  readonly complete: boolean
  row(place: number): Row | undefined
  // place is where a message stands, or would stand: the first with that seq or a later one.
  place(seq: number): number
  // want fetches what is missing in a range; changed() is told when it came.
  want(first: number, last: number): void
  // append takes rows as they pass, and the newest seq of the session.
  append(rows: Row[], lastSeq: number): void
  stop(): void
}

export interface Watcher {
  changed(): void
  failed(error: unknown): void
}

const mostPages = 100 // 20,000 rows
const atOnce = 2

// When rows come later than the news of them by no more than this, they are waited
// for: the viewer's socket will bring them.
const lag = 2000

// WholeLog is every message after base, which is what "clear" moves.
export class WholeLog implements Source {
  readonly complete = true
  private cache = new RowCache(mostPages)
  private pages: Pages
  private arrived: number

  constructor(fetch: Fetch, watcher: Watcher, private last: number, private readonly base = 0) {
    this.arrived = last
    this.pages = new Pages(watcher, async (page) => {
      const after = this.base + page * pageRows
      this.put(await fetch({ after, before: after + pageRows + 1, limit: pageRows }))
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

  want(first: number, last: number): void {
    this.cache.keep(first, last)
    this.pages.want(missing(this.cache, first, Math.min(last, this.count - 1)))
  }

  append(rows: Row[], lastSeq: number): void {
    this.put(rows)
    this.arrived = Math.max(this.arrived, rows.at(-1)?.seq ?? 0)
    this.last = Math.max(this.last, lastSeq, this.arrived)
  }

  stop(): void {
    this.pages.stop()
  }

  private put(rows: Row[]): void {
    for (const row of rows) if (row.seq > this.base) this.cache.put(row.seq - this.base - 1, row)
  }
}

const found = 1000 // rows asked for at once while searching
const breath = 250 // ms between two looks at what has come meanwhile

// FoundLog is the rows that match, found by the server from the oldest on. Of those
// that the page has forgotten it keeps the seq, so the list stays whole.
export class FoundLog implements Source {
  private cache = new RowCache(mostPages)
  private seqs: number[] = []
  private searched: number // every message up to here has been looked at
  private busy = false
  private stopped = false
  private pages: Pages

  constructor(
    private readonly fetch: Fetch,
    private readonly watcher: Watcher,
    private readonly query: Query,
    private last: number,
    base = 0,
  ) {
    this.searched = base
    this.pages = new Pages(watcher, async (page) => {
      const from = page * pageRows
      const rows = await fetch({ ...query, after: (this.seqs[from] ?? 1) - 1, limit: pageRows })
      for (const row of rows) this.cache.put(this.place(row.seq), row)
    })
    void this.search()
  }

  get count(): number {
    return this.seqs.length
  }

  get complete(): boolean {
    return this.searched >= this.last
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

  want(first: number, last: number): void {
    this.cache.keep(first, last)
    this.pages.want(missing(this.cache, first, Math.min(last, this.count - 1)))
  }

  append(rows: Row[], lastSeq: number): void {
    const next = rows[0]?.seq ?? 0
    if (!this.query.q && !this.busy && this.searched >= next - 1) this.take(rows)
    this.last = Math.max(this.last, lastSeq, rows.at(-1)?.seq ?? 0)
    void this.search()
  }

  stop(): void {
    this.stopped = true
    this.pages.stop()
  }

  // A filter on the direction alone needs no server for rows that are just passing.
  private take(rows: Row[]): void {
    this.add(rows.filter((row) => row.direction === this.query.direction && row.seq > this.searched))
    this.searched = Math.max(this.searched, rows.at(-1)?.seq ?? 0)
  }

  private async search(): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      while (!this.stopped && !this.complete) {
        const full = await this.step()
        if (!full && !this.complete) await pause(breath)
      }
    } catch (error) {
      this.searched = this.last
      if (!this.stopped) this.watcher.failed(error)
    }
    this.busy = false
  }

  private async step(): Promise<boolean> {
    const upTo = this.last
    const rows = await this.fetch({ ...this.query, after: this.searched, limit: found })
    this.searched = rows.at(-1)?.seq ?? Math.max(upTo, this.searched)
    this.add(rows)
    if (!this.stopped) this.watcher.changed()
    return rows.length >= found
  }

  private add(rows: Row[]): void {
    for (const row of rows) this.cache.put(this.seqs.push(row.seq) - 1, row)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function missing(cache: RowCache, first: number, last: number): number[] {
  const pages = new Set<number>()
  for (let place = Math.max(0, first); place <= last; place++) {
    if (!cache.get(place)) pages.add(Math.floor(place / pageRows))
  }
  return [...pages]
}

// Pages fetches pages, at most two at once. What was wanted and not begun when
// something else is wanted is forgotten: a person has scrolled past it.
class Pages {
  private wanted: number[] = []
  private running = new Set<number>()
  private stopped = false

  constructor(private readonly watcher: Watcher, private readonly load: (page: number) => Promise<void>) {}

  want(pages: number[]): void {
    this.wanted = pages.filter((page) => !this.running.has(page))
    this.next()
  }

  stop(): void {
    this.stopped = true
    this.wanted = []
  }

  private next(): void {
    while (this.running.size < atOnce) {
      const page = this.wanted.shift()
      if (page === undefined) return
      void this.run(page)
    }
  }

  private async run(page: number): Promise<void> {
    this.running.add(page)
    try {
      await this.load(page)
      if (!this.stopped) this.watcher.changed()
    } catch (error) {
      if (!this.stopped) this.watcher.failed(error)
    }
    this.running.delete(page)
    this.next()
  }
}
