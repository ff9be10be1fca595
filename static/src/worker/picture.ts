// Reads the size of an image from its header. A few kilobytes can decode to gigabytes
// of pixels, so an image without a readable size is not decoded.

import { ascii, big16, big32, little16, little24, little32 } from "./octets"

export type Picture = { width: number; height: number }

// maxPixels is the size up to which an image is decoded without asking: 256 MB in memory.
export const maxPixels = 1 << 26

// pictureOf reads the header of an image of a recognised type.
export function pictureOf(bytes: Uint8Array, type: string): Picture | null {
  const found = sizeOf(bytes, type)
  return found && found.width > 0 && found.height > 0 ? found : null
}

function sizeOf(bytes: Uint8Array, type: string): Picture | null {
  switch (type) {
    case "image/png": return ascii(bytes, 12, 4) === "IHDR" ? { width: big32(bytes, 16), height: big32(bytes, 20) } : null
    case "image/jpeg": return jpegSize(bytes)
    case "image/gif": return gifSize(bytes)
    case "image/webp": return webpSize(bytes)
    case "image/bmp": return bmpSize(bytes)
    case "image/avif": return avifSize(bytes)
    default: return null
  }
}

// The start of frame follows any number of other segments (ITU T.81, B.1.1.3).
function jpegSize(bytes: Uint8Array): Picture | null {
  for (let at = 2; at + 9 < bytes.length; ) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff) return null
    if (marker === 0xff) at++ // fill byte
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { width: big16(bytes, at + 7), height: big16(bytes, at + 5) }
    else if (marker === 0xd9 || marker === 0xda) return null
    else at += marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7) ? 2 : 2 + big16(bytes, at + 2)
  }
  return null
}

// A frame may exceed the screen size in the header.
function gifSize(bytes: Uint8Array): Picture {
  let width = little16(bytes, 6)
  let height = little16(bytes, 8)
  let at = 13 + colours(bytes[10] ?? 0)
  while (at < bytes.length && bytes[at] !== 0x3b) {
    if (bytes[at] === 0x2c) {
      width = Math.max(width, little16(bytes, at + 1) + little16(bytes, at + 5))
      height = Math.max(height, little16(bytes, at + 3) + little16(bytes, at + 7))
      at += 11 + colours(bytes[at + 9] ?? 0)
    } else {
      at += 2
    }
    while (bytes[at]) at += 1 + (bytes[at] ?? 0)
    at++
  }
  return { width, height }
}

function colours(packed: number): number {
  return packed & 0x80 ? 3 << ((packed & 7) + 1) : 0
}

function webpSize(bytes: Uint8Array): Picture | null {
  switch (ascii(bytes, 12, 4)) {
    case "VP8X": return { width: little24(bytes, 24) + 1, height: little24(bytes, 27) + 1 }
    case "VP8L": return { width: (little32(bytes, 21) & 0x3fff) + 1, height: ((little32(bytes, 21) >>> 14) & 0x3fff) + 1 }
    case "VP8 ": return { width: little16(bytes, 26) & 0x3fff, height: little16(bytes, 28) & 0x3fff }
    default: return null
  }
}

function bmpSize(bytes: Uint8Array): Picture {
  if (little32(bytes, 14) === 12) return { width: little16(bytes, 18), height: little16(bytes, 20) }
  return { width: little32(bytes, 18) | 0, height: Math.abs(little32(bytes, 22) | 0) } // a negative height means rows from top to bottom
}

const maxHeader = 64 << 10

// Each image item of an AVIF has a size property; the largest one counts.
function avifSize(bytes: Uint8Array): Picture {
  const head = bytes.subarray(0, maxHeader)
  const largest = { width: 0, height: 0 }
  for (let at = head.indexOf(0x69); at !== -1; at = head.indexOf(0x69, at + 1)) {
    if (ascii(head, at, 4) !== "ispe") continue
    largest.width = Math.max(largest.width, big32(head, at + 8))
    largest.height = Math.max(largest.height, big32(head, at + 12))
  }
  return largest
}
