// Undoes compression, up to a limit: twelve kilobytes can be twelve megabytes of text,
// and twelve megabytes can be twelve gigabytes of zeros.

import { Arriving, type Bytes } from "./load"
import type { Packer } from "./recognise"

// mostUnpacked is where unpacking stops.
export const mostUnpacked = 32 << 20

// Packing is one layer: bytes before and after, and how it ended.
export type Packing = { type: Packer; from: number; to: number; end: "whole" | "limit" | "damaged" }

// A slice of the packed bytes becomes at most a thousand times as many at one go, before
// anyone can stop it.
const slice = 2048

// unpack gives what there is up to the limit, or up to where the bytes are damaged.
export async function unpack(bytes: Bytes, type: Packer, most = mostUnpacked): Promise<{ bytes: Bytes; packing: Packing }> {
  const stream = new DecompressionStream(type === "gzip" ? "gzip" : "deflate")
  const feeding = feed(stream.writable.getWriter(), bytes).catch(() => {}) // the reader hears of it
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader()
  const unpacked = new Arriving(bytes.length * 4)
  let end: Packing["end"] = "whole"
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      unpacked.add(next.value.subarray(0, most - unpacked.bytes.length))
      if (unpacked.bytes.length < most) continue
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
  for (let at = 0; at < bytes.length; at += slice) await writer.write(bytes.subarray(at, at + slice))
  await writer.close()
}
