// Colours one row of text at a time, so the cost does not depend on the size of the
// payload.

import { stringEnd, type Hits } from "../worker"

// Piece is bytes from..to and their class; "" is plain.
export interface Piece {
  from: number
  to: number
  className: string
}

export type Language = "json" | "events" | "markup" | "plain"

const quote = 0x22

// tint cuts a row into pieces; continued means that its line began in an earlier row.
export function tint(bytes: Uint8Array, from: number, to: number, language: Language, continued: boolean): Piece[] {
  if (language === "plain") return [{ from, to, className: "" }]
  if (language === "markup") return tintMarkup(bytes, from, to)
  // Only a string makes a line of indented JSON too long for a row.
  if (continued) return [{ from, to, className: "string" }]
  return language === "events" ? tintEvent(bytes, from, to) : tintJSON(bytes, from, to)
}

// A line of an event begins with a field name; the lines of indented JSON begin with
// blanks or brackets.
function tintEvent(bytes: Uint8Array, from: number, to: number): Piece[] {
  const colon = bytes.subarray(from, Math.min(to, from + maxFieldName)).indexOf(0x3a)
  if (colon < 0 || !isWord(bytes[from] ?? 0)) return tintJSON(bytes, from, to)
  const value = from + colon + 1
  const isData = String.fromCharCode(...bytes.subarray(from, value)) === "data:"
  return [{ from, to: value, className: "key" }, ...(isData ? tintJSON(bytes, value, to) : [{ from: value, to, className: "" }])]
}

const maxFieldName = 8 // "retry:", "event:"

function tintJSON(bytes: Uint8Array, from: number, to: number): Piece[] {
  const pieces: Piece[] = []
  for (let at = from; at < to; ) {
    const c = bytes[at] ?? 0
    let end = at + 1
    if (c === quote) {
      end = stringEnd(bytes, at, to)
      pieces.push({ from: at, to: end, className: bytes[end] === 0x3a && end < to ? "key" : "string" })
    } else if (isWord(c)) {
      while (end < to && isWord(bytes[end] ?? 0)) end++
      pieces.push({ from: at, to: end, className: c === 0x74 || c === 0x66 || c === 0x6e ? "word" : "number" })
    } else {
      while (end < to && bytes[end] !== quote && !isWord(bytes[end] ?? 0)) end++
      pieces.push({ from: at, to: end, className: "mark" })
    }
    at = end
  }
  return pieces
}

function isWord(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || c === 0x2d || c === 0x2b || c === 0x2e || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a)
}

function tintMarkup(bytes: Uint8Array, from: number, to: number): Piece[] {
  const pieces: Piece[] = []
  const row = bytes.subarray(0, to) // the search ends at the row's end
  for (let at = from; at < to; ) {
    const isTag = row[at] === 0x3c
    const stop = row.indexOf(isTag ? 0x3e : 0x3c, at + 1)
    const end = stop === -1 ? to : isTag ? stop + 1 : stop
    pieces.push({ from: at, to: end, className: isTag ? "key" : "" })
    at = end
  }
  return pieces
}

// markHits splits pieces at matches; current is the index of the selected match.
export function markHits(pieces: Piece[], hits: Hits, current: number, name = "hit"): Piece[] {
  const first = pieces[0]
  const last = pieces.at(-1)
  if (!first || !last || hits.from.length === 0) return pieces
  const out: Piece[] = []
  let hit = firstAfter(hits.from, first.from - hits.length + 1)
  for (const piece of pieces) {
    let at = piece.from
    while (at < piece.to) {
      const from = hits.from[hit] ?? Infinity
      const inside = at >= from
      const to = Math.min(piece.to, inside ? from + hits.length : from)
      const className = inside ? `${piece.className} ${hit === current ? `${name} current` : name}`.trim() : piece.className
      if (to > at) out.push({ from: at, to, className })
      at = Math.max(at, to)
      if (at >= from + hits.length) hit++
    }
  }
  return out
}

// firstAfter returns the first index in an ascending column with a value of at least least.
export function firstAfter(column: Uint32Array, least: number, length = column.length): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((column[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}
