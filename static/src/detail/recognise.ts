// What a payload is, told by its first bytes.

import type { Opcode } from "../wire"

export type Content =
  | { kind: "json" | "xml" | "html" | "text" | "binary" | "empty" }
  | { kind: "image"; type: string }

const looked = 1024 // bytes that are looked at

const images: readonly [string, readonly number[]][] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/bmp", [0x42, 0x4d]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46]],
  ["image/avif", [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66]],
]

// recognise is a guess from the start of a payload; a JSON guess is checked later.
export function recognise(bytes: Uint8Array, opcode: Opcode | undefined): Content {
  if (bytes.length === 0) return { kind: "empty" }
  const image = imageType(bytes)
  if (image && opcode !== "text") return { kind: "image", type: image }
  const head = textOf(bytes.subarray(0, looked))
  if (head === null && opcode !== "text") return { kind: "binary" }
  return { kind: textKind(head ?? "") }
}

function textKind(head: string): "json" | "xml" | "html" | "text" {
  const text = head.replace(/^\ufeff/, "").trimStart()
  if (/^(\{\s*(["}]|$)|\[\s*([[\]{"\d\-tfn]|$)|")/.test(text) || /^(-?\d[\d.eE+-]*|true|false|null)\s*$/.test(text)) return "json"
  if (/^<!doctype html|^<html[\s>]|^<(head|body|div|p|h[1-6]|span|table|ul|ol|section|article|main)[\s>]/i.test(text)) return "html"
  return /^<(\?xml|!--|!DOCTYPE|[A-Za-z_][\w.:-]*[\s/>])/.test(text) ? "xml" : "text"
}

function imageType(bytes: Uint8Array): string | null {
  for (const [type, magic] of images) {
    const from = type === "image/avif" ? 4 : 0
    if (!magic.every((byte, i) => bytes[from + i] === byte)) continue
    if (type === "image/webp" && String.fromCharCode(...bytes.subarray(8, 12)) !== "WEBP") continue
    // "BM" alone begins many a text: a bitmap also has zeros where bytes are reserved.
    if (type === "image/bmp" && (bytes.length < 54 || bytes[6] !== 0 || bytes[7] !== 0)) continue
    return type
  }
  return null
}

// textOf is the text of bytes that read as text, or null. A character cut off at the
// end does not count against them.
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true })
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}
