// Reads the boxes of ISO base media files: MP4 and AVIF (ISO 14496-12, 4.2).

import { ascii, big32, big64 } from "./octets"

// Box is the content of one box, bytes from..to.
export type Box = { type: string; from: number; to: number }

// readBoxes yields the boxes inside a box, up to the first malformed one.
export function* readBoxes(bytes: Uint8Array, { from, to }: Box): Generator<Box> {
  for (let at = from; at + 8 <= to; ) {
    const short = big32(bytes, at)
    const head = short === 1 ? 16 : 8
    const size = short === 1 ? big64(bytes, at + 8) : short === 0 ? to - at : short
    if (size < head || at + size > to) return
    yield { type: ascii(bytes, at + 4, 4), from: at + head, to: at + size }
    at += size
  }
}

// findBox follows a path of types down from a box.
export function findBox(bytes: Uint8Array, inside: Box, ...path: string[]): Box | null {
  let found: Box | undefined = inside
  for (const type of path) found = found && [...readBoxes(bytes, found)].find((box) => box.type === type)
  return found ?? null
}
