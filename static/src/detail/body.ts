// One payload that is open: its bytes, what they are, and what the worker made of them.

import type { Workshop } from "../workshop"
import type { Fault, Tape } from "../worker/json"
import type { MarkupFault } from "../worker/markup"
import type { Row } from "../wire"
import { recognise, type Content } from "./recognise"

export type View = "pretty" | "tree" | "raw" | "hex" | "preview"

export const views: readonly View[] = ["pretty", "tree", "raw", "hex", "preview"]

export interface Body {
  row: Row
  content: Content
  // bytes is the payload, or its beginning when it is not whole.
  bytes: Uint8Array<ArrayBuffer>
  whole: boolean
  pretty: Uint8Array<ArrayBuffer> | null
  tape: Tape | null
  fault: Fault | MarkupFault | null
}

// A payload above this is not fetched whole unless asked for: its beginning is.
const largest = 32 << 20
const beginning = 8 << 20

export type Fetch = (seq: number, range?: [number, number]) => Promise<Uint8Array>

// fetchBody reads a payload, or its beginning when it is very large.
export async function fetchBody(row: Row, all: boolean, fetch: Fetch): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = row.size > largest && !all ? await fetch(row.seq, [0, beginning - 1]) : await fetch(row.seq)
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice()
}

// understand has the worker check and indent what was fetched.
export async function understand(row: Row, bytes: Uint8Array<ArrayBuffer>, workshop: Workshop): Promise<Body> {
  const content = recognise(bytes, row.opcode)
  const whole = bytes.length >= row.size
  const body: Body = { row, content, bytes, whole, pretty: null, tape: null, fault: null }
  const copy = bytes.slice()
  await workshop.run("open", { bytes: copy }, [copy.buffer])
  if (!whole) return body
  if (content.kind === "json") return { ...body, ...(await workshop.run("json", {})) }
  if (content.kind === "xml" || content.kind === "html") return { ...body, ...(await workshop.run("markup", { kind: content.kind })) }
  return body
}

// viewsOf is the views a payload has, best first.
export function viewsOf({ content, pretty, tape, fault }: Pick<Body, "content" | "pretty" | "tape" | "fault">): View[] {
  const indented: View[] = pretty && !fault ? ["pretty"] : []
  switch (content.kind) {
    case "empty": return []
    case "json": return [...indented, ...(tape ? (["tree"] as const) : []), "raw", "hex"]
    case "xml": return [...indented, "raw", "hex"]
    case "html": return [...indented, "raw", "preview", "hex"]
    case "image": return ["preview", "hex", "raw"]
    case "text": return ["raw", "hex"]
    case "binary": return ["hex", "raw"]
  }
}
