import assert from "node:assert/strict"
import { test } from "node:test"
import { deflateSync, gzipSync } from "node:zlib"
import { unpack } from "../src/worker/unpack"

const bytesOf = (buffer: Buffer): Uint8Array<ArrayBuffer> => Uint8Array.from(buffer)

test("gzip and zlib are decompressed", async () => {
  const text = "hello ".repeat(100_000)
  for (const [type, packed] of [["gzip", gzipSync(text)], ["zlib", deflateSync(text)]] as const) {
    const { bytes, packing } = await unpack(bytesOf(packed), type)
    assert.equal(new TextDecoder().decode(bytes), text)
    assert.deepEqual(packing, { type, from: packed.length, to: text.length, end: "whole" })
  }
})

test("decompression stops at the limit", async () => {
  const bomb = bytesOf(gzipSync(Buffer.alloc(64 << 20)))
  const before = process.memoryUsage().arrayBuffers
  const { bytes, packing } = await unpack(bomb, "gzip", 4 << 20)
  assert.deepEqual([bytes.length, packing.end], [4 << 20, "limit"])
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 << 20)
})

test("damaged data is decompressed up to the damage", async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `line ${i}`).join("\n")
  const packed = bytesOf(gzipSync(text))
  const { bytes, packing } = await unpack(packed.subarray(0, packed.length >> 1), "gzip")
  assert.equal(packing.end, "damaged")
  assert.ok(bytes.length > 1000 && text.startsWith(new TextDecoder().decode(bytes)))
  assert.deepEqual((await unpack(bytesOf(Buffer.from("1f8b08000000", "hex")), "gzip")).packing.end, "damaged")
})
