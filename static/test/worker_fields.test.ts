import assert from "node:assert/strict"
import { test } from "node:test"
import { FieldsOutline } from "../src/detail/fields"
import { spans } from "../src/detail/outline"
import { isLikelyFields, scanFields } from "../src/worker/fields"

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"))
const none = { from: new Uint32Array(0), length: 0 }

function rowsOf(bytes: Uint8Array): string[] {
  const tape = scanFields(bytes)
  assert.ok(tape)
  const outline = new FieldsOutline(bytes, tape)
  const held = (node: number): number => [...tape.parent].filter((parent, child) => child > 0 && parent === node).length
  return Array.from({ length: tape.length }, (_, node) => {
    const cells = [...outline.name(node), ...outline.value(node, held(node))]
    return spans(bytes, cells, none, -1).map(({ text }) => text).join("")
  })
}

test("every wire type is read, with its possible values", () => {
  assert.deepEqual(rowsOf(bytesOf("08 9601  10 ffffffffffffffffff01  1a 07 74657374696e67  25 0000803f  29 000000000000f83f  32 03 ff00fe")), [
    "{6 fields}",
    "1: varint 150 · zigzag 75",
    "2: varint 18446744073709551615 · int64 -1 · zigzag -9223372036854775808",
    '3: string "testing"',
    "4: fixed32 1065353216 · float 1",
    "5: fixed64 4609434218613702656 · double 1.5",
    "6: bytes 3 B ff 00 fe",
  ])
})

test("messages and groups contain their fields", () => {
  assert.deepEqual(rowsOf(bytesOf("0a 07 0a 03 616263 10 05  13 08 01 14")), [
    "{2 fields}", "1: message {2 fields}", '1: string "abc"', "2: varint 5 · zigzag -3", "2: group {1 field}", "1: varint 1 · zigzag -1",
  ])
})

test("text that parses as a message is text", () => {
  assert.deepEqual(rowsOf(bytesOf("0a 05 68656c6c6f")).slice(1), ['1: string "hello"'])
})

test("a payload must parse to its last byte", () => {
  for (const hex of ["00", "08", "08 80", "0a 05 61", "0b", "0c", "0e 01", "08 01 ff", "08 ffffffffffffffffffff01", "13 08 01 1c", "0a ffffffff0f 61"]) {
    assert.equal(scanFields(bytesOf(hex)), null, hex)
  }
  assert.equal(scanFields(new Uint8Array(0)), null)
})

test("two numbers are not likely fields, a text is", () => {
  assert.equal(isLikelyFields(scanFields(bytesOf("08 01 10 02"))!), false)
  assert.equal(isLikelyFields(scanFields(bytesOf("08 01 12 02 6869"))!), true)
})

test("messages nested too deeply are bytes", () => {
  let payload = Buffer.from("0801", "hex")
  for (let level = 0; level < 1000; level++) payload = Buffer.concat([Buffer.of(0x0a), lengthOf(payload.length), payload])
  const tape = scanFields(payload)
  assert.equal(tape?.length, 65)
})

function lengthOf(length: number): Buffer {
  const bytes: number[] = []
  for (let rest = length; ; rest >>= 7) {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    if (rest <= 0x7f) return Buffer.from(bytes)
  }
}
