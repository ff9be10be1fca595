import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Book } from "../src/turns/book"
import { figuresOf } from "../src/turns/figures"
import { endOf, sharedLength } from "../src/prose/flow"
import { parseTurn, parseTurnUpdate } from "../src/wire/turns"
import { parseServerEvent } from "../src/wire/wire"

const update = (turn: object, texts: object[] = [], keep_segments = 0) => parseTurnUpdate({ turn: { n: 1, state: "open", ...turn }, texts, keep_segments })

test("the server's own example of turns is read whole", () => {
  const event = parseServerEvent(JSON.parse(readFileSync("../bridge/wire/testdata/turns.json", "utf8")))
  assert.equal(event?.type, "turns")
  const [first] = event?.type === "turns" ? event.turns : []
  assert.ok(first && first.turn.n > 0 && first.texts.length > 0)
})

test("texts grow by the end that changed", () => {
  const book = new Book()
  book.apply([update({}, [{ stream: "answer", keep: 0, text: "Hel" }])])
  book.apply([update({}, [{ stream: "answer", keep: 2, text: "llo 😀" }])])
  const [turn] = book.apply([update({ state: "done" })]) ?? []
  assert.equal(turn?.text.answer, "Hello 😀")
  assert.equal(turn?.state, "done")
})

test("segments grow by those that changed", () => {
  const book = new Book()
  book.apply([update({ segments: [{ text: "one", final: true }, { text: "tw", final: false }] })])
  book.apply([update({ segments: [{ text: "two", final: true }] }, [], 1)])
  assert.deepEqual(book.get(1)?.segments.map(({ text, final }) => [text, final]), [["one", true], ["two", true]])
})

test("a text whose beginning was never told asks for all turns", () => {
  assert.equal(new Book().apply([update({}, [{ stream: "answer", keep: 3, text: "lo" }])]), null)
  assert.equal(new Book().apply([update({}, [], 1)]), null)
})

test("turns keep their order", () => {
  const book = new Book()
  book.apply([update({ n: 2 }), update({ n: 1 })])
  assert.deepEqual(book.all.map(({ n }) => n), [1, 2])
})

test("an answer is timed from the mark, in tokens where the service counts them", () => {
  const turn = { n: 1, state: "done", mark_us: 1_000_000, first_text_us: 1_310_000, done_us: 6_310_000, text: { answer: "abc" } }
  const counted = figuresOf(parseTurn({ ...turn, usage: { output_tokens: 160 } }))
  assert.equal(counted.firstText, 310_000)
  assert.equal(counted.took, 5_310_000)
  assert.deepEqual(counted.rate, { perSecond: 32, unit: "tokens" })
  assert.deepEqual(figuresOf(parseTurn({ ...turn, text: { answer: "x".repeat(50) } })).rate, { perSecond: 10, unit: "characters" })
})

test("a transcript that begins while a person speaks is timed from the speech", () => {
  const figures = figuresOf(parseTurn({ n: 1, state: "done", audio_start_us: 1_000, audio_end_us: 9_000, mark_us: 9_000, first_text_us: 3_000, done_us: 11_000 }))
  assert.deepEqual([figures.firstWord, figures.firstText, figures.afterSpeech, figures.took, figures.rate], [2_000, null, 2_000, null, null])
})

test("times that did not happen are none", () => {
  const figures = figuresOf(parseTurn({ n: 1, state: "open", mark_us: 5 }))
  assert.ok(Object.values(figures).every((figure) => figure === null))
})

test("a long text is cut at the end of a line", () => {
  const text = "x".repeat(2500) + "\n" + "y".repeat(10)
  assert.equal(endOf(text, 0), 2501)
  assert.equal(endOf(text, 2501), text.length)
  assert.equal(endOf("z".repeat(5000), 0), 5000)
})

test("the shared beginning of two texts is found", () => {
  assert.equal(sharedLength("abc", "abcd"), 3)
  assert.equal(sharedLength("abc", "abX"), 2)
  assert.equal(sharedLength("", "abc"), 0)
})
