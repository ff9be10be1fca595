// Reads the wire format of Protocol Buffers without its schema (protobuf.dev,
// "Encoding"): fields with a number, a wire type and a value. The format has no
// signature, so a payload counts as one only when every byte of it parses.

import type { Tape } from "./json"

// Kinds of fields. The first four are wire types; the other three are guesses from the
// bytes of a length-delimited field.
export const varint = 0, fixed64 = 1, group = 3, fixed32 = 5
export const octets = 16, text = 17, message = 18

const maxDepth = 64 // levels; deeper messages are shown as bytes
const maxFields = 1_000_000

// scanFields returns the fields of a payload as a tape: kind is the kind of field, key
// its number, start and end its bytes, tag included. It returns null when the payload
// does not parse.
export function scanFields(bytes: Uint8Array): Tape | null {
  if (bytes.length === 0 || fieldsEnd(bytes, 0, bytes.length) !== bytes.length) return null
  const fields = new Fields(bytes)
  fields.root()
  return fields.count > maxFields ? null : fields.tape()
}

// isLikelyFields reports whether a payload holds text or nested messages: random bytes
// seldom parse to those.
export function isLikelyFields({ kind, length }: Tape): boolean {
  return length > 2 && kind.subarray(1).some((held) => held === text || held === message)
}

// Head is a parsed tag; its value is bytes from..to.
type Head = { number: number; type: number; from: number; to: number }

// headAt parses the tag of a field and the length of its value.
export function headAt(bytes: Uint8Array, at: number, to: number): Head | null {
  const tagEnd = varintEnd(bytes, at, Math.min(to, at + 5))
  const tag = tagEnd === 0 ? 0 : smallVarint(bytes, at, tagEnd)
  const number = Math.floor(tag / 8)
  if (number < 1 || number > 0x1fffffff) return null
  const type = tag & 7
  const ends = valueEnd(bytes, type, tagEnd, to)
  if (ends === 0) return null
  const from = type === 2 ? varintEnd(bytes, tagEnd, to) : tagEnd
  return { number, type, from, to: ends }
}

function valueEnd(bytes: Uint8Array, type: number, at: number, to: number): number {
  const fits = (end: number): number => (end <= to ? end : 0)
  switch (type) {
    case varint: return varintEnd(bytes, at, Math.min(to, at + 10))
    case fixed64: return fits(at + 8)
    case fixed32: return fits(at + 4)
    case 2: {
      const from = varintEnd(bytes, at, Math.min(to, at + 10))
      return from === 0 ? 0 : fits(from + smallVarint(bytes, at, from))
    }
    case group: case 4: return at
    default: return 0
  }
}

function varintEnd(bytes: Uint8Array, at: number, to: number): number {
  for (let i = at; i < to; i++) if ((bytes[i] ?? 0) < 0x80) return i + 1
  return 0
}

// smallVarint reads a varint that is a tag or a length. It is exact up to 2^53; a larger
// length exceeds every payload.
function smallVarint(bytes: Uint8Array, at: number, to: number): number {
  let value = 0
  for (let i = to - 1; i >= at; i--) value = value * 128 + ((bytes[i] ?? 0) & 0x7f)
  return value
}

// varintOf reads a varint and keeps its low 64 bits.
export function varintOf(bytes: Uint8Array, at: number, to: number): bigint {
  let value = 0n
  for (let i = to - 1; i >= at; i--) value = (value << 7n) | BigInt((bytes[i] ?? 0) & 0x7f)
  return BigInt.asUintN(64, value)
}

// fieldsEnd returns the end of the fields that begin at from: to, the end of the
// enclosing group, or -1 when the bytes do not parse.
function fieldsEnd(bytes: Uint8Array, from: number, to: number, inside = 0): number {
  const open = inside > 0 ? [inside] : []
  for (let at = from; at < to; ) {
    const head = headAt(bytes, at, to)
    if (!head) return -1
    at = head.to
    if (head.type === group && open.push(head.number) > maxDepth) return -1
    if (head.type !== 4) continue
    if (open.pop() !== head.number) return -1
    if (inside > 0 && open.length === 0) return at
  }
  return open.length === 0 ? to : -1
}

class Fields {
  count = 0
  private kind: number[] = []
  private key: number[] = []
  private start: number[] = []
  private stop: number[] = []
  private next: number[] = []
  private parent: number[] = []

  constructor(private readonly bytes: Uint8Array) {}

  root(): void {
    this.addNode(message, 0, 0, this.bytes.length, 0)
    this.addFields(0, 0, this.bytes.length, 1)
  }

  tape(): Tape {
    return {
      length: this.count, kind: Uint8Array.from(this.kind), key: Uint32Array.from(this.key), start: Uint32Array.from(this.start),
      end: Uint32Array.from(this.stop), next: Uint32Array.from(this.next), parent: Uint32Array.from(this.parent),
    }
  }

  private addNode(kind: number, key: number, from: number, to: number, parent: number): number {
    const node = this.count++
    this.kind[node] = kind
    this.key[node] = key
    this.start[node] = from
    this.stop[node] = to
    this.next[node] = node + 1
    this.parent[node] = parent
    return node
  }

  // addFields adds the fields of a message or group that fieldsEnd has accepted.
  private addFields(parent: number, from: number, to: number, depth: number): void {
    for (let at = from; at < to && this.count <= maxFields; ) {
      const head = headAt(this.bytes, at, to)
      if (!head || head.type === 4) break
      const ends = head.type === group ? fieldsEnd(this.bytes, head.to, to, head.number) : head.to
      const kind = head.type === 2 ? guessKind(this.bytes, head.from, head.to, depth) : head.type
      const node = this.addNode(kind, head.number, at, ends, parent)
      if (kind === message || kind === group) this.addFields(node, head.from, ends, depth + 1)
      at = ends
    }
    this.next[parent] = this.count
  }
}

// guessKind guesses the kind of a length-delimited field. Text seldom begins with a
// control character, but the tag of a small field is one.
function guessKind(bytes: Uint8Array, from: number, to: number, depth: number): number {
  if (from === to) return text
  const isMessage = (): boolean => depth < maxDepth && fieldsEnd(bytes, from, to) === to
  if ((bytes[from] ?? 0) < 0x20 && isMessage()) return message
  if (isText(bytes.subarray(from, to))) return text
  return isMessage() ? message : octets
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.some((c) => c < 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) return false
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

const strict = new TextDecoder("utf-8", { fatal: true })
