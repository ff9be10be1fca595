// Sentences that a person needs before reading a payload.

import { isDoubtful } from "../log"
import { count, say, size } from "../text"
import type { Packing } from "../worker"
import { maxIndent } from "./tree"
import { faultOf, viewsOf, type Body } from "./body"

// explain returns no sentence for a plain payload.
export function explain(body: Body): string[] {
  const { content, depth, row } = body
  if (row.size === 0) return [say("detail.empty")]
  const sentences = body.packed.map(packing)
  if (row.invalidUTF8) sentences.push(say("detail.not_utf8"))
  if (isDoubtful(row)) sentences.push(say(`detail.${row.event}`))
  if (content.kind === "packed" && body.packed.length === 0) sentences.push(say("detail.packed", { type: content.type }))
  if (content.kind === "known") sentences.push(say("detail.known", { kind: say(`detail.kind.${content.name}`) }))
  if (content.kind === "fields") sentences.push(say("detail.guess"))
  if (depth > maxIndent && viewsOf(body).includes("pretty")) sentences.push(say("detail.deep", { depth: count(depth), level: maxIndent }))
  // Most HTML leaves tags open, which is valid.
  const fault = content.kind === "html" ? "" : faultOf(body)
  return fault ? [...sentences, fault] : sentences
}

// gzip, 12.0 kB → 1.2 MB.
function packing({ type, from, to, end }: Packing): string {
  return say(`detail.packed.${end}`, { type, from: size(from), to: size(to) })
}
