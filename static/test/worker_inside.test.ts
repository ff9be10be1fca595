import { test } from "node:test"
import assert from "node:assert/strict"
import { decodeBase64, lookInside, stepsOf } from "../src/worker/inside"
import { indentJSON } from "../src/worker/indent"
import { wavOf } from "../src/worker/samples"

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function marked(json: string, path: string, text: string): string[] {
  const raw = encode(json)
  const pretty = indentJSON(raw)
  const found = lookInside(raw, pretty, path, text, null)
  return [[raw, found.raw] as const, [pretty, found.pretty] as const].map(([bytes, range]) => (range ? decode(bytes.subarray(range.from, range.to)) : ""))
}

test("the joined text is found by its path, also where it is written with escapes", () => {
  assert.deepEqual(marked('{"type":"a ","delta":"a "}', "$.delta", "a "), ['"a "', '"a "'])
  assert.deepEqual(marked('{"a":[{"t":"x"},{"t":"\\u4f60\\n"}]}', "$.a[*].t", "你\n"), ['"\\u4f60\\n"', '"\\u4f60\\n"'])
  assert.deepEqual(marked('{"a":[{"t":"x"}]}', "$.a[?@.t].t", "x"), ['"x"', '"x"'], "any string where the path is not understood")
  assert.deepEqual(marked('{"delta":"b"}', "$.delta", "a"), ["", ""])
  const long = "word ".repeat(1000)
  assert.equal(marked(JSON.stringify({ t: long }), "$.t", long.slice(0, 200))[0]?.length, 5002)
})

test("paths of names, indexes and wildcards are read", () => {
  assert.deepEqual(stepsOf("$.a['b c'][-1].*"), [{ name: "a" }, { name: "b c" }, { index: -1 }, { all: true }])
  assert.equal(stepsOf("$..a"), null)
  assert.equal(stepsOf("@body"), null)
})

test("images and sound in base64 are found in JSON", () => {
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
  const samples = Buffer.from(Uint8Array.from({ length: 400 }, (_, i) => i % 7)).toString("base64")
  const body = encode(JSON.stringify({ image: png, url: `data:image/png;base64,${png}`, audio: samples, text: "no base64, ".repeat(20) }))
  const { media } = lookInside(body, new Uint8Array(0), "", "", { path: "$.audio", encoding: "s16le" })
  assert.deepEqual(media.map(({ name, kind, type }) => [name, kind, type]), [["image", "image", "image/png"], ["url", "image", "image/png"], ["audio", "samples", "audio/wav"]])
  const { from = 0, to = 0 } = media[1] ?? {}
  assert.equal(decode(body.subarray(from, to)), png)
  assert.deepEqual(lookInside(body, new Uint8Array(0), "", "", { path: "*", encoding: "s16le" }).media.at(-1)?.name, "audio")
})

test("base64 of both alphabets is read", () => {
  assert.deepEqual([...(decodeBase64("-_8=") ?? [])], [0xfb, 0xff])
  assert.deepEqual([...(decodeBase64("+\\/8") ?? [])], [0xfb, 0xff])
  assert.equal(decodeBase64("no base64!"), null)
})

test("samples of every encoding become a WAV", () => {
  const samples = (data: number[], encoding: string): number[] => {
    const wav = wavOf(Uint8Array.from(data), encoding, 16000, 1)
    return wav ? [...new Int16Array(wav.buffer, 44)] : []
  }
  assert.deepEqual(samples([0, 0x40, 1], "s16le"), [0x4000])
  assert.deepEqual(samples([0, 0, 0, 0x3f], "f32le"), [16384])
  assert.deepEqual(samples([0xff, 0x00, 0x80], "mulaw"), [0, -32124, 32124])
  assert.deepEqual(samples([0xd5, 0x2a, 0xaa], "alaw"), [8, -32256, 32256])
  assert.equal(wavOf(Uint8Array.of(1, 2), "opus", 16000, 1), null)
  assert.equal(wavOf(Uint8Array.of(1, 2), "s16le", 0, 1), null)
})
