// Opens a body: fetches it, tells how it begins while the rest is on its way, unpacks
// it, finds out what it is, and keeps it for the jobs that follow.

import { sequenceLength } from "../text"
import type { Opcode } from "../wire/wire"
import { indent } from "./indent"
import { load, type Bytes } from "./load"
import type { Early, Head, Jobs, Opened, Slot } from "./protocol"
import { recognise } from "./recognise"
import { understand, type Understood } from "./understand"
import { mostUnpacked, unpack, type Packing } from "./unpack"

const large = 512 << 10 // a smaller body is here before anyone could look at its beginning
const beginning = 64 << 10
const pause = 100 // ms between two words on how far it is
const mostLayers = 4

const none = new Uint8Array(0)

// held is the texts of the open body.
export const held: Record<Slot, Bytes> = { wire: none, raw: none, pretty: none }

let opening = new AbortController()

// open takes the place of one that is still under way.
export async function open({ request, size, opcode }: Jobs["open"]["take"], tell: (early: Early) => void): Promise<Opened> {
  opening.abort()
  opening = new AbortController()
  const { signal } = opening
  Object.assign(held, { wire: none, raw: none, pretty: none })
  const wire = await load(request, signal, size < large ? () => {} : watch(opcode, tell))
  const { raw, packed, whole, ...understood } = await unwrap(wire, opcode, wire.length >= size)
  signal.throwIfAborted()
  Object.assign(held, { wire, raw, pretty: understood.pretty ?? none })
  return { ...understood, pretty: copyOf(understood.pretty), wire: wire.slice(), raw: raw === wire ? null : raw.slice(), packed, whole }
}

type Unwrapped = Understood & { raw: Bytes; packed: Packing[]; whole: boolean }

// unwrap takes layers of compression off until something else is found.
async function unwrap(wire: Bytes, opcode: Opcode | undefined, whole: boolean): Promise<Unwrapped> {
  const packed: Packing[] = []
  for (let raw = wire, isWhole = whole; ; ) {
    const understood = understand(raw, raw === wire ? opcode : "binary", isWhole)
    const { content } = understood
    const found = { ...understood, raw, packed, whole: isWhole }
    if (content.kind !== "packed" || !isWhole || packed.length === mostLayers) return found
    const { bytes, packing } = await unpack(raw, content.type, mostUnpacked)
    // Only all of it shows that two bytes at the start were the header of zlib.
    if (content.type === "zlib" && packing.end === "damaged") return { ...found, content: { kind: "binary" } }
    packed.push(packing)
    if (bytes.length === 0) return found
    raw = bytes
    isWhole = packing.end === "whole"
  }
}

function copyOf(bytes: Bytes | null): Bytes | null {
  return bytes?.slice() ?? null
}

function watch(opcode: Opcode | undefined, tell: (early: Early) => void): (sofar: Bytes) => void {
  let headed = false
  let last = performance.now()
  return (sofar) => {
    const now = performance.now()
    const head = !headed && sofar.length >= beginning ? headOf(sofar.subarray(0, beginning), opcode) : null
    if (!head && now - last < pause) return
    headed ||= head !== null
    last = now
    tell({ got: sofar.length, head })
  }
}

// headOf is the start of a body. The start of indented JSON is indented JSON: what
// stands on screen early stays where it is when the rest has come.
function headOf(start: Bytes, opcode: Opcode | undefined): Head {
  const bytes = start.slice(0, wholeCharacters(start))
  const content = recognise(bytes, opcode)
  return { content, bytes, pretty: content.kind === "json" ? indent(bytes) : null }
}

// wholeCharacters is the length without a character that is cut off at the end.
function wholeCharacters(bytes: Bytes): number {
  for (let back = 1; back < 4; back++) {
    const at = bytes.length - back
    if (((bytes[at] ?? 0) & 0xc0) === 0xc0) return sequenceLength(bytes, at) === 0 ? at : bytes.length
  }
  return bytes.length
}
