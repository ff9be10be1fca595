// Recognises the kind of a payload by its first bytes. Bytes without a signature, such
// as bare audio samples, stay binary: a wrong guess would mislead.

import type { Opcode } from "../wire/wire" // its door needs a document, which a worker lacks
import { isAAC, isMP3 } from "./frames"

export type { Opcode }

export type TextKind = "json" | "lines" | "events" | "xml" | "svg" | "html" | "text"

export type Content =
  | { kind: TextKind | "binary" | "fields" | "empty" }
  | { kind: "image" | "audio"; type: string }
  | { kind: "packed"; type: Packer }
  | { kind: "known"; name: string }

// Packer is a compression format that browsers can decompress.
export type Packer = "gzip" | "zlib"

const maxExamined = 1024 // bytes examined

// Mark is a signature at an offset: "WEBP" at 8.
type Mark = readonly [at: number, text: string]

const images: readonly [string, ...Mark[]][] = [
  ["image/png", [0, "\x89PNG\r\n\x1a\n"]],
  ["image/jpeg", [0, "\xff\xd8\xff"]],
  ["image/gif", [0, "GIF8"]],
  ["image/webp", [0, "RIFF"], [8, "WEBP"]],
  ["image/avif", [4, "ftypavif"]],
  // "BM" alone begins many texts: a bitmap also has zeros in its reserved bytes.
  ["image/bmp", [0, "BM"], [6, "\0\0\0\0"]],
]

const sounds: readonly [string, ...Mark[]][] = [
  ["audio/wav", [0, "RIFF"], [8, "WAVE"]],
  ["audio/ogg", [0, "OggS"]],
  ["audio/flac", [0, "fLaC"]],
  ["audio/mp4", [4, "ftypM4A"]],
  ["audio/mp4", [4, "ftypM4B"]],
]

const gzip: readonly [string, ...Mark[]][] = [["gzip", [0, "\x1f\x8b\x08"]]]

// Formats that are named only.
const known: readonly [string, ...Mark[]][] = [
  ["pdf", [0, "%PDF-"]],
  ["zip", [0, "PK\x03\x04"]],
  ["zstd", [0, "\x28\xb5\x2f\xfd"]],
  ["webm", [0, "\x1a\x45\xdf\xa3"]],
  ["mp4", [4, "ftyp"]],
]

// recognise guesses from the start of a payload; analyse checks the guess.
export function recognise(bytes: Uint8Array, opcode: Opcode | undefined): Content {
  if (bytes.length === 0) return { kind: "empty" }
  const marked = opcode === "text" ? null : markedContent(bytes)
  if (marked) return marked
  const head = textOf(bytes.subarray(0, maxExamined))
  if (head === null && opcode !== "text") return isZlib(bytes) ? { kind: "packed", type: "zlib" } : { kind: "binary" }
  return { kind: textKind(head ?? "") }
}

function markedContent(bytes: Uint8Array): Content | null {
  const image = marked(images, bytes)
  if (image) return { kind: "image", type: image }
  const sound = marked(sounds, bytes) ?? (isMP3(bytes) ? "audio/mpeg" : isAAC(bytes) ? "audio/aac" : null)
  if (sound) return { kind: "audio", type: sound }
  if (marked(gzip, bytes)) return { kind: "packed", type: "gzip" }
  const name = marked(known, bytes)
  return name ? { kind: "known", name } : null
}

function marked(table: readonly [string, ...Mark[]][], bytes: Uint8Array): string | null {
  const holds = ([at, text]: Mark): boolean => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0))
  return table.find(([, ...marks]) => marks.every(holds))?.[0] ?? null
}

// The header is two bytes with a checksum of five bits (RFC 1950, 2.2): one payload in
// thousands has it by chance, so decompression must succeed before it counts.
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0x78 && ((first << 8) | second) % 31 === 0
}

// Markup that may precede the first element.
const prologue = /^(?:<\?[^>]*>|<!--[^]*?-->|<!doctype[^>[]*(?:\[[^\]]*\])?[^>]*>|\s)*/i

function textKind(head: string): TextKind {
  const text = head.replace(/^\ufeff/, "").trimStart()
  if (/^(\{\s*(["}]|$)|\[\s*([[\]{"\d\-tfn]|$)|")/.test(text) || /^(-?\d[\d.eE+-]*|true|false|null)\s*$/.test(text)) return "json"
  if (/^<!doctype html|^<html[\s>]|^<(head|body|div|p|h[1-6]|span|table|ul|ol|section|article|main)[\s>]/i.test(text)) return "html"
  if (/^(data|event|id|retry):|^: ?\S/.test(text) && /^data:/m.test(text)) return "events"
  if (!/^<(\?xml|!--|!DOCTYPE|[A-Za-z_][\w.:-]*[\s/>])/.test(text)) return "text"
  return /^<svg[\s/>]/i.test(text.replace(prologue, "")) ? "svg" : "xml"
}

// textOf returns the text of bytes that are text, else null. A character cut off at the
// end is ignored.
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true })
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}
