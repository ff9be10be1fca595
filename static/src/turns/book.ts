// The turns of a session that the page knows: updates carry the changed end of a text. Older
// ones may be missing until somebody looks at them.

import type { Turn, TurnUpdate } from "../wire"

export class Book {
  last = 0 // number of the newest turn
  forgotten = 0 // number of the last turn that the server does not keep any more
  private readonly byNumber = new Map<number, Turn>()
  private changes = 0
  private medianAt = -1
  private median = 0

  // all lists the turns in their order.
  get all(): Turn[] {
    return [...this.byNumber.values()].sort((a, b) => a.n - b.n)
  }

  // size is the number of all turns, also of those that are missing here.
  get size(): number {
    return this.last
  }

  // isWhole reports whether none is missing.
  get isWhole(): boolean {
    return this.byNumber.size >= this.last - this.forgotten
  }

  get newest(): Turn | null {
    return this.byNumber.get(this.last) ?? null
  }

  // medianUS is the median of the gaps between the messages of the session, as its known turns
  // tell it; 0 is unknown.
  get medianUS(): number {
    if (this.medianAt !== this.changes) {
      this.medianAt = this.changes
      this.median = medianOf(this.byNumber.values())
    }
    return this.median
  }

  get(n: number): Turn | undefined {
    return this.byNumber.get(n)
  }

  // at returns the number of the turn that a message belongs to, or 0.
  at(seq: number): number {
    for (const turn of this.byNumber.values()) if (turn.firstSeq <= seq && seq <= turn.lastSeq) return turn.n
    return 0
  }

  // replace takes all turns anew.
  replace(turns: readonly Turn[], last = 0): void {
    this.byNumber.clear()
    this.last = this.forgotten = 0
    this.put(turns, last)
  }

  // put adds turns that were asked for. A turn that is known already stays where it is told as
  // it changes; isNewer replaces it.
  put(turns: readonly Turn[], last = 0, isNewer = false): void {
    this.changes++
    for (const turn of turns) if (isNewer || !this.byNumber.has(turn.n)) this.byNumber.set(turn.n, turn)
    this.last = Math.max(this.last, last, turns.at(-1)?.n ?? 0)
  }

  // apply merges updates and returns the changed turns; null when one continues a text
  // that was never told, and all turns must be read anew.
  apply(updates: readonly TurnUpdate[]): Turn[] | null {
    const changed: Turn[] = []
    this.changes++
    for (const update of updates) {
      const turn = merged(this.byNumber.get(update.turn.n), update)
      if (!turn) return null
      this.byNumber.set(turn.n, turn)
      this.last = Math.max(this.last, turn.n)
      changed.push(turn)
    }
    return changed
  }
}

function merged(old: Turn | undefined, { turn, texts, keepSegments }: TurnUpdate): Turn | null {
  const text = { answer: old?.text.answer ?? "", user: old?.text.user ?? "" }
  for (const { stream, keep, text: tail } of texts) {
    if (keep > text[stream].length) return null
    text[stream] = text[stream].slice(0, keep) + tail
  }
  const segments = old?.segments ?? []
  if (keepSegments > segments.length) return null
  return { ...turn, text, segments: [...segments.slice(0, keepSegments), ...turn.segments] }
}

// medianOf returns the median gap of turns, each with the weight of its messages.
function medianOf(turns: Iterable<Turn>): number {
  const known = [...turns].flatMap(({ gaps, messages }) => (gaps ? [{ us: gaps.p50US, weight: messages }] : [])).sort((a, b) => a.us - b.us)
  let rest = known.reduce((sum, { weight }) => sum + weight, 0) / 2
  for (const { us, weight } of known) if ((rest -= weight) <= 0) return us
  return 0
}
