// How an address is shown while nobody edits it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { addressParts } from "../src/console/address-view"

test("the tail of an address names what is called", () => {
  const parts = (address: string) => {
    const { host, middle, tail, query } = addressParts(address)
    return [host, middle, tail, query]
  }
  assert.deepEqual(parts("wss://infer.example.com/v1/infers/8f2c0d3e-77aa/v1/realtime?model=q"), ["infer.example.com", "/v1/infers/8f2c0d3e-77aa", "/v1/realtime", "?model=q"])
  assert.deepEqual(parts("wss://infer.example.com/v1/infers/8f2c0d3e-77aa-4c19"), ["infer.example.com", "/v1/infers", "/8f2c0d3e-77aa-4c19", ""])
  assert.deepEqual(parts("wss://host"), ["host", "", "", ""])
  assert.deepEqual(parts("wss://host/"), ["host", "", "/", ""])
  assert.deepEqual(parts("host:8080/a/b"), ["host:8080", "/a", "/b", ""])
  assert.deepEqual(parts("ws://[::1]:9/x?y=/z#"), ["[::1]:9", "", "/x", "?y=/z#"])
})

test("the parts of an address are the whole address", () => {
  for (const address of ["h/a//b", "h/a/b/c/d?x=1", "h//", "h?x", ""]) {
    const { host, middle, tail, query } = addressParts(address)
    assert.equal(host + middle + tail + query, address)
  }
})
