import assert from "node:assert/strict"
import { test } from "node:test"
import { verdictOf } from "../src/identity/lease"

test("an answer says when to ask again", () => {
  assert.deepEqual(verdictOf(200, "basic", { renew_in_ms: 300_000 }), { kind: "good", renewIn: 300_000 })
  assert.deepEqual(verdictOf(200, "basic", { renew_in_ms: null }), { kind: "good", renewIn: null })
  assert.deepEqual(verdictOf(200, "basic", { renew_in_ms: -5 }), { kind: "good", renewIn: 500 })
})

test("401 and a redirect mean the same", () => {
  assert.deepEqual(verdictOf(401, "basic", null), { kind: "lost" })
  assert.deepEqual(verdictOf(0, "opaqueredirect", null), { kind: "lost" })
})

test("what says nothing of the person changes nothing", () => {
  for (const status of [200, 403, 500, 503]) assert.deepEqual(verdictOf(status, "basic", null), { kind: "unknown" })
  assert.deepEqual(verdictOf(200, "basic", { error: {} }), { kind: "unknown" })
})
