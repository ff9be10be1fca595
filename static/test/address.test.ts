import assert from "node:assert/strict"
import { test } from "node:test"
import { join, merge, normalize, paramsOf, scheme, split } from "../src/address"

test("typing a query adds rows, live", () => {
  const { base, query } = split("wss://h/p?a=1&b=two")
  assert.equal(base, "wss://h/p")
  assert.deepEqual(
    merge([], query).map((p) => [p.name, p.value, p.enabled]),
    [["a", "1", true], ["b", "two", true]],
  )
})

test("disabled rows keep their places and are not in the address", () => {
  const rows = [
    { name: "a", value: "1", enabled: true },
    { name: "off", value: "x", enabled: false },
    { name: "b", value: "2", enabled: true },
  ]
  assert.equal(join("wss://h/", rows), "wss://h/?a=1&b=2")
  const merged = merge(rows, "a=1&b=3&c")
  assert.deepEqual(merged.map((p) => p.name), ["a", "off", "b", "c"])
  assert.deepEqual(merge(rows, null).map((p) => p.name), ["off"])
})

test("repeated names are kept in order", () => {
  assert.equal(join("ws://h", paramsOf("a=1&a=2&a=1")), "ws://h?a=1&a=2&a=1")
})

test("the spelling of an address survives the table", () => {
  for (const query of ["q=a%20b", "q=a+b", "q=%E4%BD%A0", "flag", "x=1%2F2", "bad=%zz", "a=b=c", "e="]) {
    assert.equal(join("wss://h/p", paramsOf(query)), `wss://h/p?${query}`)
  }
})

test("an edited value is escaped only where it must be", () => {
  const params = paramsOf("q=a+b").map((p) => ({ ...p, value: "a b&c=d/e:f" }))
  assert.equal(join("ws://h", params), "ws://h?q=a%20b%26c%3Dd/e:f")
})

test("https as copied from a Usage Guides tab becomes wss", () => {
  assert.deepEqual(normalize(" https://h/v1/infers/id "), { address: "wss://h/v1/infers/id", from: "https", to: "wss" })
  assert.equal(normalize("HTTP://h")?.address, "ws://h")
  assert.equal(normalize("wss://h"), null)
  assert.equal(normalize("wss://h ")?.address, "wss://h")
  assert.equal(scheme("wss://h"), "wss")
  assert.equal(scheme("h"), "")
})
