// Reads a file in parts, so that 64 MiB of it need no memory.

import { hexText } from "./octets"

const partBytes = 1 << 20

// isUTF8 reports whether a whole file is UTF-8. It throws when the file cannot be read,
// as a folder cannot.
export function isUTF8(file: Blob): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  for (const bytes of parts(file)) {
    if (!decodes(decoder, bytes)) return false
  }
  return decodes(decoder)
}

function decodes(decoder: TextDecoder, bytes?: Uint8Array<ArrayBuffer>): boolean {
  try {
    if (bytes) decoder.decode(bytes, { stream: true })
    else decoder.decode()
    return true
  } catch {
    return false
  }
}

// hexOfFile writes the bytes of a file as hex digits.
export function hexOfFile(file: Blob): Blob {
  return new Blob([...parts(file)].map(hexText))
}

function* parts(file: Blob): Generator<Uint8Array<ArrayBuffer>> {
  const reader = new FileReaderSync()
  if (file.size === 0) reader.readAsArrayBuffer(file) // throws when the file cannot be read
  for (let at = 0; at < file.size; at += partBytes) yield new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + partBytes)))
}
