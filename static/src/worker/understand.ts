// What a payload is and how it reads best: checked, indented, laid out as a tree. What
// cannot be had is left out; the page says why.

import type { Opcode } from "../wire/wire"
import { indentEvents } from "./events"
import { scanFields } from "./fields"
import { indent, TooLong } from "./indent"
import { scan, scanLines, type Fault, type Tape } from "./json"
import type { Bytes } from "./load"
import { indentMarkup, type MarkupFault, type MarkupKind } from "./markup"
import { pictureOf, type Picture } from "./picture"
import { recognise, type Content } from "./recognise"
import { isSoundAlone, soundOf, type Sound } from "./sound"

// Understood is what is known of a payload beside its bytes.
export type Understood = {
  content: Content
  pretty: Bytes | null
  tape: Tape | null
  depth: number // levels of nesting, of JSON
  fault: Fault | MarkupFault | null
  picture: Picture | null
  sound: Sound | null
}

// understand looks at a payload; of one that is cut off, only what it seems to be is said.
export function understand(bytes: Bytes, opcode: Opcode | undefined, whole: boolean): Understood {
  const content = recognise(bytes, opcode)
  const plain: Understood = { content, pretty: null, tape: null, depth: 0, fault: null, picture: null, sound: null }
  return whole ? { ...plain, ...closer(bytes, content) } : plain
}

function closer(bytes: Bytes, content: Content): Partial<Understood> {
  switch (content.kind) {
    case "json": return json(bytes)
    case "events": return { pretty: shortEnough(() => indentEvents(bytes)) }
    case "xml": case "svg": return markup(bytes, "xml")
    case "html": return markup(bytes, "html")
    case "image": return { picture: pictureOf(bytes, content.type) }
    case "audio": return { sound: soundOf(bytes, content.type) }
    case "known": return content.name === "mp4" && isSoundAlone(bytes) ? { content: { kind: "audio", type: "audio/mp4" }, sound: soundOf(bytes, "audio/mp4") } : {}
    case "binary": return fields(bytes)
    default: return {}
  }
}

function json(bytes: Bytes): Partial<Understood> {
  const one = scan(bytes)
  const many = one.fault?.code === "trailing" ? scanLines(bytes) : one
  // A second document shows that lines were meant: then the mistake is in the third.
  const { fault, tape, depth } = many.fault && one.fault && many.fault.offset <= one.fault.offset ? one : many
  if (fault) return { fault }
  const content: Content = { kind: many === one ? "json" : "lines" }
  return { content, tape, depth, pretty: shortEnough(() => indent(bytes)) }
}

function markup(bytes: Bytes, kind: MarkupKind): Partial<Understood> {
  const indented = indentMarkup(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), kind)
  return indented.fault ? { fault: indented.fault } : { pretty: new TextEncoder().encode(indented.text) }
}

function fields(bytes: Bytes): Partial<Understood> {
  const tape = scanFields(bytes)
  return tape ? { content: { kind: "fields" }, tape } : {}
}

function shortEnough(make: () => Bytes | null): Bytes | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof TooLong) return null
    throw error
  }
}
