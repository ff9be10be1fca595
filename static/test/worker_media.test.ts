import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { recognise } from "../src/worker/recognise"
import { pictureOf } from "../src/worker/picture"
import { soundOf, type Sound } from "../src/worker/sound"

const file = (name: string): Uint8Array => readFileSync(`test/testdata/${name}`)

function soundIn(bytes: Uint8Array): Sound {
  const content = recognise(bytes, "binary")
  assert.equal(content.kind, "audio")
  return soundOf(bytes, "type" in content ? content.type : "")
}

test("codec and duration come from the header of a sound", () => {
  const facts: Record<string, [codec: string, rate: number, channels: number, seconds: number]> = {
    "tone.wav": ["WAV, PCM", 16_000, 1, 0.25], "tone-mulaw.wav": ["WAV, µ-law", 8000, 1, 0.25], "tone.flac": ["FLAC", 16_000, 1, 0.25],
    "tone.ogg": ["Vorbis", 16_000, 1, 0.5], "tone.opus": ["Opus", 16_000, 1, 0.5], "tone.m4a": ["MP4, AAC", 16_000, 0, 0.5],
    "tone.mp3": ["MP3", 16_000, 1, 0.576], "tone-id3.mp3": ["MP3", 16_000, 2, 0.576], "tone.aac": ["AAC", 16_000, 1, 0.576],
  }
  for (const [name, [codec, rate, channels, seconds]] of Object.entries(facts)) {
    const sound = soundIn(file(name))
    assert.deepEqual([sound.codec, sound.rate, sound.channels], [codec, rate, channels], name)
    assert.ok(Math.abs((sound.seconds ?? 0) - seconds) < 0.08, `${name}: ${sound.seconds} s`)
  }
})

test("a WAV that was streamed has no size, or the largest one", () => {
  for (const size of [0, 0xffffffff]) {
    const bytes = Uint8Array.from(file("tone.wav"))
    const at = Buffer.from(bytes).indexOf("data") + 4
    new DataView(bytes.buffer).setUint32(at, size, true)
    assert.ok(Math.abs((soundIn(bytes).seconds ?? 0) - 0.25) < 0.01)
  }
})

test("truncated or wrong headers give no facts and no endless loop", () => {
  for (const name of ["tone.wav", "tone.flac", "tone.ogg", "tone.m4a", "tone.mp3", "tone.aac"]) {
    const bytes = file(name)
    const content = recognise(bytes, "binary")
    for (let length = 0; length < 200; length++) soundOf(bytes.subarray(0, length), "type" in content ? content.type : "")
  }
  assert.equal(soundOf(Uint8Array.from(Buffer.from("RIFF\xff\xff\xff\xffWAVEjunk\xff\xff\xff\xff", "latin1")), "audio/wav").rate, 0)
})

test("the size of an image comes from its header", () => {
  for (const name of ["test.png", "test.jpeg", "test.gif", "test.webp", "lossless.webp", "test.bmp", "test.avif"]) {
    const content = recognise(file(name), "binary")
    assert.deepEqual(pictureOf(file(name), "type" in content ? content.type : ""), { width: 61, height: 43 }, name)
  }
})

test("an image without a size in its header has none", () => {
  for (const name of ["test.png", "test.jpeg", "test.gif", "test.webp", "test.bmp", "test.avif"]) {
    const type = recognise(file(name), "binary")
    for (let length = 0; length < 20; length++) pictureOf(file(name).subarray(0, length), "type" in type ? type.type : "")
    assert.equal(pictureOf(file(name).subarray(0, 6), "type" in type ? type.type : ""), null, name)
  }
})

test("the size of a GIF is that of its largest frame, not of its screen", () => {
  const bytes = Uint8Array.from(file("test.gif"))
  const frame = bytes.indexOf(0x2c, 13 + (3 << ((bytes[10] ?? 0) & 7) + 1))
  bytes[frame + 6] = 0xc3 // 50,000 and some wide
  assert.equal(pictureOf(bytes, "image/gif")?.width, 61 + 0xc300)
})
