// Analyses a payload: its kind, its syntax errors, its indented text, its tree. Parts
// that cannot be computed are null, and the page explains why.

import { indentEvents } from "./events"
import { scanFields } from "./fields"
import { TooLong, indentJSON } from "./indent"
import { scanJSON, scanJSONLines, type Fault, type Tape } from "./json"
import type { Bytes } from "./load"
import { indentMarkup, type MarkupFault } from "./markup"
import { pictureOf, type Picture } from "./picture"
import { recognise, type Content, type Opcode } from "./recognise"
import { isSoundAlone, soundOf, type Sound } from "./sound"
import type { MarkupKind } from "./tokens"

// Analysis holds the facts about a payload.
export type Analysis = {
  content: Content
  pretty: Bytes | null
  tape: Tape | null
  depth: number // levels of nesting of JSON
  fault: Fault | MarkupFault | null
  picture: Picture | null
  sound: Sound | null
}

// analyse examines a payload; of an incomplete one it only guesses the kind.
export function analyse(bytes: Bytes, opcode: Opcode | undefined, whole: boolean): Analysis {
  const content = recognise(bytes, opcode)
  const plain: Analysis = { content, pretty: null, tape: null, depth: 0, fault: null, picture: null, sound: null }
  return whole ? { ...plain, ...analyseWhole(bytes, content) } : plain
}

function analyseWhole(bytes: Bytes, content: Content): Partial<Analysis> {
  switch (content.kind) {
    case "json": return analyseJSON(bytes)
    case "events": return { pretty: nullIfTooLong(() => indentEvents(bytes)) }
    case "xml": case "svg": return analyseMarkup(bytes, "xml")
    case "html": return analyseMarkup(bytes, "html")
    case "image": return { picture: pictureOf(bytes, content.type) }
    case "audio": return { sound: soundOf(bytes, content.type) }
    case "known": return content.name === "mp4" && isSoundAlone(bytes) ? { content: { kind: "audio", type: "audio/mp4" }, sound: soundOf(bytes, "audio/mp4") } : {}
    case "binary": return analyseFields(bytes)
    default: return {}
  }
}

function analyseJSON(bytes: Bytes): Partial<Analysis> {
  const one = scanJSON(bytes)
  const many = one.fault?.code === "trailing" ? scanJSONLines(bytes) : one
  // A valid second document means that lines were intended: the error is in a later one.
  const { fault, tape, depth } = many.fault && one.fault && many.fault.offset <= one.fault.offset ? one : many
  if (fault) return { fault }
  const content: Content = { kind: many === one ? "json" : "lines" }
  return { content, tape, depth, pretty: nullIfTooLong(() => indentJSON(bytes)) }
}

function analyseMarkup(bytes: Bytes, kind: MarkupKind): Partial<Analysis> {
  const indented = indentMarkup(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), kind)
  return indented.fault ? { fault: indented.fault } : { pretty: new TextEncoder().encode(indented.text) }
}

function analyseFields(bytes: Bytes): Partial<Analysis> {
  const tape = scanFields(bytes)
  return tape ? { content: { kind: "fields" }, tape } : {}
}

function nullIfTooLong(make: () => Bytes | null): Bytes | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof TooLong) return null
    throw error
  }
}
