import assert from "node:assert/strict"
import { test } from "node:test"

import { clockTime, durationTicks, fineStep, sessionTime, timeTicks, valueTicks } from "../src/timing/axis"
import { coarser, isolated, isSlow, joined, measured, median, smoothed } from "../src/timing/figures"
import { around, between, followed, isWhole, least, moved, withEdge, within, zoomed } from "../src/timing/range"
import { columns, csvOf, headOf, inOrder, worstOf } from "../src/timing/table"
import type { TurnFigures } from "../src/wire"

const all = { fromUS: 1_000_000, toUS: 11_000_000 }
const part = { fromUS: 3_000_000, toUS: 5_000_000 }

test("a brush stays in its session", () => {
  assert.deepEqual(moved(part, -9_000_000, all), { fromUS: 1_000_000, toUS: 3_000_000 })
  assert.deepEqual(moved(part, Infinity, all), { fromUS: 9_000_000, toUS: 11_000_000 })
  assert.deepEqual(within({ fromUS: 0, toUS: 99_000_000 }, all), all)
  assert.deepEqual(between(12_000_000, 9_000_000, all), { fromUS: 9_000_000, toUS: 11_000_000 })
  const point = between(4_000_000, 4_000_000, all)
  assert.equal(point.toUS - point.fromUS, least)
})

test("an edge of a brush stops before the other", () => {
  assert.deepEqual(withEdge(part, "from", 9_000_000, all), { fromUS: part.toUS - least, toUS: part.toUS })
  assert.deepEqual(withEdge(part, "to", 0, all), { fromUS: part.fromUS, toUS: part.fromUS + least })
  assert.deepEqual(withEdge(part, "to", Infinity, all), { fromUS: part.fromUS, toUS: all.toUS })
})

test("a brush zooms around its middle", () => {
  assert.deepEqual(zoomed(part, 0.5, all), { fromUS: 3_500_000, toUS: 4_500_000 })
  assert.ok(isWhole(zoomed(part, 100, all), all))
  assert.deepEqual(around({ fromUS: 4_000_000, toUS: 6_000_000 }, all), { fromUS: 3_900_000, toUS: 6_100_000 })
})

test("a brush at the end goes along with a live session", () => {
  const grown = { fromUS: all.fromUS, toUS: 12_000_000 }
  assert.deepEqual(followed(part, all, grown), part)
  assert.deepEqual(followed({ fromUS: 9_000_000, toUS: all.toUS }, all, grown), { fromUS: 9_000_000, toUS: 12_000_000 })
  assert.deepEqual(followed(all, all, grown), grown)
})

test("times are written by their step", () => {
  assert.equal(sessionTime(160_000_000, 1_000_000), "2:40")
  assert.equal(sessionTime(160_450_000, 100_000), "2:40.5")
  assert.equal(sessionTime(3_725_000_000, 15_000_000), "1:02:05")
  assert.equal(sessionTime(1_234_567, 1), "0:01.234567")
  assert.equal(sessionTime(-500_000, 100_000), "−0:00.5")
  assert.match(clockTime(1_700_000_000_123_456, 1000), /^\d\d:\d\d:20\.123$/)
  assert.equal(fineStep(90_000_000), 1_000_000)
})

test("ticks are round and as many as fit", () => {
  for (const seconds of [0.00002, 0.003, 0.7, 5, 61, 90, 4000, 90_000, 900_000]) {
    const { at, stepUS } = timeTicks(1_700_000_000_400_000, 1_700_000_000_400_000 + seconds * 1e6, 1_700_000_000_000_000, 8)
    assert.ok(at.length >= 1 && at.length <= 9, `${seconds} s: ${at.length} ticks`)
    for (const us of at) assert.equal((us - 1_700_000_000_000_000) % stepUS, 0)
  }
  assert.deepEqual(valueTicks(7.7), [4, 8])
  assert.deepEqual(valueTicks(5.1), [2, 4])
  assert.deepEqual(valueTicks(38), [20, 40])
  assert.deepEqual(valueTicks(0), [])
  assert.deepEqual(durationTicks(128_000), [50_000, 100_000])
  assert.deepEqual(durationTicks(6_400_000), [2_500_000, 5_000_000])
  for (const largest of [1e-3, 0.7, 1, 9, 99, 12_345]) {
    const last = valueTicks(largest).at(-1) ?? 0
    assert.ok(last > largest / 1.6 && last < largest * 1.2, `${largest}: ${last}`)
  }
})

const turn = (n: number, more: Partial<TurnFigures> = {}): TurnFigures => ({
  n, state: "done", firstSeq: n * 10, lastSeq: n * 10 + 9, fromUS: n * 1e7, toUS: n * 1e7 + 5e6, markUS: n * 1e7, audioEndUS: 0, firstTextUS: n * 1e7 + 300_000,
  firstAudioUS: 0, doneUS: n * 1e7 + 5e6, asked: `question ${n}`, characters: 600, tokens: 150, messages: 160, gapP95: 46_000, error: "", doneWhy: "stop", spokenMS: 0, gapP95US: 46_000, ...more,
})

test("a turn is measured from its mark", () => {
  const m = measured(turn(1), "tokens")
  assert.deepEqual([m.firstText, m.firstAudio, m.done, m.amount, m.gap], [300_000, null, 5_000_000, 150, 46_000])
  assert.equal(Math.round(m.rate ?? 0), 32)
  assert.equal(measured(turn(1), "characters").amount, 600)
  assert.equal(measured(turn(1, { doneUS: 0, state: "cut" }), "tokens").done, null)
})

test("the first of an answer to speech counts from the end of the speech", () => {
  const m = measured(turn(1, { audioEndUS: 1e7 - 500_000, firstAudioUS: 1e7 + 400_000 }), "tokens")
  assert.deepEqual([m.firstText, m.firstAudio, m.done], [800_000, 900_000, 5_000_000])
})

test("a text that came before the mark counts from the speech", () => {
  const m = measured(turn(1, { fromUS: 8e6, firstTextUS: 9e6 }), "characters")
  assert.equal(m.firstText, 1_000_000)
})

test("slow is over twice the median and at least 30 ms more", () => {
  assert.equal(isSlow(601_000, 300_000), true)
  assert.equal(isSlow(600_000, 300_000), false)
  assert.equal(isSlow(29_000, 10_000), false)
  assert.equal(isSlow(41_000, 11_000), true)
  assert.equal(isSlow(null, 1), false)
  assert.equal(median([5, null, 1, 3, 9]), 3)
  assert.equal(median([]), null)
})

test("a line is drawn over steps in which nothing was due", () => {
  const values = [10, null, null, 30, null, 50]
  assert.deepEqual(joined(values, [10, null, null, 200, null, 50], 100), [10, undefined, undefined, 30, null, 50])
  assert.deepEqual(isolated([1, null, 2, 3, null, 4]), [0, 5])
  assert.deepEqual(isolated([1, undefined, 2, null]), [])
})

test("steps are added together", () => {
  assert.deepEqual(coarser([1, 2, 3, 4, 5], 2), { values: [6, 9], of: 3 })
  assert.deepEqual(coarser([1, 2], 9), { values: [1, 2], of: 1 })
  assert.deepEqual(smoothed([5, 0, 4, 6]), [5, 0, 4, 6])
  const ticks = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 1 : 0))
  assert.ok(smoothed(ticks).every((amount) => Math.abs(amount - 1 / 3) < 0.01))
})

const turns = [turn(1), turn(2, { tokens: 0, firstTextUS: 0, doneUS: 0, state: "failed", error: "E,1" }), turn(3, { firstTextUS: 3e7 + 900_000, asked: '=SUM("a")' })].map((t) => measured(t, "tokens"))

test("a table is sorted by any column, with empty cells last", () => {
  for (const { name } of columns) {
    for (const isDown of [false, true]) {
      const sorted = inOrder(turns, { by: name, isDown })
      assert.equal(sorted.length, 3)
      if (name === "first_text") assert.deepEqual(sorted.map(({ turn: { n } }) => n), isDown ? [3, 1, 2] : [1, 3, 2])
    }
  }
})

test("the worst of a column is marked by the rule of slow ones", () => {
  const many = [...Array.from({ length: 5 }, (_, index) => measured(turn(index + 10), "tokens")), ...turns]
  assert.deepEqual([...worstOf(many, many)], [["first_text", 3]])
  assert.deepEqual([...worstOf(turns.slice(0, 1), many)], [])
})

test("a CSV has the columns and rows of the table", () => {
  const lines = csvOf(inOrder(turns, { by: "first_text", isDown: true }), "tokens").trimEnd().split("\r\n")
  assert.equal(lines.length, 4)
  assert.equal(lines[0]?.split(",").length, columns.length)
  assert.ok(lines[0]?.startsWith(`${headOf("turn", "tokens")},`))
  assert.ok(lines[1]?.startsWith("3,"))
  assert.ok(lines[1]?.includes(`,"'=SUM(""a"")",900,,5000,150,`))
  assert.ok(lines[3]?.includes(`,,,,,,46,160,"`), lines[3])
})
