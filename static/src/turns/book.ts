// The turns of a session as they were last told: updates carry the changed end of a text.

import type { Turn, TurnUpdate } from "../wire"

export class Book {
  private readonly byNumber = new Map<number, Turn>()

  // all lists the turns in their order.
  get all(): Turn[] {
    return [...this.byNumber.values()].sort((a, b) => a.n - b.n)
  }

  get size(): number {
    return this.byNumber.size
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
  replace(turns: readonly Turn[]): void {
    this.byNumber.clear()
    for (const turn of turns) this.byNumber.set(turn.n, turn)
  }

  // apply merges updates and returns the changed turns; null when one continues a text
  // that was never told, and all turns must be read anew.
  apply(updates: readonly TurnUpdate[]): Turn[] | null {
    const changed: Turn[] = []
    for (const update of updates) {
      const turn = merged(this.byNumber.get(update.turn.n), update)
      if (!turn) return null
      this.byNumber.set(turn.n, turn)
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
