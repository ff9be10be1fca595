// Colours of one row of text: pieces of its bytes with what they are. Rows are
// coloured one by one as they are drawn, so the size of a payload does not matter.

import { stringEnd, type Hits } from "../worker"

// Piece is bytes from..to, shown in the class what ("" is plain).
export interface Piece {
  from: number
  to: number
  what: string
}

export type Language = "json" | "events" | "markup" | "plain"

const quote = 0x22

// tint cuts a row into pieces; continued says that it goes on from the row before.
export function tint(bytes: Uint8Array, from: number, to: number, language: Language, continued: boolean): Piece[] {
  if (language === "plain") return [{ from, to, what: "" }]
  if (language === "markup") return tintMarkup(bytes, from, to)
  // A line of indented JSON that is too long for a row is so for its string.
  if (continued) return [{ from, to, what: "string" }]
  return language === "events" ? tintEvent(bytes, from, to) : tintJSON(bytes, from, to)
}

// A line of an event is a field's name and its value; the lines of indented JSON have
// blanks or brackets in front.
function tintEvent(bytes: Uint8Array, from: number, to: number): Piece[] {
  const colon = bytes.subarray(from, Math.min(to, from + longestName)).indexOf(0x3a)
  if (colon < 0 || !isWord(bytes[from] ?? 0)) return tintJSON(bytes, from, to)
  const value = from + colon + 1
  const isData = String.fromCharCode(...bytes.subarray(from, value)) === "data:"
  return [{ from, to: value, what: "key" }, ...(isData ? tintJSON(bytes, value, to) : [{ from: value, to, what: "" }])]
}

const longestName = 8 // "retry:", "event:"

function tintJSON(bytes: Uint8Array, from: number, to: number): Piece[] {
  const pieces: Piece[] = []
  for (let at = from; at < to; ) {
    const c = bytes[at] ?? 0
    let end = at + 1
    if (c === quote) {
      end = stringEnd(bytes, at, to)
      pieces.push({ from: at, to: end, what: bytes[end] === 0x3a && end < to ? "key" : "string" })
    } else if (isWord(c)) {
      while (end < to && isWord(bytes[end] ?? 0)) end++
      pieces.push({ from: at, to: end, what: c === 0x74 || c === 0x66 || c === 0x6e ? "word" : "number" })
    } else {
      while (end < to && bytes[end] !== quote && !isWord(bytes[end] ?? 0)) end++
      pieces.push({ from: at, to: end, what: "mark" })
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
  const row = bytes.subarray(0, to) // no search leaves the row
  for (let at = from; at < to; ) {
    const isTag = row[at] === 0x3c
    const stop = row.indexOf(isTag ? 0x3e : 0x3c, at + 1)
    const end = stop === -1 ? to : isTag ? stop + 1 : stop
    pieces.push({ from: at, to: end, what: isTag ? "key" : "" })
    at = end
  }
  return pieces
}

// markHits cuts pieces further where matches begin and end; current is the match a
// person stands on, as a number in hits.
export function markHits(pieces: Piece[], hits: Hits, current: number): Piece[] {
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
      const what = inside ? `${piece.what} ${hit === current ? "hit current" : "hit"}`.trim() : piece.what
      if (to > at) out.push({ from: at, to, what })
      at = Math.max(at, to)
      if (at >= from + hits.length) hit++
    }
  }
  return out
}

// firstAfter is the first place in an ascending column whose value is at least so much.
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
