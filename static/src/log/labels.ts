// Counts the labels of a session's messages. The server computes them from the log, so they
// are counted when somebody asks, piece by piece.

import type { LabelPage } from "../wire"

export type CountLabels = (after: number, signal: AbortSignal) => Promise<LabelPage>

export class LabelCounts {
  private counts = new Map<string, number>()
  private countedTo = 0
  private isCounting = false
  private stop = new AbortController()
  failed = false

  constructor(private readonly fetch: CountLabels, private readonly changed: () => void) {}

  // reset counts another session, or the same one by another dialect.
  reset(): void {
    this.stop.abort()
    this.stop = new AbortController()
    this.counts = new Map()
    this.countedTo = 0
    this.isCounting = this.failed = false
  }

  // list returns the labels, the most frequent first.
  get list(): [string, number][] {
    return [...this.counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  }

  // progress is the part of the log that has been counted, from 0 to 1.
  progress(last: number): number {
    return last === 0 ? 1 : Math.min(1, this.countedTo / last)
  }

  // upTo counts the messages up to a seq.
  async upTo(last: number): Promise<void> {
    if (this.isCounting) return
    const { signal } = this.stop
    this.isCounting = true
    this.failed = false
    try {
      while (this.countedTo < last && !signal.aborted) {
        const { labels, next } = await this.fetch(this.countedTo, signal)
        if (signal.aborted || next <= this.countedTo) break
        for (const { label, count } of labels) this.counts.set(label, (this.counts.get(label) ?? 0) + count)
        this.countedTo = next
        this.changed()
      }
    } catch {
      this.failed = !signal.aborted
      if (this.failed) this.changed()
    }
    if (!signal.aborted) this.isCounting = false
  }
}
