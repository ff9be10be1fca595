// Decompresses up to a limit: twelve kilobytes can hold twelve megabytes of text, and
// twelve megabytes twelve gigabytes of zeros.

import { ByteBuffer, type Bytes } from "./load"
import type { Packer } from "./recognise"

// maxUnpackedBytes is the size at which decompression stops.
export const maxUnpackedBytes = 32 << 20

// Packing is one layer of compression: its bytes before and after, and how it ended.
export type Packing = { type: Packer; from: number; to: number; end: "whole" | "limit" | "damaged" }

// One slice expands at max a thousandfold before the limit is checked again.
const sliceBytes = 2048

// unpack decompresses up to the limit or up to the first damaged byte.
export async function unpack(bytes: Bytes, type: Packer, max = maxUnpackedBytes): Promise<{ bytes: Bytes; packing: Packing }> {
  const stream = new DecompressionStream(type === "gzip" ? "gzip" : "deflate")
  const feeding = feed(stream.writable.getWriter(), bytes).catch(() => {}) // the reader gets the error
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader()
  const unpacked = new ByteBuffer(bytes.length * 4)
  let end: Packing["end"] = "whole"
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      unpacked.addChunk(next.value.subarray(0, max - unpacked.bytes.length))
      if (unpacked.bytes.length < max) continue
      end = "limit"
      break
    }
  } catch {
    end = "damaged"
  }
  await reader.cancel().catch(() => {})
  await feeding
  return { bytes: unpacked.bytes, packing: { type, from: bytes.length, to: unpacked.bytes.length, end } }
}

async function feed(writer: WritableStreamDefaultWriter<BufferSource>, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length; at += sliceBytes) await writer.write(bytes.subarray(at, at + sliceBytes))
  await writer.close()
}
