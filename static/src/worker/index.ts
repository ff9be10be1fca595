// The worker: everything that takes longer the longer a payload is.

import { findBytes, needleOf } from "./find"
import { indent } from "./indent"
import { position, scan, type Tape } from "./json"
import { cutLines } from "./lines"
import { Refused } from "./load"
import { indentMarkup } from "./markup"
import { held, open } from "./open"
import type { Answer, Beautified, Early, Job, Jobs, Opened, Trouble } from "./protocol"

type Scope = {
  onmessage: ((event: MessageEvent<Job>) => void) | null
  postMessage(answer: Answer, transfer: Transferable[]): void
}

const scope = globalThis as unknown as Scope
const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

type Done = { give: unknown; transfer: Transferable[] }

scope.onmessage = ({ data: job }) => void answer(job)

async function answer(job: Job): Promise<void> {
  const { id } = job
  try {
    const { give, transfer } = await work(job)
    scope.postMessage({ id, give }, transfer)
  } catch (error) {
    scope.postMessage({ id, trouble: troubleOf(error) }, [])
  }
}

async function work(job: Job): Promise<Done> {
  switch (job.name) {
    case "open":
      return opened(await open(job.take, (early) => tell(job.id, early)))
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

type Given = ArrayBufferView<ArrayBuffer> | null

function done(give: unknown, ...arrays: Given[]): Done {
  return { give, transfer: arrays.flatMap((array) => array?.buffer ?? []) }
}

function tell(id: number, part: Early): void {
  const { transfer } = done(part, part.head?.bytes ?? null, part.head?.pretty ?? null)
  scope.postMessage({ id, part }, transfer)
}

function opened(give: Opened): Done {
  return done(give, give.bytes, give.pretty, ...columnsOf(give.tape))
}

function columnsOf(tape: Tape | null): Given[] {
  return tape ? [tape.kind, tape.key, tape.start, tape.end, tape.next, tape.parent] : []
}

// A fetch that finds no server rejects with a TypeError.
function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) return { code: "refused", message: error.message }
  return { code: error instanceof TypeError ? "unreachable" : "failed", message: String(error) }
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
