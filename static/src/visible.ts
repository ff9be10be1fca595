// What cannot be seen, made visible: control characters, characters that turn the
// direction of text around (Unicode TR 36, 3.1), blanks without width, and bytes
// that are not UTF-8. A wire console must not let a payload hide any of them.

const hidden =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]|[\ud800-\udfff]/u
const hiddenAll = new RegExp(hidden.source, "gu")
const hiddenButTab = new RegExp(hidden.source.replace("\\u0000-\\u001f", "\\u0000-\\u0008\\u000a-\\u001f"), "gu")

const named: ReadonlyMap<number, string> = new Map([
  [0x061c, "ALM"], [0x200b, "ZWSP"], [0x200e, "LRM"], [0x200f, "RLM"],
  [0x202a, "LRE"], [0x202b, "RLE"], [0x202c, "PDF"], [0x202d, "LRO"], [0x202e, "RLO"],
  [0x2060, "WJ"], [0x2066, "LRI"], [0x2067, "RLI"], [0x2068, "FSI"], [0x2069, "PDI"], [0xfeff, "BOM"],
])

// visible is text on one line, with a symbol for everything that could not be seen.
export function visible(text: string): string {
  return hidden.test(text) ? text.replace(hiddenAll, symbol) : text
}

// decodeVisible is bytes as text; bytes that are not UTF-8 read ‹FF›, tabs stay.
export function decodeVisible(bytes: Uint8Array): string {
  return decodeUTF8(bytes).replace(hiddenButTab, symbol)
}

function symbol(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x09) return "⇥"
  if (code === 0x0a || code === 0x2028 || code === 0x2029) return "↵"
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return "␡"
  return `‹${named.get(code) ?? "U+" + code.toString(16).toUpperCase().padStart(4, "0")}›`
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

function decodeUTF8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return decodeMixed(bytes)
  }
}

function decodeMixed(bytes: Uint8Array): string {
  let out = ""
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      out += `‹${byteAt(bytes, at).toString(16).toUpperCase().padStart(2, "0")}›`
      at++
    } else {
      out += strict.decode(bytes.subarray(at, at + length))
      at += length
    }
  }
  return out
}

// sequenceLength is how many bytes the UTF-8 character at a place has, or 0 when
// there is none (RFC 3629 section 4, so no overlong forms and no surrogates).
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = byteAt(bytes, at)
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const second = byteAt(bytes, at + 1)
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  if (lead < 0xe0) return 2
  if (!continues(bytes, at + 2)) return 0
  if (lead < 0xf0) return 3
  return continues(bytes, at + 3) ? 4 : 0
}

function continues(bytes: Uint8Array, at: number): boolean {
  return (byteAt(bytes, at) & 0xc0) === 0x80
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
