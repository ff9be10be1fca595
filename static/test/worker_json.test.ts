import assert from "node:assert/strict"
import { test } from "node:test"
import { indentJSON } from "../src/worker/indent"
import { scanJSON } from "../src/worker/json"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

test("a tape holds every value with its key, its parent and its successor", () => {
  const { tape, fault } = scanJSON(encode('{"a": [1, {"b": null}], "c": "x"}'))
  assert.equal(fault, null)
  assert.ok(tape)
  const list = (column: Iterable<number>): number[] => [...column]
  assert.equal(String.fromCharCode(...tape.kind), '{[1{n"')
  assert.deepEqual(list(tape.parent), [0, 0, 1, 1, 3, 0])
  assert.deepEqual(list(tape.next), [6, 5, 3, 5, 5, 6])
  assert.deepEqual(list(tape.key), [0, 1, 0, 0, 11, 24])
})

test("scanning accepts and refuses the same documents as JSON.parse", () => {
  const texts = [
    "1", "-0", "0.5e+10", "1E5", '"\\u00e9\\n"', "[]", "{}", " [1 , 2]\n", "true", "null", '{"a":1,"a":2}', '[[],{}]',
    "", " ", "01", "-", "1.", "1e", ".5", "+1", '"', '"\\x"', '"\\u12g4"', '"a\tb"', "[1,]", "[,1]", "[1 2]", '{"a"}', '{"a":}', '{"a":1,}',
    "{a:1}", "[", "{", "]", "tru", "nulls", "truefalse", "1 2", "[1]]", "NaN", "'a'", "1a", "--1", "[1}", '{"a":1]', "-true",
  ]
  for (const text of texts) {
    let valid = true
    try {
      JSON.parse(text)
    } catch {
      valid = false
    }
    assert.equal(scanJSON(encode(text)).fault === null, valid, JSON.stringify(text))
  }
})

test("a fault has a code and a position", () => {
  const fault = scanJSON(encode('{"é": 1,\n "b": [1,]}')).fault
  assert.deepEqual(fault, { code: "comma_trailing", offset: 19, line: 2, column: 10 })
  assert.equal(scanJSON(encode('{"a" 1}')).fault?.code, "colon_expected")
  assert.equal(scanJSON(encode('[1 2]')).fault?.code, "comma_expected")
  assert.equal(scanJSON(encode('["abc')).fault?.code, "string_open")
  assert.equal(scanJSON(encode('[1')).fault?.code, "unclosed")
  assert.equal(scanJSON(encode('1 x')).fault?.code, "trailing")
})

test("indenting keeps every lexeme", () => {
  const text = '{"n":12345678901234567890,"e":1.0E+2,"s":"\\u00e9 {,}","n":[],"o":{ },"l":[true,null]}'
  assert.equal(decode(indentJSON(encode(text))), [
    "{", '  "n": 12345678901234567890,', '  "e": 1.0E+2,', '  "s": "\\u00e9 {,}",', '  "n": [],', '  "o": {},', '  "l": [', "    true,", "    null", "  ]", "}",
  ].join("\n"))
})

test("indenting agrees with JSON.stringify on a large document", () => {
  const value = Array.from({ length: 2000 }, (_, i) => ({ i, list: [i, -i, { deep: [[], {}] }], text: `täxt "${i}" \\ 漢字` }))
  assert.equal(decode(indentJSON(encode(JSON.stringify(value)))), JSON.stringify(value, null, 2))
})

test("100,000 levels are scanned and indented without recursion", () => {
  const bytes = encode("[".repeat(100_000) + "]".repeat(100_000))
  const { fault, tape } = scanJSON(bytes)
  assert.equal(fault, null)
  assert.equal(tape?.length, 100_000)
  assert.ok(indentJSON(bytes).length < 30_000_000)
})

test("a document with more values than a tree shows has no tape but is valid", () => {
  const { fault, tape } = scanJSON(encode("[1,2,3,4]"), 3)
  assert.equal(fault, null)
  assert.equal(tape, null)
})
