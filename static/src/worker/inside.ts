// What is inside a JSON body: the text that a dialect joins, and images and sound in base64.

import type { RowSound } from "../wire/wire"
import { openBrace, openBracket, quote, scanJSON, type Tape } from "./json"
import { recognise } from "./recognise"

const maxScanned = 16 << 20 // bytes
const maxMedia = 20
const leastMedia = 64 // characters of base64

export type Range = { from: number; to: number }

// Medium is an image or sound in base64 at bytes from..to of the body. Samples are sound
// without a header.
export type Medium = Range & { name: string; kind: "image" | "audio" | "samples"; type: string }

export type Inside = { raw: Range | null; pretty: Range | null; media: Medium[] }

// lookInside finds the joined text in the bytes of a body, and in the same ones indented.
export function lookInside(raw: Uint8Array, pretty: Uint8Array, path: string, text: string, sound: Pick<RowSound, "path" | "encoding"> | null): Inside {
  const none: Inside = { raw: null, pretty: null, media: [] }
  if (raw.length > maxScanned) return none
  const { tape } = scanJSON(raw)
  if (!tape) return none
  const reader = new Reader(raw, tape)
  const node = text === "" ? -1 : reader.find(path, text)
  const indented = node < 0 || pretty.length === 0 || pretty.length > maxScanned ? null : scanJSON(pretty).tape
  return { raw: node < 0 ? null : rangeOf(tape, node), pretty: indented && rangeOf(indented, node), media: reader.media(sound) }
}

function rangeOf({ start, end }: Tape, node: number): Range {
  return { from: start[node] ?? 0, to: end[node] ?? 0 }
}

// Step is a part of a path: a name, an index, or all children.
type Step = { name: string } | { index: number } | { all: true }

// stepsOf reads the paths of names, indexes and wildcards; null for others.
export function stepsOf(path: string): Step[] | null {
  const steps: Step[] = []
  const part = /\.([^.[\]*\s]+)|\[(-?\d+)\]|\['([^'\\]*)'\]|\["([^"\\]*)"\]|\.\*|\[\*\]/y
  for (part.lastIndex = 1; part.lastIndex < path.length; ) {
    const found = part.exec(path)
    if (!found) return null
    const name = found[1] ?? found[3] ?? found[4]
    steps.push(name !== undefined ? { name } : found[2] !== undefined ? { index: Number(found[2]) } : { all: true })
  }
  return path.startsWith("$") ? steps : null
}

class Reader {
  private decoder = new TextDecoder()

  constructor(private readonly bytes: Uint8Array, private readonly tape: Tape) {}

  // find returns the first string that begins with a text: among those of the path, else
  // among all; -1 for none.
  find(path: string, text: string): number {
    const steps = stepsOf(path)
    for (const node of steps ? this.select(steps) : this.all()) {
      if (this.tape.kind[node] === quote && this.stringAt(node, 8 * text.length + 64).startsWith(text)) return node
    }
    return -1
  }

  media(sound: Pick<RowSound, "path" | "encoding"> | null): Medium[] {
    const steps = sound ? stepsOf(sound.path) : null
    const samples = new Set(steps ? this.select(steps) : [])
    if (sound?.path === "*") samples.add(this.longest())
    const found: Medium[] = []
    for (const node of this.all()) {
      if (found.length === maxMedia) break
      const { from, to } = this.content(node)
      if (this.tape.kind[node] !== quote || to - from < leastMedia) continue
      const head = this.decoder.decode(this.bytes.subarray(from, Math.min(to, from + 200)))
      const url = /^data:[\w./+-]+(?:;[\w=-]+)*;base64,/.exec(head)?.[0] ?? ""
      const bytes = decodeBase64(head.slice(url.length))
      if (!bytes) continue
      const content = recognise(bytes, "binary")
      const name = this.nameOf(node)
      if (content.kind === "image" || content.kind === "audio") found.push({ from: from + url.length, to, name, kind: content.kind, type: content.type })
      else if (samples.has(node)) found.push({ from, to, name, kind: "samples", type: "audio/wav" })
    }
    return found
  }

  private longest(): number {
    let best = -1
    let most = 0
    for (const node of this.all()) {
      const { from, to } = this.content(node)
      if (this.tape.kind[node] === quote && to - from > most) [best, most] = [node, to - from]
    }
    return best
  }

  private *all(): Generator<number> {
    for (let node = 0; node < this.tape.length; node++) yield node
  }

  private select(steps: readonly Step[]): number[] {
    let nodes = [0]
    for (const step of steps) nodes = nodes.flatMap((node) => this.children(node, step))
    return nodes
  }

  private children(node: number, step: Step): number[] {
    const { kind, next } = this.tape
    const isObject = kind[node] === openBrace
    if (!isObject && kind[node] !== openBracket) return []
    const all: number[] = []
    for (let child = node + 1; child < (next[node] ?? 0); child = next[child] ?? Infinity) all.push(child)
    if ("all" in step) return all
    if ("name" in step) return isObject ? all.filter((child) => this.nameOf(child) === step.name).slice(-1) : []
    return isObject ? [] : all.slice(step.index).slice(0, 1)
  }

  // nameOf returns the key of a value; "" for none.
  private nameOf(node: number): string {
    const at = this.tape.key[node] ?? 0
    if (at === 0) return ""
    let end = at + 1
    while (end < this.bytes.length && this.bytes[end] !== quote) end += this.bytes[end] === 0x5c ? 2 : 1
    return unquote(this.decoder.decode(this.bytes.subarray(at, end + 1)))
  }

  private content(node: number): Range {
    const { from, to } = rangeOf(this.tape, node)
    return { from: from + 1, to: to - 1 }
  }

  // stringAt decodes a string, of a long one the beginning.
  private stringAt(node: number, most: number): string {
    const { from, to } = rangeOf(this.tape, node)
    if (to - from <= most) return unquote(this.decoder.decode(this.bytes.subarray(from, to)))
    for (let end = from + most; end > from + most - 8; end--) {
      const head = unquote(`${this.decoder.decode(this.bytes.subarray(from, end))}"`)
      if (head !== "") return head.replace(/\ufffd$/, "")
    }
    return ""
  }
}

function unquote(json: string): string {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === "string" ? value : ""
  } catch {
    return ""
  }
}

// decodeBase64 reads base64 of either alphabet, with or without padding. A cut group at the
// end is left out. null is no base64.
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const plain = text.replace(/\\\//g, "/").replace(/-/g, "+").replace(/_/g, "/").replace(/\\[rn]|\s/g, "").replace(/=+$/, "")
  if (!/^[A-Za-z0-9+/]*$/.test(plain)) return null
  const whole = plain.length % 4 === 1 ? plain.slice(0, -1) : plain
  return Uint8Array.from(atob(whole), (c) => c.charCodeAt(0))
}
