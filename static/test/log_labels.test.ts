import { test } from "node:test"
import assert from "node:assert/strict"
import { LabelCounts } from "../src/log/labels"

test("labels are counted piece by piece, and only the rest the next time", async () => {
  const asked: number[] = []
  let changes = 0
  const counts = new LabelCounts(async (after) => {
    asked.push(after)
    return { labels: [{ label: "delta", count: 4 }, { label: after === 0 ? "created" : "", count: 9 }], next: after + 10 }
  }, () => { changes++ })
  await counts.upTo(20)
  assert.deepEqual(counts.list, [["", 9], ["created", 9], ["delta", 8]])
  assert.equal(counts.progress(20), 1)
  await counts.upTo(20)
  await counts.upTo(25)
  assert.deepEqual(asked, [0, 10, 20])
  assert.equal(changes, 3)
})

test("a failure shows, and counting goes on when asked again", async () => {
  let isAway = true
  const counts = new LabelCounts(async (after) => {
    if (isAway) throw new Error("away")
    return { labels: [], next: after + 10 }
  }, () => undefined)
  await counts.upTo(10)
  assert.equal(counts.failed, true)
  isAway = false
  await counts.upTo(10)
  assert.equal(counts.failed, false)
  assert.equal(counts.progress(10), 1)
})
