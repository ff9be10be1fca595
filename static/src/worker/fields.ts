// The wire format of Protocol Buffers without its schema (protobuf.dev, "Encoding"):
// fields with a number, a wire type and a value. Nothing marks such a payload, so it
// counts as one only when all of it reads that way, to the last byte.

import type { Tape } from "./json"

// What a field holds. The first four are wire types; the others are what the bytes of a
// field with a length look like.
export const varint = 0, fixed64 = 1, group = 3, fixed32 = 5
export const octets = 16, text = 17, message = 18

const deepest = 64 // levels; what is nested deeper is shown as bytes
const mostFields = 1_000_000

// scanFields is the fields of a payload as a tape: kind is what a field holds, key its
// number, start and end where it stands with its tag. null when it does not read so.
export function scanFields(bytes: Uint8Array): Tape | null {
  if (bytes.length === 0 || end(bytes, 0, bytes.length) !== bytes.length) return null
  const fields = new Fields(bytes)
  fields.root()
  return fields.count > mostFields ? null : fields.tape()
}

// isTelling is true of a payload that hardly reads as fields by chance: one that holds
// text or messages.
export function isTelling({ kind, length }: Tape): boolean {
  return length > 2 && kind.subarray(1).some((held) => held === text || held === message)
}

// Head is a tag that was read: what comes after it begins at from, and ends at to.
type Head = { number: number; type: number; from: number; to: number }

// headAt reads the tag of a field, and how long its value is.
export function headAt(bytes: Uint8Array, at: number, to: number): Head | null {
  const tagEnd = varintEnd(bytes, at, Math.min(to, at + 5))
  const tag = tagEnd === 0 ? 0 : small(bytes, at, tagEnd)
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
      return from === 0 ? 0 : fits(from + small(bytes, at, from))
    }
    case group: case 4: return at
    default: return 0
  }
}

function varintEnd(bytes: Uint8Array, at: number, to: number): number {
  for (let i = at; i < to; i++) if ((bytes[i] ?? 0) < 0x80) return i + 1
  return 0
}

// small is a varint's value where it is a tag or a length: exact up to 2^53, and what is
// beyond fits nowhere.
function small(bytes: Uint8Array, at: number, to: number): number {
  let value = 0
  for (let i = to - 1; i >= at; i--) value = value * 128 + ((bytes[i] ?? 0) & 0x7f)
  return value
}

// varintOf is a varint's value, of which 64 bits count.
export function varintOf(bytes: Uint8Array, at: number, to: number): bigint {
  let value = 0n
  for (let i = to - 1; i >= at; i--) value = (value << 7n) | BigInt((bytes[i] ?? 0) & 0x7f)
  return BigInt.asUintN(64, value)
}

// end is where the fields from a place on end: at to, at the end of the group they are
// in, or at -1 when they are none.
function end(bytes: Uint8Array, from: number, to: number, inside = 0): number {
  const open = inside > 0 ? [inside] : []
  for (let at = from; at < to; ) {
    const head = headAt(bytes, at, to)
    if (!head) return -1
    at = head.to
    if (head.type === group && open.push(head.number) > deepest) return -1
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
    this.add(message, 0, 0, this.bytes.length, 0)
    this.inside(0, 0, this.bytes.length, 1)
  }

  tape(): Tape {
    return {
      length: this.count, kind: Uint8Array.from(this.kind), key: Uint32Array.from(this.key), start: Uint32Array.from(this.start),
      end: Uint32Array.from(this.stop), next: Uint32Array.from(this.next), parent: Uint32Array.from(this.parent),
    }
  }

  private add(kind: number, key: number, from: number, to: number, parent: number): number {
    const node = this.count++
    this.kind[node] = kind
    this.key[node] = key
    this.start[node] = from
    this.stop[node] = to
    this.next[node] = node + 1
    this.parent[node] = parent
    return node
  }

  // inside adds the fields of a message or group, which are known to be some.
  private inside(parent: number, from: number, to: number, depth: number): void {
    for (let at = from; at < to && this.count <= mostFields; ) {
      const head = headAt(this.bytes, at, to)
      if (!head || head.type === 4) break
      const ends = head.type === group ? end(this.bytes, head.to, to, head.number) : head.to
      const kind = head.type === 2 ? guess(this.bytes, head.from, head.to, depth) : head.type
      const node = this.add(kind, head.number, at, ends, parent)
      if (kind === message || kind === group) this.inside(node, head.from, ends, depth + 1)
      at = ends
    }
    this.next[parent] = this.count
  }
}

// guess is what the bytes of a field with a length are. A text hardly begins with a
// control character, which is what the tag of a small field looks like.
function guess(bytes: Uint8Array, from: number, to: number, depth: number): number {
  if (from === to) return text
  const isMessage = (): boolean => depth < deepest && end(bytes, from, to) === to
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
