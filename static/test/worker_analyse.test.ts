import assert from "node:assert/strict"
import { test } from "node:test"
import { viewsOf, whyNot, bodyOf, type Body } from "../src/detail/body"
import { explain } from "../src/detail/explain"
import type { Opcode, Row } from "../src/wire/wire"
import { maxValues } from "../src/worker/json"
import { analyse } from "../src/worker/analyse"

const encode = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text))
const decode = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? undefined)

function open(payload: string | Uint8Array<ArrayBuffer>, opcode: Opcode = "text", whole = true): Body {
  const wire = typeof payload === "string" ? encode(payload) : payload
  const row = { size: wire.length, opcode, invalidUTF8: false } as Row
  return bodyOf(row, { ...analyse(wire, opcode, whole), wire, raw: null, packed: [], whole })
}

test("the best view comes first", () => {
  assert.deepEqual(viewsOf(open('{"a":1}')), ["pretty", "tree", "raw", "hex"])
  assert.deepEqual(viewsOf(open("<!doctype html><p>x</p>")), ["pretty", "raw", "preview", "hex"])
  assert.deepEqual(viewsOf(open("<svg><rect/></svg>")), ["pretty", "raw", "preview", "hex"])
  assert.deepEqual(viewsOf(open("hello")), ["raw", "hex"])
  assert.deepEqual(viewsOf(open(Uint8Array.of(8, 1, 18, 2, 0x68, 0x69), "binary")), ["tree", "hex", "raw"])
  assert.deepEqual(viewsOf(open(Uint8Array.of(8, 1), "binary")), ["hex", "tree", "raw"])
  assert.deepEqual(viewsOf(open(Uint8Array.of(255, 1), "binary")), ["hex", "raw"])
  assert.deepEqual(viewsOf(open("")), [])
})

test("an unavailable view gives a reason", () => {
  assert.equal(whyNot("pretty", open('{"a":1,}')), "Line 1, column 8: remove the comma before the bracket.")
  assert.equal(whyNot("tree", open("hello")), "Tree shows JSON and Protocol Buffers. This is: plain text.")
  assert.equal(whyNot("preview", open("[1]")), "Preview shows HTML, SVG, images and audio. This is: JSON.")
  assert.equal(whyNot("pretty", open("<a><b></a>")), "Not indented: </a> closes nothing that is open.")
  assert.equal(whyNot("pretty", open('{"a":', "text", false)), "Not offered: only the beginning of the message is here.")
  assert.equal(whyNot("preview", open(`<p>${"x".repeat(2 << 20)}</p>`)), "Not offered: larger than 1.0 MB.")
})

test("JSON lines are a tree of documents", () => {
  const body = open('{"a":1}\n\n[2]\n"x"\n')
  assert.equal(body.content.kind, "lines")
  assert.equal(decode(body.pretty), '{\n  "a": 1\n}\n[\n  2\n]\n"x"')
  assert.deepEqual([...(body.tape?.next ?? [])], [6, 3, 3, 5, 5, 6])
  assert.deepEqual([...(body.tape?.parent ?? [])], [0, 0, 1, 0, 3, 0])
})

test("the fault shown is that of JSON lines when they parse further than one document", () => {
  const faults = ['{"a":1}\n{"b":2}\n{"c":}\n', '{"a":1} {"b":2}', "[1]\nnothing more", '{"a":1}]'].map((text) => open(text).fault)
  assert.deepEqual(faults.map((fault) => fault && "line" in fault && [fault.code, fault.line, fault.column]), [
    ["value_expected", 3, 6], ["trailing", 1, 9], ["trailing", 2, 1], ["trailing", 1, 8],
  ])
})

test("the JSON in an event stream is indented, the rest is unchanged", () => {
  const body = open('event: delta\ndata: {"n":1}\n\ndata: [DONE]\n\n: a comment\n')
  assert.equal(decode(body.pretty), 'event: delta\ndata: {\n  "n": 1\n}\n\ndata: [DONE]\n\n: a comment\n')
  assert.equal(whyNot("pretty", open("data: x\n\n")), "Not offered: no event contains JSON.")
})

test("100,000 levels are indented, with a notice", () => {
  const body = open("[".repeat(100_000) + "]".repeat(100_000))
  assert.deepEqual(viewsOf(body), ["pretty", "tree", "raw", "hex"])
  assert.deepEqual(explain(body), ["Nested 100,000 deep: levels beyond 40 are not indented further."])
})

test("twelve megabytes of brackets are not indented, for a given reason", () => {
  const body = open("[".repeat(6 << 20) + "]".repeat(6 << 20))
  assert.deepEqual(viewsOf(body), ["raw", "hex"])
  assert.equal(whyNot("pretty", body), "Not offered: indented, it would be larger than 134 MB.")
  assert.equal(whyNot("tree", body), `Not offered: it has more than ${maxValues.toLocaleString("en")} values.`)
})

test("entities are not replaced", () => {
  const laughs = `<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>`
  const body = open(`<?xml version="1.0"?>${laughs}`)
  assert.equal(body.content.kind, "xml")
  assert.ok(decode(body.pretty ?? body.raw).includes("&y;"))
})

test("indenting markup with many tags or levels is bounded", () => {
  for (const markup of ["<a>".repeat(100_000) + "</a>".repeat(100_000), "<p>".repeat(4 << 20), "<".repeat(1 << 20), `<a b="${"x".repeat(1 << 20)}`, "<script>".repeat(1 << 18)]) {
    const body = open(`<?xml?>${markup}`)
    assert.equal(body.content.kind, "xml")
    assert.ok(body.fault !== null || body.pretty !== null)
  }
})
