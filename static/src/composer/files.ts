// What a file can be sent as. None of it is read here but its beginning; the worker
// looks at the rest.

import { recognise, type Workshop } from "../worker"

const largest = 64 << 20 // bytes; a larger one cannot be sent, so it is not looked at

// readsAsText reports whether a person would call a file text.
export async function readsAsText(file: File, workshop: Workshop): Promise<boolean> {
  const { kind } = recognise(new Uint8Array(await file.slice(0, 1024).arrayBuffer()), undefined)
  return kind !== "binary" && kind !== "image" && isUTF8(file, workshop)
}

// isUTF8 reports whether a file can be sent as text.
export async function isUTF8(file: File, workshop: Workshop): Promise<boolean> {
  return file.size <= largest && workshop.run("examine", { file })
}

// isThere is false for a folder, and for a file that was changed since it was chosen.
export function isThere(file: File): Promise<boolean> {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false)
}

// textOf is the text of bytes as they stand, byte order mark included.
export async function textOf(body: Blob): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await body.arrayBuffer())
}
