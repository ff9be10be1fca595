// Symbols for invisible characters: control characters, characters that change the text
// direction (Unicode TR 36, 3.1), blanks without width, and bytes that are not UTF-8. A
// payload must not be able to hide any of them.

// Ranges of hidden code points: controls, direction marks, blanks without width, fillers,
// and tags and selectors, which can carry an invisible text.
const ranges: readonly (readonly [number, number])[] = [
  [0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x34f, 0x34f], [0x61c, 0x61c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f],
  [0x200b, 0x200b], [0x200e, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164], [0xfeff, 0xfeff], [0xffa0, 0xffa0],
  [0xfff9, 0xfffb], [0xd800, 0xdfff], [0xe0000, 0xe0fff],
]

// isHidden reports whether a character is always replaced by a symbol.
export function isHidden(code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to)
}

// Joiners shape Persian and emoji, and selectors follow a character: they are hidden
// where they do neither, beside ASCII and one after another.
const idle = "(?<=[\\u0000-\\u007f])[\\u200c\\u200d]|[\\u200c\\u200d](?=[\\u0000-\\u007f])|(?<=[\\ufe00-\\ufe0f])[\\ufe00-\\ufe0f]"

function pattern(except: number): string {
  const escape = (code: number): string => `\\u{${code.toString(16)}}`
  const others = ranges.flatMap(([from, to]) => (except < from || except > to ? [[from, to]] : [[from, except - 1], [except + 1, to]]))
  return `[${others.map(([from = 0, to = 0]) => `${escape(from)}-${escape(to)}`).join("")}]|${idle}`
}

const hidden = new RegExp(pattern(-1), "u")
const hiddenAll = new RegExp(pattern(-1), "gu")
const hiddenButTab = new RegExp(pattern(0x09), "gu")

const named: ReadonlyMap<number, string> = new Map([
  [0xad, "SHY"], [0x034f, "CGJ"], [0x061c, "ALM"], [0x200b, "ZWSP"], [0x200c, "ZWNJ"], [0x200d, "ZWJ"], [0x200e, "LRM"], [0x200f, "RLM"],
  [0x202a, "LRE"], [0x202b, "RLE"], [0x202c, "PDF"], [0x202d, "LRO"], [0x202e, "RLO"],
  [0x2060, "WJ"], [0x2066, "LRI"], [0x2067, "RLI"], [0x2068, "FSI"], [0x2069, "PDI"], [0xfeff, "BOM"],
])

// visible returns a text on one line, with a symbol for each invisible character.
export function visible(text: string): string {
  return hidden.test(text) ? text.replace(hiddenAll, symbol) : text
}

// visibleLines is visible, but keeps line ends.
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n")
}

// decodeVisible decodes bytes; a byte that is not UTF-8 reads ‹FF›, tabs stay.
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

// sequenceLength returns the length in bytes of the UTF-8 character at a place, or 0 when
// it is invalid (RFC 3629 section 4: no overlong forms, no surrogates).
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
