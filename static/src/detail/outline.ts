// What the rows of a tree say. A tree is columns (Tape) over bytes; what stands in
// them differs: JSON here, the wire format of Protocol Buffers in fields.ts.

import { count, decodeVisible, say } from "../text"
import { closeBracket, openBrace, openBracket, quote, stringEnd, type Hits, type Tape } from "../worker"
import { firstAfter, markHits } from "./tint"

// Cell is a stretch of the bytes, or a text that stands for them, and its class.
export type Cell = { from: number; to: number; what: string } | { text: string; what: string }

// Outline is a tree that can be drawn.
export interface Outline {
  readonly tape: Tape
  readonly bytes: Uint8Array
  // name is what a value is called where it stands; place finds that among its siblings.
  name(node: number, place: () => number): Cell[]
  // value is the value itself, or what it holds.
  value(node: number, held: number): Cell[]
  // at is the node that a byte belongs to.
  at(offset: number): number
}

export const longest = 2000 // bytes of a key or value that a row shows

// JSONOutline is a document straight from its tape: no value is built.
export class JSONOutline implements Outline {
  constructor(readonly bytes: Uint8Array, readonly tape: Tape) {}

  name(node: number, place: () => number): Cell[] {
    const key = this.tape.key[node] ?? 0
    if (key > 0) {
      const most = key + 1 + longest
      const end = stringEnd(this.bytes, key, most)
      return [{ from: key + 1, to: end < most ? end - 1 : most, what: "key" }, mark(end < most ? ": " : "…: ")]
    }
    return node === 0 ? [] : [{ text: String(place()), what: "index" }, mark(": ")]
  }

  value(node: number, held: number): Cell[] {
    const kind = this.tape.kind[node] ?? 0
    if (kind === 0) return [mark(say("detail.documents", { count: count(held) }))]
    if (kind === openBrace || kind === openBracket) return [mark(summary(kind === openBracket, held))]
    const from = this.tape.start[node] ?? 0
    const end = this.tape.end[node] ?? 0
    const to = Math.min(end, from + longest)
    const cell = { from, to, what: classOf(kind) }
    return to < end ? [cell, mark("…")] : [cell]
  }

  at(offset: number): number {
    const { start, key, length } = this.tape
    const after = firstAfter(start, offset + 1, length)
    const isKey = after < length && (key[after] ?? 0) > 0 && (key[after] ?? 0) <= offset
    return isKey ? after : Math.max(0, after - 1)
  }
}

function mark(text: string): Cell {
  return { text, what: "mark" }
}

function summary(isArray: boolean, held: number): string {
  if (held === 0) return isArray ? "[]" : "{}"
  const inside = say(isArray ? "detail.items" : "detail.keys", { count: count(held) })
  return isArray ? `[${inside}${String.fromCharCode(closeBracket)}` : `{${inside}}`
}

function classOf(kind: number): string {
  if (kind === quote) return "string"
  return kind === 0x74 || kind === 0x66 || kind === 0x6e ? "word" : "number"
}

// spans is cells as text with classes, cut where matches begin and end.
export function spans(bytes: Uint8Array, cells: Cell[], hits: Hits, current: number): { text: string; what: string }[] {
  return cells.flatMap((cell) => {
    if ("text" in cell) return [cell]
    return markHits([cell], hits, current).map(({ from, to, what }) => ({ text: decodeVisible(bytes.subarray(from, to)), what }))
  })
}
