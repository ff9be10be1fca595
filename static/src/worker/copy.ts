// Copies a part of the open body to a text blob; the text never enters the page.

import { hexText } from "./octets"
import { slots } from "./open"
import type { Jobs } from "./protocol"

export function copySlot({ slot, from, to, as }: Jobs["copy"]["input"]): Blob {
  const bytes = slots[slot].subarray(from, to ?? slots[slot].length)
  return new Blob([as === "hex" ? hexText(bytes) : bytes], { type: "text/plain" })
}
