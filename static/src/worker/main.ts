// The worker: everything that takes longer the longer a payload is.

import { copied } from "./copy"
import { findBytes, needleOf } from "./find"
import { checkHTML } from "./html"
import { indent } from "./indent"
import { scan, type Tape } from "./json"
import { cutLines } from "./lines"
import { Refused } from "./load"
import { indentMarkup } from "./markup"
import { held, open } from "./open"
import { placeOf } from "./place"
import type { Answer, Beautified, CheckFault, Early, Job, Jobs, Opened, Trouble } from "./protocol"
import { seal } from "./seal"
import { hexDigits, isUTF8 } from "./whole"
import { checkXML } from "./xml"

type Scope = {
  onmessage: ((event: MessageEvent<Job>) => void) | null
  postMessage(answer: Answer, transfer: Transferable[]): void
}

const scope = globalThis as unknown as Scope
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
    case "copy":
      return done(copied(job.take))
    case "preview":
      return done(seal(decoder.decode(held.raw), job.take.kind))
    case "beautify":
      return done(beautify(job.take))
    case "check":
      return done(check(job.take))
    case "examine":
      return done(isUTF8(job.take.file))
    case "hex":
      return done(hexDigits(job.take.bytes))
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
  return done(give, give.wire, give.raw, give.pretty, ...columnsOf(give.tape))
}

function columnsOf(tape: Tape | null): Given[] {
  return tape ? [tape.kind, tape.key, tape.start, tape.end, tape.next, tape.parent] : []
}

// A fetch that finds no server rejects with a TypeError.
function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) return { code: "refused", message: error.message }
  return { code: error instanceof TypeError ? "unreachable" : "failed", message: String(error) }
}

function beautify({ kind, text: body }: Jobs["beautify"]["take"]): Beautified {
  if (kind === "json") {
    const bytes = read(body)
    const { fault } = scan(bytes, 0)
    return fault ? { fault } : { fault: null, text: new Blob([indent(bytes)]) }
  }
  const text = decoder.decode(read(body))
  const indented = indentMarkup(text, kind)
  if (!indented.fault) return { fault: null, text: new Blob([indented.text]) }
  return { fault: { ...indented.fault, ...placeOf(text, indented.fault.offset) } }
}

function check({ kind, text: body }: Jobs["check"]["take"]): CheckFault | null {
  const bytes = read(body)
  if (kind === "json") return bytes.every(isBlank) ? null : scan(bytes, 0).fault
  const text = decoder.decode(bytes)
  const flaw = text.trim() === "" ? null : kind === "xml" ? checkXML(text) : checkHTML(text)
  return flaw && { ...flaw, ...placeOf(text, flaw.offset) }
}

function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09
}

function read(body: Blob): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new FileReaderSync().readAsArrayBuffer(body))
}
