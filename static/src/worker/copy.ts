// A part of the open body as a text file that never enters the page.

import { held } from "./open"
import type { Jobs } from "./protocol"

export function copied({ slot, from, to, as }: Jobs["copy"]["take"]): Blob {
  const bytes = held[slot].subarray(from, to ?? held[slot].length)
  return new Blob([as === "hex" ? hexText(bytes) : bytes], { type: "text/plain" })
}

const hexDigits = [..."0123456789abcdef"].map((digit) => digit.charCodeAt(0))

// hexText is bytes as hex digits, in ASCII.
export function hexText(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length * 2)
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    out[at * 2] = hexDigits[byte >> 4] ?? 0
    out[at * 2 + 1] = hexDigits[byte & 15] ?? 0
  }
  return out
}
