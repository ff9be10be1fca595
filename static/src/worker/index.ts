// The worker: everything that takes longer the longer a payload is.

import { findBytes, needleOf } from "./find"
import { indent } from "./indent"
import { position, scan } from "./json"
import { cutLines } from "./lines"
import { indentMarkup } from "./markup"
import type { Answer, Beautified, Job, Jobs, Slot } from "./protocol"

type Scope = {
  onmessage: ((event: MessageEvent<Job>) => void) | null
  postMessage(answer: Answer, transfer: Transferable[]): void
}

const scope = globalThis as unknown as Scope
const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const held: Record<Slot, Uint8Array> = { raw: new Uint8Array(0), pretty: new Uint8Array(0) }

type Done = { give: unknown; transfer: Transferable[] }

scope.onmessage = ({ data: job }) => {
  try {
    const { give, transfer } = work(job)
    scope.postMessage({ id: job.id, give }, transfer)
  } catch (error) {
    scope.postMessage({ id: job.id, error: String(error) }, [])
  }
}

function work(job: Job): Done {
  switch (job.name) {
    case "open":
      held.raw = job.take.bytes
      held.pretty = new Uint8Array(0)
      return done(null)
    case "json":
      return json()
    case "markup":
      return markup(job.take)
    case "lines": {
      const lines = cutLines(held[job.take.slot], job.take.columns)
      return done(lines, lines.start, lines.number)
    }
    case "find": {
      const hits = findBytes(held[job.take.slot], needleOf(job.take.query), job.take.fold)
      return done(hits, hits.from)
    }
    case "beautify":
      return done(beautify(job.take))
    case "check":
      return done(scan(encoder.encode(job.take.text), 0).fault)
  }
}

function done(give: unknown, ...arrays: ArrayBufferView<ArrayBuffer>[]): Done {
  return { give, transfer: arrays.map((array) => array.buffer) }
}

function json(): Done {
  const { fault, tape } = scan(held.raw)
  if (fault) return done({ fault })
  held.pretty = indent(held.raw)
  const pretty = held.pretty.slice()
  const give = { fault, tape, pretty }
  if (!tape) return done(give, pretty)
  const { kind, key, start, end, next, parent } = tape
  return done(give, pretty, kind, key, start, end, next, parent)
}

function markup({ kind }: Jobs["markup"]["take"]): Done {
  const indented = indentMarkup(decoder.decode(held.raw), kind)
  if (indented.fault) return done(indented)
  held.pretty = encoder.encode(indented.text)
  const pretty = held.pretty.slice()
  return done({ fault: null, pretty }, pretty)
}

function beautify({ kind, text }: Jobs["beautify"]["take"]): Beautified {
  if (kind !== "json") {
    const indented = indentMarkup(text, kind)
    if (!indented.fault) return indented
    return { fault: { ...indented.fault, ...position(encoder.encode(text), encoder.encode(text.slice(0, indented.fault.offset)).length) } }
  }
  const bytes = encoder.encode(text)
  const { fault } = scan(bytes, 0)
  return fault ? { fault } : { fault: null, text: decoder.decode(indent(bytes)) }
}
