import { test } from "node:test"
import assert from "node:assert/strict"
import { isMeasured, Pace } from "../src/log/pace"
import { emptyRow, type Row } from "../src/wire/wire"

function rows(...gaps: number[]): Row[] {
  let atUS = 0
  return [0, ...gaps].map((gap, i) => ({ ...emptyRow, seq: i + 1, direction: "received", atUS: (atUS += gap * 1000) }))
}

test("a gap is slow when it is over twice the median and 30 ms more", () => {
  const pace = new Pace()
  assert.equal(pace.isSlow(1e9), false, "nothing is known yet")
  for (const row of rows(29, 31, 28, 30, 64, 27, 29, 33, 28, 30)) pace.add([row])
  assert.equal(pace.isSlow(64_000), true)
  assert.equal(pace.isSlow(58_000), false)
  const quick = new Pace()
  quick.add(rows(1, 1, 1, 1, 1, 1, 1, 1, 1))
  assert.equal(quick.isSlow(20_000), false)
  assert.equal(quick.isSlow(32_000), true)
})

test("a fetched page counts once", () => {
  const pace = new Pace()
  const page = rows(10, 10, 10, 10)
  pace.addPage(page)
  pace.addPage(page)
  assert.equal(pace.isSlow(1e9), false)
})

test("the wait for the first text is not measured", () => {
  const received = (joins: string): Row => ({ ...emptyRow, direction: "received", joins })
  const sent: Row = { ...emptyRow, direction: "sent" }
  const measured = (...list: Row[]): boolean => isMeasured(list.at(-1) ?? emptyRow, (back) => list.at(-1 - back))
  assert.equal(measured(sent, received("")), false)
  assert.equal(measured(sent, received(""), received("")), true)
  assert.equal(measured(sent, received(""), received("append")), false)
  assert.equal(measured(sent, received("append"), received(""), received("append")), true)
})
