// Reads integers from bytes in either byte order, and writes hex digits. Bytes past the
// end read 0.

export function little16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

export function little24(bytes: Uint8Array, at: number): number {
  return little16(bytes, at) | ((bytes[at + 2] ?? 0) << 16)
}

export function little32(bytes: Uint8Array, at: number): number {
  return little24(bytes, at) + (bytes[at + 3] ?? 0) * 0x1000000
}

export function big16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

export function big32(bytes: Uint8Array, at: number): number {
  return big16(bytes, at) * 0x10000 + big16(bytes, at + 2)
}

export function big64(bytes: Uint8Array, at: number): number {
  return big32(bytes, at) * 0x100000000 + big32(bytes, at + 4)
}

// ascii returns length characters at an offset.
export function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
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
