// Cuts text into rows of one height: at line ends, and long lines at a number of
// columns. Nothing is decoded; wide characters count as two columns.

import { isHidden, sequenceLength } from "../text"

// Lines holds the offsets of rows: row i is bytes start[i] to start[i + 1], its line end
// included. number is the line number, from 1, of a row that begins a line, else 0.
export type Lines = { count: number; start: Uint32Array<ArrayBuffer>; number: Uint32Array<ArrayBuffer>; widest: number }

// cutLines cuts text at line ends and before a row exceeds a number of columns.
export function cutLines(bytes: Uint8Array, columns: number): Lines {
  const cut = new Cut(bytes.length)
  let column = 0
  let blank = -1 // offset after the last blank in the second half of the row
  cut.row(0, true)
  for (let at = 0; at < bytes.length; ) {
    const c = bytes[at] ?? 0
    if (c === 0x0a) {
      cut.widen(column)
      cut.row(++at, true)
      column = 0
      blank = -1
      continue
    }
    const length = c < 0x80 ? 1 : sequenceLength(bytes, at) || 1
    const wide = characterWidth(bytes, at, length)
    if (column + wide > columns) {
      cut.widen(column)
      const from = blank > 0 ? blank : at
      cut.row(from, false)
      column = 0
      blank = -1
      at = from
      continue
    }
    column += wide
    at += length
    if (c === 0x20 && column > columns >> 1) blank = at
  }
  cut.widen(column)
  return cut.lines(bytes.length)
}

// characterWidth returns the columns of a character as shown: a byte that is not UTF-8
// as ‹FF›, a tab as four blanks, a hidden character as ‹U+202E›.
function characterWidth(bytes: Uint8Array, at: number, length: number): number {
  const lead = bytes[at] ?? 0
  if (lead === 0x09) return 4
  if (lead < 0x80) return 1
  if (length === 1) return 4
  if (mayHide.has(lead) && isHidden(codeAt(bytes, at, length))) return length === 4 ? 9 : 8
  return length === 2 ? 1 : 2
}

// Lead bytes of hidden characters: other characters need no decoding.
const mayHide = new Set([0xc2, 0xcd, 0xd8, 0xe1, 0xe2, 0xe3, 0xef, 0xf3])

function codeAt(bytes: Uint8Array, at: number, length: number): number {
  let code = (bytes[at] ?? 0) & (0xff >> (length + 1))
  for (let i = 1; i < length; i++) code = (code << 6) | ((bytes[at + i] ?? 0) & 0x3f)
  return code
}

class Cut {
  private start: Uint32Array<ArrayBuffer>
  private number: Uint32Array<ArrayBuffer>
  private count = 0
  private line = 0
  private widest = 0

  constructor(size: number) {
    this.start = new Uint32Array((size >> 5) + 16)
    this.number = new Uint32Array(this.start.length)
  }

  row(at: number, begins: boolean): void {
    if (this.count + 1 >= this.start.length) this.grow()
    this.start[this.count] = at
    this.number[this.count++] = begins ? ++this.line : 0
  }

  widen(columns: number): void {
    if (columns > this.widest) this.widest = columns
  }

  lines(end: number): Lines {
    this.start[this.count] = end
    return {
      count: this.count,
      start: this.start.slice(0, this.count + 1),
      number: this.number.slice(0, this.count),
      widest: this.widest,
    }
  }

  private grow(): void {
    const { start, number } = this
    this.start = new Uint32Array(start.length * 2)
    this.start.set(start)
    this.number = new Uint32Array(this.start.length)
    this.number.set(number)
  }
}
