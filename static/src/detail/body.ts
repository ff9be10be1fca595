// One payload that is open: its bytes, what they are, and which views it has.

import { count, has, say, size, visible } from "../text"
import type { Row } from "../wire"
import { isTelling, mostIndented, mostValues, type Content, type Opened } from "../worker"

export type View = "pretty" | "tree" | "raw" | "hex" | "preview"

export const views: readonly View[] = ["pretty", "tree", "raw", "hex", "preview"]

// Body is a row's payload: wire is the bytes that passed, raw what they are unpacked.
export type Body = Omit<Opened, "raw"> & { row: Row; raw: Opened["wire"] }

export function bodyOf(row: Row, opened: Opened): Body {
  return { ...opened, row, raw: opened.raw ?? opened.wire }
}

// A payload above this is not fetched whole unless asked for: its beginning is.
const largest = 32 << 20
const beginning = 8 << 20

// mostOf is how many bytes of a payload are fetched; null is all.
export function mostOf(size: number, all: boolean): number | null {
  return size > largest && !all ? beginning : null
}

// Markup above this is not previewed: where frames share a thread with the page, it
// would stop that.
const mostPreviewed = 1 << 20

type Kind = Content["kind"]

// What each kind of content is worth looking at as, best first.
const fitting: Readonly<Record<Kind, readonly View[]>> = {
  empty: [],
  json: ["pretty", "tree", "raw", "hex"],
  lines: ["pretty", "tree", "raw", "hex"],
  events: ["pretty", "raw", "hex"],
  xml: ["pretty", "raw", "hex"],
  svg: ["pretty", "raw", "preview", "hex"],
  html: ["pretty", "raw", "preview", "hex"],
  text: ["raw", "hex"],
  image: ["preview", "hex", "raw"],
  audio: ["preview", "hex", "raw"],
  fields: ["tree", "hex", "raw"],
  packed: ["hex", "raw"],
  known: ["hex", "raw"],
  binary: ["hex", "raw"],
}

// viewsOf is the views a payload has, best first.
export function viewsOf(body: Body): View[] {
  const offered = fitting[body.content.kind].filter((view) => whyNot(view, body) === "")
  // Bytes read as fields now and then by chance: then the bytes come first.
  const isGuess = body.content.kind === "fields" && body.tape !== null && !isTelling(body.tape)
  return isGuess ? ["hex", "tree", "raw"] : offered
}

// whyNot is why a view is not offered, in a sentence; empty when it is.
export function whyNot(view: View, body: Body): string {
  const { content, whole, pretty, tape } = body
  if (content.kind === "empty") return say("detail.empty")
  if (view === "raw" || view === "hex") return ""
  if (!fitting[content.kind].includes(view)) return say(`detail.no.${view}`, { kind: kindOf(content) })
  if (!whole) return say("detail.no.part")
  if (view === "preview") return previewable(body) ? "" : say("detail.no.preview_large", { most: size(mostPreviewed) })
  if (body.fault) return faultOf(body)
  if (view === "pretty" && !pretty) return content.kind === "events" ? say("detail.no.events") : say("detail.no.pretty_large", { most: size(mostIndented) })
  return view === "tree" && !tape ? say("detail.no.tree_large", { most: count(mostValues) }) : ""
}

function previewable({ content, raw }: Body): boolean {
  return content.kind === "image" || content.kind === "audio" || raw.length <= mostPreviewed
}

// faultOf is where and why a payload is not what it looks like; empty when it is.
export function faultOf({ fault }: Body): string {
  if (!fault) return ""
  if ("line" in fault) return say(`json.${fault.code}`, { line: count(fault.line), column: count(fault.column) })
  return say(`markup.${fault.code}`, { name: visible(fault.name) })
}

// kindOf is the name of a kind of content: JSON, PNG image.
export function kindOf(content: Content): string {
  const name = "type" in content ? (content.type.split("/").at(-1) ?? "") : ""
  const key = content.kind === "known" ? `detail.kind.${content.name}` : `detail.kind.${content.kind}`
  return has(key) ? say(key, { name: name === "mpeg" ? "MP3" : name.toUpperCase() }) : content.kind
}
