// Opens a body: fetches it, reports its beginning while the rest arrives, decompresses
// and analyses it, and keeps it for later jobs.

import { sequenceLength } from "../text"
import { analyse, type Analysis } from "./analyse"
import { indentJSON } from "./indent"
import { loadBody, type Bytes } from "./load"
import type { BodyStart, Jobs, Opened, Progress, Slot } from "./protocol"
import { recognise, type Opcode } from "./recognise"
import { maxUnpackedBytes, unpack, type Packing } from "./unpack"

const largeBody = 512 << 10 // a smaller body arrives before a person could read its beginning
const startBytes = 64 << 10
const reportPause = 100 // ms between two progress reports
const maxLayers = 4

const none = new Uint8Array(0)

// slots holds the texts of the open body.
export const slots: Record<Slot, Bytes> = { wire: none, raw: none, pretty: none }

let opening = new AbortController()

// openBody opens a body and cancels one that is still loading.
export async function openBody({ body, size, opcode }: Jobs["open"]["input"], report: (progress: Progress) => void): Promise<Opened> {
  opening.abort()
  opening = new AbortController()
  const { signal } = opening
  Object.assign(slots, { wire: none, raw: none, pretty: none })
  const wire = await loadBody(body, signal, size < largeBody ? () => {} : progressReporter(opcode, report))
  const { raw, packed, whole, ...analysis } = await unwrap(wire, opcode, wire.length >= size)
  signal.throwIfAborted()
  Object.assign(slots, { wire, raw, pretty: analysis.pretty ?? none })
  return { ...analysis, pretty: copyOf(analysis.pretty), wire: wire.slice(), raw: raw === wire ? null : raw.slice(), packed, whole }
}

type Unwrapped = Analysis & { raw: Bytes; packed: Packing[]; whole: boolean }

// unwrap removes layers of compression.
async function unwrap(wire: Bytes, opcode: Opcode | undefined, whole: boolean): Promise<Unwrapped> {
  const packed: Packing[] = []
  for (let raw = wire, isWhole = whole; ; ) {
    const analysis = analyse(raw, raw === wire ? opcode : "binary", isWhole)
    const { content } = analysis
    const found = { ...analysis, raw, packed, whole: isWhole }
    if (content.kind !== "packed" || !isWhole || packed.length === maxLayers) return found
    const { bytes, packing } = await unpack(raw, content.type, maxUnpackedBytes)
    // Two bytes can look like a zlib header; only complete decompression proves one.
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

function progressReporter(opcode: Opcode | undefined, report: (progress: Progress) => void): (received: Bytes) => void {
  let isStartSent = false
  let last = performance.now()
  return (received) => {
    const now = performance.now()
    const start = !isStartSent && received.length >= startBytes ? startOf(received.subarray(0, startBytes), opcode) : null
    if (!start && now - last < reportPause) return
    isStartSent ||= start !== null
    last = now
    report({ received: received.length, start })
  }
}

// startOf analyses the first bytes of a body. The start of indented JSON equals indented
// JSON of the start, so the rows shown early keep their place.
function startOf(received: Bytes, opcode: Opcode | undefined): BodyStart {
  const bytes = received.slice(0, wholeCharacters(received))
  const content = recognise(bytes, opcode)
  return { content, bytes, pretty: content.kind === "json" ? indentJSON(bytes) : null }
}

// wholeCharacters returns the length without a character that is cut off at the end.
function wholeCharacters(bytes: Bytes): number {
  for (let back = 1; back < 4; back++) {
    const at = bytes.length - back
    if (((bytes[at] ?? 0) & 0xc0) === 0xc0) return sequenceLength(bytes, at) === 0 ? at : bytes.length
  }
  return bytes.length
}
