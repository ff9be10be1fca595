// Copies a part of the open body to a text blob; the text never enters the page.

import { slots } from "./open"
import type { Jobs } from "./protocol"

export function copySlot({ slot, from, to, as }: Jobs["copy"]["input"]): Blob {
  const bytes = slots[slot].subarray(from, to ?? slots[slot].length)
  return new Blob([as === "hex" ? hexText(bytes) : bytes], { type: "text/plain" })
}

const hexDigits = [..."0123456789abcdef"].map((digit) => digit.charCodeAt(0))

// hexText writes bytes as ASCII hex digits, two per byte.
export function hexText(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length * 2)
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    out[at * 2] = hexDigits[byte >> 4] ?? 0
    out[at * 2 + 1] = hexDigits[byte & 15] ?? 0
  }
  return out
}
