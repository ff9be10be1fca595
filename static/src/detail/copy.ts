// A body outside of the page: on the clipboard, in a new message, as a file.

import type { Row } from "../wire"
import type { Workshop } from "../worker"
import type { Body, View } from "./body"
import type { Stage } from "./stage"

// SavedType is how a text of a message is written when it is edited.
export type SavedType = "json" | "xml" | "html" | "text"

// copy puts what the view on the stage shows on the clipboard. The worker makes the text
// of it, which goes there without passing through the page.
export function copy(workshop: Workshop, { view, tree }: Stage): Promise<void> {
  const { from, to } = tree ? tree.chosen : { from: 0, to: null }
  const text = workshop.run("copy", { slot: slotOf(view), from, to, as: view === "hex" ? "hex" : "text" })
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": text })])
}

// slotOf is what of a body a view is made of.
export function slotOf(view: View): "wire" | "raw" | "pretty" {
  return view === "hex" ? "wire" : view === "pretty" ? "pretty" : "raw"
}

// asMessage is a text that can be edited and sent again.
export function asMessage({ raw, content: { kind } }: Body): { text: string; type: SavedType } {
  const type = kind === "json" || kind === "xml" || kind === "html" ? kind : kind === "svg" ? "xml" : "text"
  return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw), type }
}

// fileName is what a download is called where the server does not say so.
export function fileName({ seq, opcode }: Row): string {
  return `message-${seq}.${opcode === "binary" ? "bin" : "txt"}`
}
