// What the page asks of the worker and what it answers. Bytes go over as transferred
// arrays; a parsed value never does, for cloning one would stop the page for 100 ms.

import type { Opcode } from "../wire/wire"
import type { Hits } from "./find"
import type { Fault } from "./json"
import type { Lines } from "./lines"
import type { Bytes, Request } from "./load"
import type { MarkupFault, MarkupKind } from "./markup"
import type { Content } from "./recognise"
import type { Understood } from "./understand"
import type { Packing } from "./unpack"

// Slot names what the worker keeps of the open body: the bytes as they passed, what
// they are when they are unpacked, and that indented.
export type Slot = "wire" | "raw" | "pretty"

// Jobs is every job with what it takes and what it gives, and what it tells on the way.
export type Jobs = {
  // open fetches a body, keeps it and finds out what it is; the next ones work on it.
  open: { take: { request: Request; size: number; opcode: Opcode | undefined }; part: Early; give: Opened }
  lines: { take: { slot: Slot; columns: number }; give: Lines }
  find: { take: { slot: Slot; query: string; fold: boolean }; give: Hits }
  // examine says whether a file is UTF-8, all of it.
  examine: { take: { file: Blob }; give: boolean }
  // copy makes a text of a part: to is its end, null the end of all.
  copy: { take: { slot: Slot; from: number; to: number | null; as: "text" | "hex" }; give: Blob }
  // preview makes a body fit for the sealed frame.
  preview: { take: { kind: "html" | "svg" }; give: string }
  // beautify indents a text that is being written.
  beautify: { take: { kind: Checked; text: Blob }; give: Beautified }
  // check says where a text that is being written stops being what it is to be; one of
  // blanks is nothing yet.
  check: { take: { kind: Checked; text: Blob }; give: CheckFault | null }
  // hex writes bytes as hex digits.
  hex: { take: { bytes: Blob }; give: Blob }
}

// Early is how much of a large body is here, and, once, how it begins.
export type Early = { got: number; head: Head | null }
export type Head = { content: Content; bytes: Bytes; pretty: Bytes | null }

// Opened is a body as it passed (wire), as it is when layers of compression are taken
// off (raw; null when there are none), and what it is. Only a whole one is looked into.
export type Opened = Understood & { wire: Bytes; raw: Bytes | null; packed: Packing[]; whole: boolean }

export type Checked = "json" | MarkupKind

// CheckFault has a sentence "<kind>.<code>".
export type CheckFault = { code: string; line: number; column: number; name?: string }

export type Beautified = { fault: Fault | (MarkupFault & { line: number; column: number }) } | { fault: null; text: Blob }

export type JobName = keyof Jobs
export type Job = { [K in JobName]: { id: number; name: K; take: Jobs[K]["take"] } }[JobName]
export type PartOf<K extends JobName> = Jobs[K] extends { part: infer P } ? P : never

// Trouble is why a job was not done: the server could not be reached, it refused with
// a sentence of its own, or the worker failed.
export type Trouble = { code: "unreachable" | "refused" | "failed"; message: string }

export type Answer = { id: number; give: unknown } | { id: number; part: unknown } | { id: number; trouble: Trouble }
