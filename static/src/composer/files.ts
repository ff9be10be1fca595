// Decides whether a file is sent as text or as binary. Only its beginning is read here;
// the worker checks the rest.

import { recognise, type Workshop } from "../worker"

const largest = 64 << 20 // bytes; a larger file cannot be sent and is not checked

// readsAsText reports whether a file looks like text.
export async function readsAsText(file: File, workshop: Workshop): Promise<boolean> {
  const { kind } = recognise(new Uint8Array(await file.slice(0, 1024).arrayBuffer()), undefined)
  return kind !== "binary" && kind !== "image" && isUTF8(file, workshop)
}

// isUTF8 reports whether a file is valid UTF-8, which a text message needs.
export async function isUTF8(file: File, workshop: Workshop): Promise<boolean> {
  return file.size <= largest && workshop.run("examine", { file })
}

// isThere is false for a folder and for a file that changed after it was chosen.
export function isThere(file: File): Promise<boolean> {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false)
}

// textOf decodes UTF-8 and keeps a byte order mark.
export async function textOf(body: Blob): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await body.arrayBuffer())
}
