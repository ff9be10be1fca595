import assert from "node:assert/strict"
import { test } from "node:test"
import { Branches } from "../src/detail/branches"
import { JSONOutline, spans } from "../src/detail/outline"
import { markHits, tint } from "../src/detail/tint"
import { scaleOf } from "../src/ui/rows"
import type { Hits } from "../src/worker/find"
import { scanJSON, type Tape } from "../src/worker/json"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function tapeOf(text: string): Tape {
  const { tape } = scanJSON(encode(text))
  assert.ok(tape)
  return tape
}

function inView(branches: Branches): [number, number][] {
  return Array.from({ length: branches.length }, (_, place) => [branches.node(place), branches.depth(place)])
}

test("branches open and close in place", () => {
  const branches = new Branches(tapeOf('{"a":[1,[2]],"b":3}'))
  branches.open(0)
  assert.deepEqual(inView(branches), [[0, 0], [1, 1], [5, 1]])
  branches.open(1)
  branches.open(3)
  assert.deepEqual(inView(branches), [[0, 0], [1, 1], [2, 2], [3, 2], [4, 3], [5, 1]])
  branches.close(1)
  assert.deepEqual(inView(branches), [[0, 0], [1, 1], [5, 1]])
  branches.open(1)
  assert.equal(branches.isOpen(3), false)
})

test("revealing a value opens its ancestors", () => {
  const branches = new Branches(tapeOf('{"a":[1,[2]],"b":3}'))
  assert.equal(branches.place(4), 0)
  assert.equal(branches.reveal(4), 4)
  branches.closeAll()
  assert.equal(branches.length, 1)
  branches.openAll()
  assert.equal(branches.length, 6)
})

test("100,000 levels are revealed at once", () => {
  const branches = new Branches(tapeOf("[".repeat(100_000) + "]".repeat(100_000)))
  assert.equal(branches.reveal(99_999), 99_999)
  assert.equal(branches.depth(99_999), 99_999)
})

test("a million values are opened, closed and searched", () => {
  const branches = new Branches(tapeOf(`[${"1,".repeat(999_999)}1]`))
  branches.open(0)
  assert.equal(branches.length, 1_000_001)
  assert.equal(branches.reveal(1_000_000), 1_000_000)
  branches.close(0)
  assert.equal(branches.length, 1)
})

function rowOf(text: string, node: number, hits: Hits = { from: new Uint32Array(0), length: 0 }): string[] {
  const outline = new JSONOutline(encode(text), tapeOf(text))
  const cells = [...outline.name(node, () => 7), ...outline.value(node, 2)]
  return spans(outline.bytes, cells, hits, 0).map(({ text, className }) => `${className}|${text}`)
}

test("a row of a tree shows the key or index, and the value unchanged", () => {
  const text = '{"a":[1.0,"x"],"b":{}}'
  assert.deepEqual(rowOf(text, 0), ["mark|{2 keys}"])
  assert.deepEqual(rowOf(text, 1), ["key|a", "mark|: ", "mark|[2 items]"])
  assert.deepEqual(rowOf(text, 2), ["index|7", "mark|: ", "number|1.0"])
  assert.deepEqual(rowOf(text, 3, { from: Uint32Array.of(11), length: 1 }), ["index|7", "mark|: ", 'string|"', "string hit current|x", 'string|"'])
})

test("a key and a value of a megabyte are cut in their row", () => {
  const long = "k".repeat(1 << 20)
  const row = rowOf(`{"${long}":"${long}"}`, 1)
  assert.deepEqual(row.map((piece) => piece.length), ["key|".length + 2000, "mark|…: ".length, "string|".length + 2000, "mark|…".length])
})

test("a match belongs to the value or key that contains it", () => {
  const text = '{"a":[1,2],"key":3}'
  const outline = new JSONOutline(encode(text), tapeOf(text))
  assert.deepEqual([1, 5, 6, 8, 12, 17].map((offset) => outline.at(offset)), [1, 1, 2, 3, 4, 4])
})

test("a line of JSON is coloured and matches are cut out of it", () => {
  const bytes = encode('  "key": "a1", 12')
  const pieces = tint(bytes, 0, bytes.length, "json", false)
  assert.deepEqual(pieces.map((piece) => piece.className), ["mark", "key", "mark", "string", "mark", "number"])
  const marked = markHits(pieces, { from: Uint32Array.of(4, 15), length: 2 }, 1)
  const text = marked.map((piece) => [new TextDecoder().decode(bytes.subarray(piece.from, piece.to)), piece.className])
  assert.deepEqual(text, [
    ["  ", "mark"], ['"k', "key"], ["ey", "key hit"], ['"', "key"], [": ", "mark"], ['"a1"', "string"], [", ", "mark"], ["12", "number hit current"],
  ])
})

test("a match continues from the previous row", () => {
  const marked = markHits([{ from: 10, to: 20, className: "" }], { from: Uint32Array.of(8), length: 4 }, 0)
  assert.deepEqual(marked, [{ from: 10, to: 12, className: "hit current" }, { from: 12, to: 20, className: "" }])
})

test("a list too tall for a browser is scaled and can be scrolled to its end", () => {
  assert.equal(scaleOf(300_000, 24, 600).factor, 1)
  const { scrolled, whole, factor } = scaleOf(2_000_000, 24, 600)
  assert.equal(scrolled, 8_000_000)
  assert.equal(Math.round((scrolled - 600) * factor), whole - 600)
})
