// What the page asks of the worker and what it answers. Bytes go over as transferred
// arrays; a parsed value never does, for cloning one would stop the page for 100 ms.

import type { Hits } from "./find"
import type { Fault, Tape } from "./json"
import type { Lines } from "./lines"
import type { MarkupFault, MarkupKind } from "./markup"

// Slot names one of the texts that the worker keeps of the open body.
export type Slot = "raw" | "pretty"

// Jobs is every job with what it takes and what it gives.
export type Jobs = {
  // open keeps a body; the other jobs work on it.
  open: { take: { bytes: Uint8Array<ArrayBuffer> }; give: null }
  // json checks the body and indents it.
  json: { take: Record<never, never>; give: { fault: Fault } | { fault: null; tape: Tape | null; pretty: Uint8Array<ArrayBuffer> } }
  // markup indents the body.
  markup: { take: { kind: MarkupKind }; give: { fault: MarkupFault } | { fault: null; pretty: Uint8Array<ArrayBuffer> } }
  lines: { take: { slot: Slot; columns: number }; give: Lines }
  find: { take: { slot: Slot; query: string; fold: boolean }; give: Hits }
  // beautify indents a text that is being written.
  beautify: { take: { kind: "json" | MarkupKind; text: string }; give: Beautified }
  // check says where a text that is being written stops being JSON.
  check: { take: { text: string }; give: Fault | null }
}

export type Beautified = { fault: Fault | (MarkupFault & { line: number; column: number }) } | { fault: null; text: string }

export type JobName = keyof Jobs
export type Job = { [K in JobName]: { id: number; name: K; take: Jobs[K]["take"] } }[JobName]
export type Answer = { id: number; give: unknown } | { id: number; error: string }
