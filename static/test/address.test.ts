import assert from "node:assert/strict"
import { test } from "node:test"
import { isFilled, join, merge, normalize, paramsOf, scheme, spell, split } from "../src/forms/address"

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
  const queries = [
    "q=a%20b", "q=a+b", "q=%E4%BD%A0", "flag", "x=1%2F2", "bad=%zz", "a=b=c", "e=", "a=1&&b=2", "&a&&", "=v", "=&==", "a;b=1;c",
    "sig=a%2Bb/c=&t=00:00&scope=x,y", "q=%C4%E3", "a0=%&a1%a&a2=%aa", "u=https://h/?x=1",
  ]
  for (const query of queries) {
    const { base, query: found } = split(`wss://h/p?${query}`)
    assert.equal(found, query)
    assert.equal(join(base, merge([], found)), `wss://h/p?${query}`)
  }
  for (const bare of ["wss://h/p?", "wss://h/p?&&"]) assert.deepEqual(split(bare), { base: bare, query: null })
  assert.equal(join("wss://h/p?&", paramsOf("a")), "wss://h/p?a")
})

test("text in another encoding is shown as it is spelled", () => {
  assert.deepEqual(paramsOf("q=%C4%E3+x&%zz=+").map((p) => [p.name, p.value]), [["q", "%C4%E3+x"], ["%zz", " "]])
})

test("a pair that is typed anew is encoded, and its neighbours are not", () => {
  const params = paramsOf("sig=a%2Bb/c=&t=00:00&&flag")
  params[1] = { ...params[1]!, value: "a+b;c" }
  assert.equal(join("ws://h", params), "ws://h?sig=a%2Bb/c=&t=a%2Bb%3Bc&&flag")
  params[1] = { ...params[1]!, value: "00:00" }
  assert.equal(join("ws://h", params), "ws://h?sig=a%2Bb/c=&t=00:00&&flag")
  assert.equal(spell({ name: "n", value: "\ud83d", enabled: true }), "n=%EF%BF%BD")
  assert.equal(spell({ name: "a", value: "1&b=2", enabled: true, raw: "a=1&b=2" }), "a=1%26b%3D2")
})

test("an edited value is escaped only where it must be", () => {
  const params = paramsOf("q=a+b").map((p) => ({ ...p, value: "a b&c=d/e:f" }))
  assert.equal(join("ws://h", params), "ws://h?q=a%20b%26c%3Dd/e:f")
})

test("https as copied from a Usage Guides tab becomes wss", () => {
  assert.deepEqual(normalize(" https://h/v1/infers/id "), { address: "wss://h/v1/infers/id", from: "https", to: "wss", cut: false })
  assert.equal(normalize("HTTP://h")?.address, "ws://h")
  assert.equal(normalize("wss://h"), null)
  assert.equal(normalize("wss://h ")?.address, "wss://h")
  assert.equal(scheme("wss://h"), "wss")
  assert.equal(scheme("h"), "")
})

test("an address without a scheme gets the likely one", () => {
  const near = [
    "127.0.0.1:8080/v1/x?x=1", "127.9.9.9", "localhost:1", "LOCALHOST./x", "api.localhost", "[::1]:8080/a", "10.0.0.1", "172.31.0.1:80", "192.168.1.1/x",
    "100.64.0.1", "169.254.9.9", "[fd00::7]", "[fe80::1]", "[::ffff:10.0.0.1]",
  ]
  for (const address of near) assert.deepEqual(normalize(address), { address: `ws://${address}`, from: "", to: "ws", cut: false }, address)
  const far = ["h.example", "h.example:8443/x?y=a://b", "h.example//x://y", "172.32.0.1", "100.128.0.1", "93.184.216.34:80", "10.0.0.1.nip.io", "[2606::1]:1", "bücher.example/"]
  for (const address of far) assert.equal(normalize(address)?.address, `wss://${address}`, address)
  for (const address of ["", "/x", "//h/x", "mailto:me", "javascript:alert(1)", "h:x/", "wss:8080", "ws:h.example", "me:secret@h/x", "ftp://h/"]) {
    assert.equal(normalize(address), null, address)
  }
})

test("a fragment is cut, and is never a part of the query", () => {
  assert.deepEqual(normalize("ws://h/p?mode=full#section-2"), { address: "ws://h/p?mode=full", from: "", to: "", cut: true })
  assert.deepEqual(normalize("h.example/p#a?b"), { address: "wss://h.example/p", from: "", to: "wss", cut: true })
  assert.deepEqual(split("ws://h/p?mode=full#section-2?x"), { base: "ws://h/p", query: "mode=full" })
  assert.deepEqual(split("ws://h/p#x?y=1"), { base: "ws://h/p", query: null })
})

test("an empty row is none, and a bare equals sign is one", () => {
  assert.equal(isFilled({ name: "", value: "", enabled: true }), false)
  assert.equal(isFilled({ name: "", value: "", enabled: true, raw: "" }), false)
  assert.equal(isFilled({ name: "", value: "", enabled: true, raw: "=" }), true)
})
