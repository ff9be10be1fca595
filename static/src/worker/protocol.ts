// The messages between the page and the worker. Bytes are transferred as arrays; parsed
// values are never posted, because cloning them blocks the page for 100 ms.

import type { Analysis } from "./analyse"
import type { Hits } from "./find"
import type { Inside } from "./inside"
import type { Fault } from "./json"
import type { Lines } from "./lines"
import type { Bytes, BodyRequest } from "./load"
import type { RowSound } from "../wire/wire"
import type { Picture } from "./picture"
import type { Sound } from "./sound"
import type { MarkupFault } from "./markup"
import type { Content, Opcode } from "./recognise"
import type { MarkupKind } from "./tokens"
import type { Packing } from "./unpack"

// Slot names a text of the open body: its bytes on the wire, those decompressed, and
// those indented.
export type Slot = "wire" | "raw" | "pretty"

// Jobs lists the jobs with their input, their output and their reports on the way.
export type Jobs = {
  // open fetches, analyses and keeps a body; lines, find, copy and preview work on it.
  open: { input: { body: BodyRequest; size: number; opcode: Opcode | undefined }; progress: Progress; output: Opened }
  lines: { input: { slot: Slot; columns: number }; output: Lines }
  find: { input: { slot: Slot; query: string; fold: boolean }; output: Hits }
  // inside finds the joined text, and images and sound, in a body of JSON.
  inside: { input: { path: string; text: string; sound: Pick<RowSound, "path" | "encoding"> | null }; output: Inside }
  // extract returns the bytes that base64 at bytes from..to of the body stands for, or those
  // bytes themselves; samples become a WAV. null is what cannot be read.
  extract: { input: { from: number; to: number; isBase64: boolean; type: string; samples: RowSound | null }; output: Extracted | null }
  // examine reports whether a whole file is UTF-8.
  examine: { input: { file: Blob }; output: boolean }
  // copy returns bytes from..to of a slot; null is its end.
  copy: { input: { slot: Slot; from: number; to: number | null; as: "text" | "hex" }; output: Blob }
  // preview makes the open body safe for a sandboxed frame.
  preview: { input: { kind: "html" | "svg" }; output: string }
  // beautify indents a draft.
  beautify: { input: { kind: Checked; text: Blob }; output: Beautified }
  // check returns the first error of a draft; a blank draft has none.
  check: { input: { kind: Checked; text: Blob }; output: CheckFault | null }
  // hex writes bytes as hex digits.
  hex: { input: { bytes: Blob }; output: Blob }
}

// Progress is the number of bytes received of a large body and, once, its beginning.
export type Progress = { received: number; start: BodyStart | null }
export type BodyStart = { content: Content; bytes: Bytes; pretty: Bytes | null }

// Opened is a body and its analysis: wire holds the bytes as they passed, raw the
// decompressed ones (null when there was no compression). A body that was not fetched
// whole is not analysed beyond its kind.
export type Opened = Analysis & { wire: Bytes; raw: Bytes | null; packed: Packing[]; whole: boolean }

// Extracted is an image or sound, with what its header tells.
export type Extracted = { bytes: Bytes; picture: Picture | null; sound: Sound | null }

export type Checked = "json" | MarkupKind

// CheckFault is a syntax error of a draft; its sentence has the key "<kind>.<code>".
export type CheckFault = { code: string; line: number; column: number; name?: string }

export type Beautified = { fault: Fault | (MarkupFault & { line: number; column: number }) } | { fault: null; text: Blob }

export type JobName = keyof Jobs
export type Job = { [K in JobName]: { id: number; name: K; input: Jobs[K]["input"] } }[JobName]
export type ProgressOf<K extends JobName> = Jobs[K] extends { progress: infer P } ? P : never

// Failure is the reason that a job failed: the server was unreachable, it refused with a
// message of its own, or the worker failed.
export type Failure = { code: "unreachable" | "refused" | "failed"; message: string }

export type Answer = { id: number; output: unknown } | { id: number; progress: unknown } | { id: number; failure: Failure }
