// What a payload is and how it reads best: checked, indented, laid out as a tree.

import { recognise, type Content } from "../detail/recognise"
import type { Opcode } from "../wire"
import { indent } from "./indent"
import { scan, type Fault, type Tape } from "./json"
import type { Bytes } from "./load"
import { indentMarkup, type MarkupFault, type MarkupKind } from "./markup"

// Understood is what is known of a payload beside its bytes.
export type Understood = {
  content: Content
  pretty: Bytes | null
  tape: Tape | null
  fault: Fault | MarkupFault | null
}

// understand looks at a payload; of one that is cut off, only what it seems to be is said.
export function understand(bytes: Bytes, opcode: Opcode | undefined, whole: boolean): Understood {
  const content = recognise(bytes, opcode)
  const plain: Understood = { content, pretty: null, tape: null, fault: null }
  if (!whole) return plain
  if (content.kind === "json") return { ...plain, ...json(bytes) }
  if (content.kind === "xml" || content.kind === "html") return { ...plain, ...markup(bytes, content.kind) }
  return plain
}

function json(bytes: Bytes): Partial<Understood> {
  const { fault, tape } = scan(bytes)
  return fault ? { fault } : { tape, pretty: indent(bytes) }
}

function markup(bytes: Bytes, kind: MarkupKind): Partial<Understood> {
  const indented = indentMarkup(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), kind)
  return indented.fault ? { fault: indented.fault } : { pretty: new TextEncoder().encode(indented.text) }
}
