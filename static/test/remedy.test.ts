import assert from "node:assert/strict"
import { test } from "node:test"
import { remedyOf } from "../src/console/remedy"
import { adHoc } from "../src/forms/form"
import { settings } from "./settings"

const form = adHoc("wss://example.test/a", settings)

test("a diagnosis changes the scheme and nothing else", () => {
  assert.deepEqual(remedyOf("switch_to_ws", "", form), { kind: "redial", part: { base: "ws://example.test/a" } })
  assert.deepEqual(remedyOf("switch_to_wss", "", { ...form, base: "ws://example.test/a" }), { kind: "redial", part: { base: "wss://example.test/a" } })
})

test("a diagnosis opens a tab, connects again, or does nothing", () => {
  assert.deepEqual(remedyOf("edit_headers", "", form), { kind: "tab", name: "headers" })
  assert.deepEqual(remedyOf("renew_token", "", form), { kind: "connect", extra: { renew_token: true } })
  assert.equal(remedyOf("unknown", "", form), null)
})
