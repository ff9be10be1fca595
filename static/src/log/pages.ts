// Fetches pages of rows when they come into view.

import { pageRows, type RowCache } from "./cache"

export interface Watcher {
  changed(): void
  failed(error: unknown): void
}

const atOnce = 2

// missing returns the pages of a range that are not cached.
export function missing(cache: RowCache, first: number, last: number): number[] {
  const pages = new Set<number>()
  for (let place = Math.max(0, first); place <= last; place++) {
    if (!cache.get(place)) pages.add(Math.floor(place / pageRows))
  }
  return [...pages]
}

// Pages fetches at most two pages at once. A new request replaces those not yet begun:
// a person has scrolled past them.
export class Pages {
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
      void this.loadPage(page)
    }
  }

  private async loadPage(page: number): Promise<void> {
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
