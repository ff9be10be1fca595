// Indents the JSON behind "data:" in a server-sent event stream (HTML Living Standard,
// 9.2.6), which many inference services send. Everything else is copied unchanged.

import { indentJSON } from "./indent"
import { scanJSON } from "./json"
import { ByteBuffer, type Bytes } from "./load"

const data = [...new TextEncoder().encode("data:")]

// indentEvents returns null when no line holds JSON.
export function indentEvents(bytes: Bytes): Bytes | null {
  const out = new ByteBuffer(bytes.length * 2)
  let changed = false
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(0x0a, from)
    const to = found === -1 ? bytes.length : found + 1
    const json = data.every((c, i) => bytes[from + i] === c) ? jsonIn(bytes.subarray(from + data.length, to)) : null
    changed ||= json !== null
    if (json) for (const part of [bytes.subarray(from, from + data.length), blank, json, lineEnd]) out.addChunk(part)
    else out.addChunk(bytes.subarray(from, to))
    from = to
  }
  return changed ? out.bytes : null
}

const blank = Uint8Array.of(0x20)
const lineEnd = Uint8Array.of(0x0a)

function jsonIn(payload: Bytes): Bytes | null {
  return scanJSON(payload, 0).fault ? null : indentJSON(payload)
}
