// The rows that the page holds: the most recently used pages of a list. The server
// keeps the others.

import type { Row } from "../wire"

export const pageRows = 200

// RowCache keeps rows by their index in a list.
export class RowCache {
  private pages = new Map<number, (Row | undefined)[]>()
  private pinned = { first: 0, last: -1 } // pages

  constructor(private readonly maxPages: number) {}

  putRow(place: number, row: Row): void {
    this.page(Math.floor(place / pageRows))[place % pageRows] = row
  }

  get(place: number): Row | undefined {
    return this.pages.get(Math.floor(place / pageRows))?.[place % pageRows]
  }

  // pin holds the pages of a range, in place of those held before: what is on screen must not
  // turn blank when many rows arrive.
  pin(first: number, last: number): void {
    this.pinned = { first: Math.floor(first / pageRows), last: Math.floor(last / pageRows) }
  }

  // keepPages marks the pages of a range as recently used.
  keepPages(first: number, last: number): void {
    for (let n = Math.floor(first / pageRows); n <= Math.floor(last / pageRows); n++) {
      const page = this.pages.get(n)
      if (page) this.touch(n, page)
    }
  }

  private page(n: number): (Row | undefined)[] {
    const held = this.pages.get(n)
    if (held) return held
    const made: (Row | undefined)[] = []
    this.touch(n, made)
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= this.maxPages) break
      if (oldest < this.pinned.first || oldest > this.pinned.last) this.pages.delete(oldest)
    }
    return made
  }

  // A Map keeps insertion order: the last page is the most recently used.
  private touch(n: number, page: (Row | undefined)[]): void {
    this.pages.delete(n)
    this.pages.set(n, page)
  }
}
