// Finds text in the open view and steps through the matches.

import type { Hits, Workshop } from "../worker"
import type { Bar } from "./bar"
import type { Body } from "./body"
import { slotOf } from "./copy"
import type { Stage } from "./stage"

const noHits: Hits = { from: new Uint32Array(0), length: 0 }

// Elsewhere shows more of a body when the log's match is not in the open view.
export interface Elsewhere {
  openRaw(): Promise<void>
  loadAll(body: Body): void
}

// Finder marks the matches of the bar's query on the stage.
export class Finder {
  body: Body | null = null
  private hits = noHits
  private current = -1

  constructor(private readonly workshop: Workshop, private readonly stage: Stage, private readonly bar: Bar, private readonly elsewhere: Elsewhere) {}

  clear(): void {
    this.body = null
    this.show(noHits)
  }

  async findText(): Promise<void> {
    const { query } = this.bar
    const { body, stage } = this
    const { view } = stage
    if (!body || query === "" || !stage.isSearchable) return this.show(noHits)
    const hits = await this.search(slotOf(view), query)
    if (body !== this.body || view !== stage.view || query !== this.bar.query) return
    this.show(hits)
    if (hits.from.length === 0 && query === this.bar.logQuery) await this.findElsewhere(body, query)
  }

  step(by: 1 | -1): void {
    const { length } = this.hits.from
    if (length === 0) return
    this.current = (this.current + by + length) % length
    this.mark()
  }

  // findElsewhere looks for the log's match outside the open view: indented text differs
  // from the raw one, and a very large body is not loaded whole.
  private async findElsewhere(body: Body, query: string): Promise<void> {
    const { view } = this.stage
    const hits = view === "pretty" ? await this.search("raw", query) : noHits
    if (body !== this.body || view !== this.stage.view) return
    if (hits.from.length > 0) return this.elsewhere.openRaw()
    if (!body.whole) this.elsewhere.loadAll(body)
  }

  private search(slot: "wire" | "raw" | "pretty", query: string): Promise<Hits> {
    return this.workshop.run("find", { slot, query, fold: true }).catch(() => noHits)
  }

  private show(hits: Hits): void {
    this.hits = hits
    this.current = hits.from.length > 0 ? 0 : -1
    this.mark()
  }

  private mark(): void {
    this.stage.show(this.hits, this.current)
    this.bar.showFound(this.hits, this.current, this.body !== null)
  }
}
