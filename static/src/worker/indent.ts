// Indents JSON by changing white space only: every lexeme is copied unchanged.

import { closeBrace, closeBracket, colon, comma, grown, isWord, openBrace, openBracket, quote, stringEnd } from "./json"

// Deeper lines are indented no further: 100,000 levels, fully indented, would be ten
// gigabytes of blanks.
export const maxIndent = 60

// maxIndentedBytes limits the indented document: twelve megabytes of brackets would
// become gigabytes of blanks.
export const maxIndentedBytes = 128 << 20

// indentJSON indents a valid document by two blanks a level. Consecutive documents each
// begin on a new line. It throws TooLong when the result exceeds max bytes.
export function indentJSON(bytes: Uint8Array, max = maxIndentedBytes): Uint8Array<ArrayBuffer> {
  const out = new Output(bytes.length + (bytes.length >> 1) + 64, max)
  let depth = 0
  let at = bytes[0] === 0xef ? 3 : 0
  while (at < bytes.length) {
    const c = bytes[at] ?? 0
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) {
      at++
      continue
    }
    if (depth === 0) out.line()
    if (c === openBrace || c === openBracket) {
      at = skipBlanks(bytes, at + 1)
      out.byte(c)
      if (bytes[at] === c + 2) out.byte(bytes[at++] ?? 0) // "}" is "{" + 2, "]" is "[" + 2
      else out.newline(++depth)
    } else if (c === closeBrace || c === closeBracket) {
      depth = Math.max(0, depth - 1)
      out.newline(depth)
      out.byte(c)
      at++
    } else if (c === comma) {
      out.byte(c)
      out.newline(depth)
      at++
    } else if (c === colon) {
      out.byte(c)
      out.byte(0x20)
      at++
    } else {
      const end = c === quote ? stringEnd(bytes, at) : scalarEnd(bytes, at)
      out.copy(bytes, at, end)
      at = end
    }
  }
  return out.bytes()
}

function scalarEnd(bytes: Uint8Array, at: number): number {
  let end = at + 1
  for (let c = bytes[end]; c !== undefined && isWordOrPlus(c); c = bytes[end]) end++
  return end
}

function isWordOrPlus(c: number): boolean {
  return isWord(c) || c === 0x2b
}

function skipBlanks(bytes: Uint8Array, at: number): number {
  let end = at
  for (let c = bytes[end]; c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = bytes[end]) end++
  return end
}

// TooLong is thrown when an indented document exceeds its limit.
export class TooLong extends Error {}

class Output {
  private length = 0
  private buffer: Uint8Array<ArrayBuffer>

  constructor(room: number, private readonly max: number) {
    this.buffer = new Uint8Array(room)
  }

  // line begins a line, except at the start.
  line(): void {
    if (this.length > 0) this.newline(0)
  }

  byte(c: number): void {
    if (this.length === this.buffer.length) this.grow(1)
    this.buffer[this.length++] = c
  }

  newline(depth: number): void {
    const blanks = 2 * Math.min(depth, maxIndent)
    this.grow(blanks + 1)
    this.buffer[this.length++] = 0x0a
    for (let i = 0; i < blanks; i++) this.buffer[this.length++] = 0x20
  }

  copy(from: Uint8Array, start: number, end: number): void {
    this.grow(end - start)
    if (end - start > 64) this.buffer.set(from.subarray(start, end), this.length)
    else for (let i = start; i < end; i++) this.buffer[this.length + i - start] = from[i] ?? 0
    this.length += end - start
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length)
  }

  private grow(by: number): void {
    if (this.length + by <= this.buffer.length) return
    if (this.length + by > this.max) throw new TooLong()
    this.buffer = grown(this.buffer, Math.min(this.max, Math.max(this.buffer.length * 2, this.length + by)))
  }
}
