// The boxes that MP4 and AVIF are made of (ISO 14496-12, 4.2).

import { ascii, big32, big64 } from "./octets"

// Box is a box's content: from..to.
export type Box = { type: string; from: number; to: number }

// boxes is the boxes inside a box, as far as they are well formed.
export function* boxes(bytes: Uint8Array, { from, to }: Box): Generator<Box> {
  for (let at = from; at + 8 <= to; ) {
    const short = big32(bytes, at)
    const head = short === 1 ? 16 : 8
    const size = short === 1 ? big64(bytes, at + 8) : short === 0 ? to - at : short
    if (size < head || at + size > to) return
    yield { type: ascii(bytes, at + 4, 4), from: at + head, to: at + size }
    at += size
  }
}

// boxAt follows a path of types down from a box.
export function boxAt(bytes: Uint8Array, inside: Box, ...path: string[]): Box | null {
  let found: Box | undefined = inside
  for (const type of path) found = found && [...boxes(bytes, found)].find((box) => box.type === type)
  return found ?? null
}
