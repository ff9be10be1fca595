// A body outside of the page: on the clipboard, in a new message, as a file.

import type { Body } from "./body"
import { hexText } from "./hex"
import type { Stage } from "./stage"

// copied is what the view on the stage shows, as text.
export function copied({ bytes, pretty }: Body, { view, tree }: Stage): string {
  if (view === "hex") return hexText(bytes)
  return decoded(tree ? bytes.subarray(tree.chosen.from, tree.chosen.to) : view === "pretty" && pretty ? pretty : bytes)
}

export function decoded(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
}

const endings: Readonly<Record<string, string>> = { json: "json", xml: "xml", html: "html", text: "txt", binary: "bin", empty: "txt" }

export function fileName({ row, content }: Body): string {
  const ending = content.kind === "image" ? content.type.slice("image/".length) : endings[content.kind]
  return `message-${row.seq}.${ending ?? "bin"}`
}
