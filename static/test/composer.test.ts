import assert from "node:assert/strict"
import { test } from "node:test"
import { base64Of, decodeBase64, decodeHex, hexOf, utf8Length } from "../src/composer/encode"
import { loneIn } from "../src/composer/lone"
import { Past } from "../src/composer/past"
import { decode, encode } from "../src/composer/pieces"

test("a size is that of the bytes that go out", () => {
  for (const text of ["", "abc", "é", "漢字", "😀", "a😀é漢", "\ud800x", "\udc00"]) {
    assert.equal(utf8Length(text), new TextEncoder().encode(text).length, JSON.stringify(text))
  }
})

test("hex is read however it is written, and faults are named", () => {
  const bytes = (text: string): unknown => {
    const decoded = decodeHex(text)
    return "bytes" in decoded ? [...decoded.bytes] : decoded.problem
  }
  assert.deepEqual(bytes("48 65 6C"), [0x48, 0x65, 0x6c])
  assert.deepEqual(bytes("0x48, 0x65\n6c:00"), [0x48, 0x65, 0x6c, 0])
  assert.deepEqual(bytes(""), [])
  assert.deepEqual(bytes("4g"), { code: "hex_character", at: 2, character: "g" })
  assert.deepEqual(bytes("486"), { code: "hex_odd", at: 3, character: "6" })
})

test("base64 is read in both alphabets, padded or not", () => {
  for (const text of ["SGVsbG8=", "SGVsbG8", "SGVs bG8=\n", "-_-_", "AA==", ""]) {
    const decoded = decodeBase64(text)
    assert.ok("bytes" in decoded)
    assert.deepEqual(Buffer.from(decoded.bytes), Buffer.from(text, "base64url"), text)
  }
  assert.deepEqual(decodeBase64("AAA*"), { problem: { code: "base64_character", at: 4, character: "*" } })
  assert.deepEqual(decodeBase64("AAAAA"), { problem: { code: "base64_length", at: 5, character: "A" } })
  assert.ok("problem" in decodeBase64("AA==AA"))
})

test("sent messages are called back, and the draft is the last step", () => {
  const kept = new Map<string, string>()
  const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
  const past = new Past(store)
  past.addSent({ type: "json", text: "1" })
  past.addSent({ type: "json", text: "2" })
  past.addSent({ type: "json", text: "2" })
  past.addSent({ type: "text", text: "x".repeat(70_000) })
  const draft = { type: "text", text: "draft" }
  assert.equal(past.step(-1, draft)?.text, "2")
  assert.equal(past.step(-1, draft)?.text, "1")
  assert.equal(past.step(-1, draft), null)
  assert.equal(past.step(1, draft)?.text, "2")
  assert.deepEqual(past.step(1, draft), draft)
  assert.equal(new Past(store).step(-1, draft)?.text, "2")
})

test("what is written out reads back as the same bytes", () => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) & 0xff)
  for (const some of [bytes, bytes.subarray(0, 1), bytes.subarray(0, 0)]) {
    assert.deepEqual(decodeHex(hexOf(some)), { bytes: some.slice() })
    assert.deepEqual(decodeBase64(base64Of(some)), { bytes: some.slice() })
  }
})

test("long texts come out of their pieces as they went in", async () => {
  const mixed = "\ufeffa😀é漢\r\n"
  for (const text of ["", "x", mixed.repeat(300_000), "y".repeat((1 << 20) - 1) + "😀", "z".repeat(1 << 20)]) {
    const body = await encode(text.length, (from, to) => text.slice(from, to))
    assert.equal(body.size, utf8Length(text))
    let back = ""
    for await (const piece of decode(body)) back += piece
    assert.ok(back === text, `${text.length} units`)
  }
})

test("a half of a surrogate pair is found by its place", () => {
  assert.equal(loneIn("😀 whole pairs 漢字"), null)
  assert.equal(loneIn(""), null)
  assert.deepEqual(loneIn("a\ud83db"), { unit: "U+D83D", at: 2, line: 1, column: 2, count: 1 })
  assert.deepEqual(loneIn("😀\r\n😀x\ude00"), { unit: "U+DE00", at: 6, line: 2, column: 3, count: 1 })
  assert.deepEqual(loneIn("\ude00\ud83d\ud83d\ude00\ud83d"), { unit: "U+DE00", at: 1, line: 1, column: 1, count: 3 })
})
