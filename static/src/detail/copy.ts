// Takes a body out of the page: to the clipboard, to a new message, to a file.

import type { Row } from "../wire"
import type { Workshop } from "../worker"
import type { Body, View } from "./body"
import type { Stage } from "./stage"

// SavedType is the type of a message that is edited again.
export type SavedType = "json" | "xml" | "html" | "text"

// copyView puts the text of the current view on the clipboard. The worker makes the text,
// which never passes through the page.
export function copyView(workshop: Workshop, { view, tree }: Stage): Promise<void> {
  const { from, to } = tree ? tree.chosen : { from: 0, to: null }
  const text = workshop.run("copy", { slot: slotOf(view), from, to, as: view === "hex" ? "hex" : "text" })
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": text })])
}

// slotOf returns the text of a body that a view shows.
export function slotOf(view: View): "wire" | "raw" | "pretty" {
  return view === "hex" ? "wire" : view === "pretty" ? "pretty" : "raw"
}

// asMessage returns the text of a body to edit and send again.
export function asMessage({ raw, content: { kind } }: Body): { text: string; type: SavedType } {
  const type = kind === "json" || kind === "xml" || kind === "html" ? kind : kind === "svg" ? "xml" : "text"
  return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw), type }
}

// fileName returns the name of a download for which the server gives none.
export function fileName({ seq, opcode }: Row): string {
  return `message-${seq}.${opcode === "binary" ? "bin" : "txt"}`
}
