import assert from "node:assert/strict"
import { test } from "node:test"
import { storeProblem } from "../src/console/store"

test("what is wrong with the store is read from /readyz", () => {
  const failed = (code: string) => storeProblem(503, { error: { code, message: `sentence of ${code}` } })
  assert.equal(storeProblem(200, { status: "ready" }), "")
  for (const code of ["storage_full", "store_lost", "store_damaged"]) assert.equal(failed(code), `sentence of ${code}`)
  assert.equal(failed("store_unavailable"), "")
  for (const answer of [failed("draining"), storeProblem(502, null), storeProblem(503, "bad gateway")]) assert.equal(answer, null)
})
