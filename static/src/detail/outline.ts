// The rows of a tree. A tree is a tape of positions over bytes: JSON here, Protocol
// Buffers in fields.ts.

import { count, decodeVisible, plural } from "../text"
import { closeBracket, openBrace, openBracket, quote, stringEnd, type Hits, type Tape } from "../worker"
import { firstAfter, markHits } from "./tint"

// Cell is a range of bytes, or a text in place of them, and its class.
export type Cell = { from: number; to: number; className: string } | { text: string; className: string }

// Outline draws the values of a tree.
export interface Outline {
  readonly tape: Tape
  readonly bytes: Uint8Array
  // name returns the key of a value; place computes its index among its siblings.
  name(node: number, place: () => number): Cell[]
  // value returns the value, or a summary of its children.
  value(node: number, children: number): Cell[]
  // at returns the node that contains a byte.
  at(offset: number): number
}

export const maxShownBytes = 2000 // bytes of a key or value in a row

// JSONOutline draws a document from its tape; no value is built.
export class JSONOutline implements Outline {
  constructor(readonly bytes: Uint8Array, readonly tape: Tape) {}

  name(node: number, place: () => number): Cell[] {
    const key = this.tape.key[node] ?? 0
    if (key > 0) {
      const max = key + 1 + maxShownBytes
      const end = stringEnd(this.bytes, key, max)
      return [{ from: key + 1, to: end < max ? end - 1 : max, className: "key" }, mark(end < max ? ": " : "…: ")]
    }
    return node === 0 ? [] : [{ text: String(place()), className: "index" }, mark(": ")]
  }

  value(node: number, children: number): Cell[] {
    const kind = this.tape.kind[node] ?? 0
    if (kind === 0) return [mark(plural("detail.documents", children, { count: count(children) }))]
    if (kind === openBrace || kind === openBracket) return [mark(summary(kind === openBracket, children))]
    const from = this.tape.start[node] ?? 0
    const end = this.tape.end[node] ?? 0
    const to = Math.min(end, from + maxShownBytes)
    const cell = { from, to, className: classOf(kind) }
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
  return { text, className: "mark" }
}

function summary(isArray: boolean, children: number): string {
  if (children === 0) return isArray ? "[]" : "{}"
  const inside = plural(isArray ? "detail.items" : "detail.keys", children, { count: count(children) })
  return isArray ? `[${inside}${String.fromCharCode(closeBracket)}` : `{${inside}}`
}

function classOf(kind: number): string {
  if (kind === quote) return "string"
  return kind === 0x74 || kind === 0x66 || kind === 0x6e ? "word" : "number"
}

// spans returns cells as text with classes, split at matches.
export function spans(bytes: Uint8Array, cells: Cell[], hits: Hits, current: number): { text: string; className: string }[] {
  return cells.flatMap((cell) => {
    if ("text" in cell) return [cell]
    return markHits([cell], hits, current).map(({ from, to, className }) => ({ text: decodeVisible(bytes.subarray(from, to)), className }))
  })
}
