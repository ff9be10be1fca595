import assert from "node:assert/strict"
import { test } from "node:test"
import { checkHeader } from "../src/forms/header"
import { waitBefore } from "../src/wire/socket"

const at = (name: string, value = "v") => checkHeader({ name, value, enabled: true }) !== ""

test("headers that the handshake owns are refused while typing", () => {
  for (const name of ["Host", "connection", "UPGRADE", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "X-Forwarded-For", "Proxy-Authorization", "a b", ""]) {
    assert.ok(at(name), name)
  }
  for (const name of ["Authorization", "Origin", "X-Auth-Token", "Cookie", "x.y_z"]) assert.ok(!at(name), name)
  assert.ok(at("X-A", "a\r\nb"))
  assert.ok(!at("X-A", "tab\tis fine"))
})

test("coming back waits longer each time, spread, and at most 1.5 seconds", () => {
  assert.equal(waitBefore(0, 1), 250)
  assert.equal(waitBefore(3, 0), 750)
  assert.equal(waitBefore(30, 1), 1500)
})
