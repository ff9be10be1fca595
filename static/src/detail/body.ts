// An open payload: its bytes, its kind, and the views it has.

import { count, has, say, size, visible } from "../text"
import type { Row } from "../wire"
import { isLikelyFields, maxIndentedBytes, maxValues, type Content, type Opened } from "../worker"

export type View = "pretty" | "tree" | "raw" | "hex" | "preview"

export const views: readonly View[] = ["pretty", "tree", "raw", "hex", "preview"]

// Body is the payload of a row: wire holds the bytes that passed, raw the decompressed ones.
export type Body = Omit<Opened, "raw"> & { row: Row; raw: Opened["wire"] }

export function bodyOf(row: Row, opened: Opened): Body {
  return { ...opened, row, raw: opened.raw ?? opened.wire }
}

// Of a payload above this size, only the beginning is fetched at first.
const largest = 32 << 20
const beginning = 8 << 20

// maxBytesOf returns the number of bytes to fetch of a payload; null is all.
export function maxBytesOf(size: number, all: boolean): number | null {
  return size > largest && !all ? beginning : null
}

// Larger markup has no preview: where a frame shares the page's thread, it would block
// the page.
const maxPreviewedBytes = 1 << 20

type Kind = Content["kind"]

// The views of each kind of content, best first.
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

// mayPreview reports whether a kind of content has a preview at all.
export function mayPreview(content: Content): boolean {
  return fitting[content.kind].includes("preview")
}

// viewsOf returns the views of a payload, best first.
export function viewsOf(body: Body): View[] {
  const offered = fitting[body.content.kind].filter((view) => whyNot(view, body) === "")
  // Random bytes sometimes parse as fields: then the bytes come first.
  const isGuess = body.content.kind === "fields" && body.tape !== null && !isLikelyFields(body.tape)
  return isGuess ? ["hex", "tree", "raw"] : offered
}

// whyNot returns why a view is not available, in a sentence; "" when it is.
export function whyNot(view: View, body: Body): string {
  const { content, whole, pretty, tape } = body
  if (content.kind === "empty") return say("detail.empty")
  if (view === "raw" || view === "hex") return ""
  if (!fitting[content.kind].includes(view)) return say(`detail.no.${view}`, { kind: kindOf(content) })
  if (!whole) return say("detail.no.part")
  if (view === "preview") return isPreviewable(body) ? "" : say("detail.no.preview_large", { most: size(maxPreviewedBytes) })
  if (body.fault) return faultOf(body)
  if (view === "pretty" && !pretty) return content.kind === "events" ? say("detail.no.events") : say("detail.no.pretty_large", { most: size(maxIndentedBytes) })
  return view === "tree" && !tape ? say("detail.no.tree_large", { most: count(maxValues) }) : ""
}

function isPreviewable({ content, raw }: Body): boolean {
  return content.kind === "image" || content.kind === "audio" || raw.length <= maxPreviewedBytes
}

// faultOf returns the syntax error of a payload, in a sentence; "" when there is none.
export function faultOf({ fault }: Body): string {
  if (!fault) return ""
  if ("line" in fault) return say(`json.${fault.code}`, { line: count(fault.line), column: count(fault.column) })
  return say(`markup.${fault.code}`, { name: visible(fault.name) })
}

// kindOf returns the name of a kind of content: JSON, PNG image.
export function kindOf(content: Content): string {
  const name = "type" in content ? (content.type.split("/").at(-1) ?? "") : ""
  const key = content.kind === "known" ? `detail.kind.${content.name}` : `detail.kind.${content.kind}`
  return has(key) ? say(key, { name: name === "mpeg" ? "MP3" : name.toUpperCase() }) : content.kind
}
