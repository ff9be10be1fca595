// The worker's entry point. It runs the jobs that take longer the larger a payload is.

import { copySlot } from "./copy"
import { findBytes, needleOf } from "./find"
import { checkHTML } from "./html"
import { indentJSON } from "./indent"
import { decodeBase64, lookInside } from "./inside"
import { scanJSON, type Tape } from "./json"
import { cutLines } from "./lines"
import { RefusedError } from "./load"
import { indentMarkup } from "./markup"
import { openBody, slots } from "./open"
import { pictureOf } from "./picture"
import { textPosition } from "./place"
import { wavOf } from "./samples"
import { soundOf } from "./sound"
import type { Answer, Beautified, CheckFault, Extracted, Progress, Job, Jobs, Opened, Failure } from "./protocol"
import { seal } from "./seal"
import { hexOfFile, isUTF8 } from "./file"
import { checkXML } from "./xml"

type Scope = {
  onmessage: ((event: MessageEvent<Job>) => void) | null
  postMessage(answer: Answer, transfer: Transferable[]): void
}

const scope = globalThis as unknown as Scope
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

type Result = { output: unknown; transfer: Transferable[] }

scope.onmessage = ({ data: job }) => void answer(job)

async function answer(job: Job): Promise<void> {
  const { id } = job
  try {
    const { output, transfer } = await runJob(job)
    scope.postMessage({ id, output }, transfer)
  } catch (error) {
    scope.postMessage({ id, failure: failureOf(error) }, [])
  }
}

async function runJob(job: Job): Promise<Result> {
  switch (job.name) {
    case "open":
      return withBody(await openBody(job.input, (progress) => report(job.id, progress)))
    case "lines": {
      const lines = cutLines(slots[job.input.slot], job.input.columns)
      return withTransfer(lines, lines.start, lines.number)
    }
    case "find": {
      const hits = findBytes(slots[job.input.slot], needleOf(job.input.query), job.input.fold)
      return withTransfer(hits, hits.from)
    }
    case "inside":
      return withTransfer(lookInside(slots.raw, slots.pretty, job.input.path, job.input.text, job.input.sound))
    case "extract": {
      const extracted = extract(job.input)
      return withTransfer(extracted, extracted?.bytes ?? null)
    }
    case "copy":
      return withTransfer(copySlot(job.input))
    case "preview":
      return withTransfer(seal(decoder.decode(slots.raw), job.input.kind))
    case "beautify":
      return withTransfer(beautify(job.input))
    case "check":
      return withTransfer(checkSource(job.input))
    case "examine":
      return withTransfer(isUTF8(job.input.file))
    case "hex":
      return withTransfer(hexOfFile(job.input.bytes))
  }
}

type Transferred = ArrayBufferView<ArrayBuffer> | null

function withTransfer(output: unknown, ...arrays: Transferred[]): Result {
  return { output, transfer: arrays.flatMap((array) => array?.buffer ?? []) }
}

function report(id: number, progress: Progress): void {
  const { transfer } = withTransfer(progress, progress.start?.bytes ?? null, progress.start?.pretty ?? null)
  scope.postMessage({ id, progress }, transfer)
}

function withBody(output: Opened): Result {
  return withTransfer(output, output.wire, output.raw, output.pretty, ...columnsOf(output.tape))
}

function columnsOf(tape: Tape | null): Transferred[] {
  return tape ? [tape.kind, tape.key, tape.start, tape.end, tape.next, tape.parent] : []
}

// fetch rejects with a TypeError when it cannot reach the server.
function failureOf(error: unknown): Failure {
  if (error instanceof RefusedError) return { code: "refused", message: error.message }
  return { code: error instanceof TypeError ? "unreachable" : "failed", message: String(error) }
}

function beautify({ kind, text: body }: Jobs["beautify"]["input"]): Beautified {
  if (kind === "json") {
    const bytes = readBlob(body)
    const { fault } = scanJSON(bytes, 0)
    return fault ? { fault } : { fault: null, text: new Blob([indentJSON(bytes)]) }
  }
  const text = decoder.decode(readBlob(body))
  const indented = indentMarkup(text, kind)
  if (!indented.fault) return { fault: null, text: new Blob([indented.text]) }
  return { fault: { ...indented.fault, ...textPosition(text, indented.fault.offset) } }
}

function checkSource({ kind, text: body }: Jobs["check"]["input"]): CheckFault | null {
  const bytes = readBlob(body)
  if (kind === "json") return bytes.every(isWhiteSpace) ? null : scanJSON(bytes, 0).fault
  const text = decoder.decode(bytes)
  const flaw = text.trim() === "" ? null : kind === "xml" ? checkXML(text) : checkHTML(text)
  return flaw && { ...flaw, ...textPosition(text, flaw.offset) }
}

function extract({ from, to, isBase64, type, samples }: Jobs["extract"]["input"]): Extracted | null {
  const part = slots.raw.subarray(from, to)
  const decoded = isBase64 ? decodeBase64(decoder.decode(part)) : part.slice()
  const bytes = samples && decoded ? wavOf(decoded, samples.encoding, samples.rate, samples.channels) : decoded
  return bytes && { bytes, picture: type.startsWith("image/") ? pictureOf(bytes, type) : null, sound: type.startsWith("audio/") ? soundOf(bytes, type) : null }
}

function isWhiteSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09
}

function readBlob(body: Blob): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new FileReaderSync().readAsArrayBuffer(body))
}
