// One payload that is open: its bytes, what they are, and which views it has.

import type { Row } from "../wire"
import type { Opened } from "../worker/protocol"

export type View = "pretty" | "tree" | "raw" | "hex" | "preview"

export const views: readonly View[] = ["pretty", "tree", "raw", "hex", "preview"]

// Body is a row's payload, or its beginning when it is not whole.
export type Body = Opened & { row: Row }

// A payload above this is not fetched whole unless asked for: its beginning is.
const largest = 32 << 20
const beginning = 8 << 20

// mostOf is how many bytes of a payload are fetched; null is all.
export function mostOf(size: number, all: boolean): number | null {
  return size > largest && !all ? beginning : null
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
