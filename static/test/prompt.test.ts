import assert from "node:assert/strict"
import { test } from "node:test"
import { checkPrompt } from "../src/prompt/limits"
import { waysOf } from "../src/prompt/mode"
import { parseLimits } from "../src/wire/turns"

test("a prompt without a known limit is free", () => {
  assert.deepEqual(checkPrompt("x".repeat(1000), parseLimits({})), { over: null, near: null, told: "" })
})

test("a prompt is warned about from 80 % of the characters, and refused above", () => {
  const limits = parseLimits({ chars: 10, message_bytes: 1 })
  assert.equal(checkPrompt("😀".repeat(8), limits).near, null)
  assert.match(checkPrompt("😀".repeat(9), limits).near ?? "", /9 of the 10 characters/)
  assert.equal(checkPrompt("😀".repeat(10), limits).over, null)
  assert.match(checkPrompt("😀".repeat(11), limits).over ?? "", /11 characters.*10/)
})

test("a prompt is measured in UTF-8 where the service limits the bytes", () => {
  const limits = parseLimits({ message_bytes: 10 })
  assert.equal(checkPrompt("é€😀", limits).told, "9 B of 10 B")
  assert.match(checkPrompt("é€😀", limits).near ?? "", /9 B of the 10 B/)
  assert.match(checkPrompt("é€😀é", limits).over ?? "", /11 B\. .*10 B/)
})

test("a dialect has the ways to write that it takes, and Raw is always there", () => {
  assert.deepEqual(waysOf(true, false), ["prompt", "raw"])
  assert.deepEqual(waysOf(false, true), ["microphone", "file", "raw"])
  assert.deepEqual(waysOf(true, true), ["microphone", "file", "prompt", "raw"])
  assert.deepEqual(waysOf(false, false), ["raw"])
})
