import assert from "node:assert/strict"
import { test } from "node:test"
import { addGaps, gapAt, noGaps } from "../src/console/gaps"

test("too few gaps say nothing", () => {
  assert.equal(gapAt(noGaps, 0.95), null)
  assert.equal(gapAt(addGaps(noGaps, Array(19).fill(1000)), 0.95), null)
})

test("a share of the gaps is told within a tenth", () => {
  const gaps = addGaps(addGaps(noGaps, Array(95).fill(31_000)), [400_000, 500_000, 600_000, 700_000, 800_000])
  for (const [share, want] of [[0.5, 31_000], [0.95, 31_000], [0.97, 500_000], [0.99, 700_000]] as const) {
    const got = gapAt(gaps, share) ?? 0
    assert.ok(got >= want && got < want * 1.1, `${share}: ${got}`)
  }
})

test("gaps of nothing and of days are counted", () => {
  const gaps = addGaps(noGaps, [...Array(50).fill(0), ...Array(50).fill(2 ** 50)])
  assert.equal(gapAt(gaps, 0.5), 1)
  assert.ok((gapAt(gaps, 0.95) ?? 0) > 3600e6)
})
