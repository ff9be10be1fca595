// Sizes in UTF-8, hex and base64. Pure.

// utf8Length returns the size of a text in UTF-8, in bytes.
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(i + 1))) i++ // a pair: 4 bytes for 2 units
  }
  return bytes
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}

export type Decoded = { bytes: Uint8Array<ArrayBuffer> } | { problem: DecodeProblem }

// DecodeProblem names a mistake and the character where it is, from 1.
export interface DecodeProblem {
  code: "hex_character" | "hex_odd" | "base64_character" | "base64_length"
  at: number
  character: string
}

// decodeHex reads bytes as pairs of digits, separated by blanks, commas, colons, dashes or
// 0x, or not at all.
export function decodeHex(text: string): Decoded {
  const bytes = new Uint8Array(text.length >> 1)
  let length = 0
  let high = -1
  for (let at = 0; at < text.length; at++) {
    if (isBetween(text.charCodeAt(at))) continue
    if (high < 0 && text[at] === "0" && (text[at + 1] === "x" || text[at + 1] === "X")) {
      at++
      continue
    }
    const digit = hexDigit(text.charCodeAt(at))
    if (digit < 0) return problem("hex_character", at, text)
    if (high < 0) high = digit
    else {
      bytes[length++] = high * 16 + digit
      high = -1
    }
  }
  return high < 0 ? { bytes: bytes.slice(0, length) } : problem("hex_odd", text.length - 1, text)
}

function isBetween(unit: number): boolean {
  return unit <= 0x20 || unit === 0x2c || unit === 0x3a || unit === 0x2d
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const values = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i
values["-".charCodeAt(0)] = 62 // RFC 4648 section 5
values["_".charCodeAt(0)] = 63

// decodeBase64 reads base64 in both alphabets (RFC 4648 sections 4 and 5); blanks and
// padding are optional.
export function decodeBase64(text: string): Decoded {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4))
  let length = 0
  let bits = 0
  let held = 0
  let ended = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit <= 0x20) continue
    if (unit === 0x3d) {
      ended = true
      continue
    }
    const value = values[unit] ?? -1
    if (value < 0 || ended) return problem("base64_character", at, text)
    bits = ((bits << 6) | value) & 0xfff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[length++] = (bits >> held) & 0xff
  }
  return held === 6 ? problem("base64_length", text.length - 1, text) : { bytes: bytes.slice(0, length) }
}

function problem(code: DecodeProblem["code"], at: number, text: string): { problem: DecodeProblem } {
  return { problem: { code, at: at + 1, character: text[at] ?? "" } }
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

// hexOf writes bytes as pairs of digits.
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => digits[byte]).join(" ")
}

// base64Of writes bytes as base64.
export function base64Of(bytes: Uint8Array): string {
  let units = ""
  for (let at = 0; at < bytes.length; at += 0x2000) units += String.fromCharCode(...bytes.subarray(at, at + 0x2000))
  return btoa(units)
}
