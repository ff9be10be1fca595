import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { gzipSync, deflateSync } from "node:zlib"
import { recognise } from "../src/worker/recognise"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
// Made by ffmpeg: a tone of a quarter or half a second, a picture of 61 by 43.
const file = (name: string): Uint8Array => readFileSync(`test/testdata/${name}`)

function nameOf(bytes: Uint8Array, opcode: "text" | "binary" = "binary"): string {
  const content = recognise(bytes, opcode)
  return "type" in content ? content.type : "name" in content ? content.name : content.kind
}

test("kinds of text are recognised by their beginning", () => {
  const cases = {
    '{"a":1}': "json", " [1]": "json", "12": "json", null: "json", "[INFO] hello": "text", hello: "text", "1 < 2": "text", "": "empty",
    "<?xml?><a/>": "xml", "<soap:Envelope>": "xml", "<!DOCTYPE html><p>": "html", "<div>x": "html",
    "<svg>": "svg", '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE svg [<!ENTITY a "b">]>\n<svg xmlns="x"/>': "svg", "<?xml?><a><svg/></a>": "xml",
    'event: delta\ndata: {"a":1}\n\n': "events", "data: [DONE]\n\n": "events", "id: 7\nname: x": "text",
  }
  for (const [text, kind] of Object.entries(cases)) {
    assert.equal(nameOf(encode(text), "text"), kind, text)
    assert.equal(nameOf(encode(text), "binary"), kind, `${text} as binary`)
  }
})

test("images and sound are recognised by their signatures", () => {
  const types = {
    "test.png": "image/png", "test.jpeg": "image/jpeg", "test.gif": "image/gif", "test.webp": "image/webp", "test.bmp": "image/bmp", "test.avif": "image/avif",
    "tone.wav": "audio/wav", "tone.mp3": "audio/mpeg", "tone-id3.mp3": "audio/mpeg", "tone.ogg": "audio/ogg", "tone.opus": "audio/ogg",
    "tone.flac": "audio/flac", "tone.aac": "audio/aac", "tone.m4a": "audio/mp4",
  }
  for (const [name, type] of Object.entries(types)) assert.equal(nameOf(file(name)), type, name)
  assert.equal(recognise(file("test.png"), "text").kind, "text")
})

test("compression is distinguished from data that only begins like it", () => {
  assert.equal(nameOf(gzipSync("x")), "gzip")
  for (const level of [1, 6, 9]) assert.equal(nameOf(deflateSync("some text that is packed", { level })), "zlib", String(level))
  assert.equal(nameOf(encode("x^2 + y^2")), "text")
  assert.equal(nameOf(latin1("\x1f\x8b\x07")), "binary")
})

test("other known formats are named", () => {
  assert.deepEqual(recognise(latin1("%PDF-1.7\n\xe2\xe3"), "binary"), { kind: "known", name: "pdf" })
  assert.equal(nameOf(latin1("PK\x03\x04\x14\0\0\0")), "zip")
  assert.equal(nameOf(latin1("\0\0\0\x20ftypisom")), "mp4")
})

test("bare samples, noise and zeros stay binary", () => {
  const tone = new Int16Array(8000).map((_, i) => 12_000 * Math.sin(i / 5.7))
  const noise = Uint8Array.from({ length: 8000 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255)
  for (const bytes of [new Uint8Array(tone.buffer), noise, new Uint8Array(4096), latin1("\xff\xfb\x90\x00 one frame's header")]) assert.equal(nameOf(bytes), "binary")
})
