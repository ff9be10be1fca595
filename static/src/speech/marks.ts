// The places that a search found in a transcript, marked over its rows.

import type { Match } from "../turns"

const most = 2000 // marks at once
const all = "turn-match"
const current = "turn-match-now"

export class Marks {
  private found: readonly Match[] = []
  private shown: Match | null = null

  // wordsOf returns the element with the text of a sentence; null where it is not drawn yet.
  constructor(private readonly wordsOf: (n: number) => HTMLElement | null) {}

  update(found: readonly Match[]): void {
    this.found = found
    this.draw()
  }

  // show marks one place apart from the others; null takes all marks away.
  show(match: Match | null): void {
    this.shown = match
    if (!match) this.found = []
    this.draw()
  }

  // draw marks the places in the rows as they are now.
  draw(): void {
    if (typeof Highlight === "undefined") return
    this.put(all, this.found.slice(0, most))
    const { shown } = this
    this.put(current, shown ? this.found.filter(({ n, from }) => n === shown.n && from === shown.from) : [])
  }

  destroy(): void {
    this.show(null)
  }

  private put(name: string, matches: readonly Match[]): void {
    const ranges = matches.flatMap((match) => this.range(match) ?? [])
    if (ranges.length === 0) return void CSS.highlights.delete(name)
    const highlight = new Highlight(...ranges)
    highlight.priority = name === current ? 1 : 0
    CSS.highlights.set(name, highlight)
  }

  private range({ n, from, to }: Match): StaticRange | null {
    const text = this.wordsOf(n)?.firstChild
    if (!(text instanceof Text) || to > text.length) return null
    return new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to })
  }
}
