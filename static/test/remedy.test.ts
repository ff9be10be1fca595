import assert from "node:assert/strict"
import { test } from "node:test"
import { pastedField, remedyOf } from "../src/console/remedy"
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

test("the only secret of a credential can be pasted in place", () => {
  const field = (name: string, secret: boolean) => ({ name, secret, required: true, choices: [], default: "" })
  const kinds = [
    { kind: "token", fields: [field("token", true)] },
    { kind: "aksk", fields: [field("access_key", false), field("secret_key", true)] },
    { kind: "iam", fields: [field("user", false), field("password", true)] },
    { kind: "none", fields: [] },
  ]
  assert.equal(pastedField(kinds, { ...form, kind: "token" }), "token")
  for (const kind of ["aksk", "iam", "none", "unknown"]) assert.equal(pastedField(kinds, { ...form, kind }), null)
})
