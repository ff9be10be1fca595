// A stream of events as text (HTML Living Standard, 9.2.6), as many inference services
// send it: the JSON behind "data:" is indented, everything else stays as it is.

import { indent } from "./indent"
import { scan } from "./json"
import { Arriving, type Bytes } from "./load"

const data = [...new TextEncoder().encode("data:")]

// indentEvents gives null when no line holds JSON.
export function indentEvents(bytes: Bytes): Bytes | null {
  const out = new Arriving(bytes.length * 2)
  let changed = false
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(0x0a, from)
    const to = found === -1 ? bytes.length : found + 1
    const json = data.every((c, i) => bytes[from + i] === c) ? jsonIn(bytes.subarray(from + data.length, to)) : null
    changed ||= json !== null
    if (json) for (const part of [bytes.subarray(from, from + data.length), blank, json, lineEnd]) out.add(part)
    else out.add(bytes.subarray(from, to))
    from = to
  }
  return changed ? out.bytes : null
}

const blank = Uint8Array.of(0x20)
const lineEnd = Uint8Array.of(0x0a)

function jsonIn(payload: Bytes): Bytes | null {
  return scan(payload, 0).fault ? null : indent(payload)
}
