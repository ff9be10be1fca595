import "./settings"
import { test } from "node:test"
import assert from "node:assert/strict"
import { measureOf } from "../src/log/measure"
import { emptyRow, type Row } from "../src/wire/wire"

const binary = (preview: string): Row => ({ ...emptyRow, direction: "received", opcode: "binary", preview })

test("a binary row tells its kind and measure", () => {
  assert.equal(measureOf(binary("89504e470d0a1a0a0000000d49484452000005a000000384")), "PNG 1,440 × 900")
  assert.equal(measureOf(binary("ffd8ffe0")), "JPEG image")
  assert.equal(measureOf(binary("1f8b08")), "gzip data")
  assert.equal(measureOf(binary("00ff")), "")
  assert.equal(measureOf({ ...binary("7b7d"), asText: true }), "")
})

test("audio tells its length and level", () => {
  const sound = { encoding: "s16le", rate: 16000, channels: 1, us: 200_000, levelDb: -21, path: "" }
  assert.equal(measureOf({ ...binary("00"), sound }), "audio 200 ms, −21 dB")
  assert.equal(measureOf({ ...binary("00"), sound: { ...sound, levelDb: -96 } }), "audio 200 ms, silence")
  assert.equal(measureOf({ ...binary("00"), sound: { ...sound, levelDb: 0 } }), "audio 200 ms")
  assert.equal(measureOf({ ...binary("00"), sound: { ...sound, us: 0 } }), "audio, s16le")
})
