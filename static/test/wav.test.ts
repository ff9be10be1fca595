import assert from "node:assert/strict"
import { test } from "node:test"
import { WavReader } from "../src/speech/wav"

function wav(tag: number, bits: number, channels: number, data: Uint8Array, between = new Uint8Array(0)): Uint8Array {
  const head = new DataView(new ArrayBuffer(44))
  const put = (at: number, name: string) => [...name].forEach((letter, index) => head.setUint8(at + index, letter.charCodeAt(0)))
  put(0, "RIFF")
  put(8, "WAVEfmt ")
  head.setUint32(16, 16, true)
  head.setUint16(20, tag, true)
  head.setUint16(22, channels, true)
  head.setUint32(24, 16_000, true)
  head.setUint16(34 - 4, 0, true)
  head.setUint16(34, bits, true)
  put(36, "data")
  head.setUint32(40, 0xffffffff, true)
  const first = new Uint8Array(head.buffer)
  return new Uint8Array([...first.subarray(0, 36), ...between, ...first.subarray(36), ...data])
}

const samples = (values: number[]) => new Uint8Array(Int16Array.from(values).buffer)

test("a WAV is read in whatever pieces it comes", () => {
  const whole = wav(1, 16, 1, samples([0, 16384, -32768]))
  for (const size of [1, 3, 44, 100]) {
    const reader = new WavReader()
    const out: number[] = []
    for (let at = 0; at < whole.length; at += size) out.push(...(reader.read(whole.subarray(at, at + size))?.[0] ?? []))
    assert.deepEqual(out, [0, 0.5, -1], `pieces of ${size}`)
    assert.equal(reader.format?.rate, 16_000)
  }
})

test("channels are taken apart, and other chunks are skipped", () => {
  const list = new Uint8Array([...new TextEncoder().encode("LIST"), 2, 0, 0, 0, 9, 9])
  const [left, right] = new WavReader().read(wav(1, 16, 2, samples([16384, -16384, 0, 32767]), list)) ?? []
  assert.deepEqual([...(left ?? [])], [0.5, 0])
  assert.ok(right && right[0] === -0.5 && Math.abs((right[1] ?? 0) - 1) < 0.001)
})

test("floats are read as they are", () => {
  const [channel] = new WavReader().read(wav(3, 32, 1, new Uint8Array(Float32Array.from([0.25, -0.25]).buffer))) ?? []
  assert.deepEqual([...(channel ?? [])], [0.25, -0.25])
})

test("other encodings are left to the browser", () => {
  assert.equal(new WavReader().read(wav(7, 8, 1, new Uint8Array(4))), null)
  assert.equal(new WavReader().read(new TextEncoder().encode("OggS and more bytes")), null)
})
