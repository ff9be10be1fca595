import assert from "node:assert/strict"
import { test } from "node:test"
import { blank } from "../src/forms/form"
import { readPasted, type Pasted } from "../src/start/command"
import { filledWith, partsFilled } from "../src/start/fill"
import { isComplete, providerOf } from "../src/start/provider"
import { settings } from "./settings"

test("ModelArts is known by the path of its gateway", () => {
  const first = providerOf("wss://infer-modelarts-cn-north-4.modelarts-infer.com/v1/infers/8f2c/v1/realtime?model=m")
  assert.deepEqual([first?.name, first?.requestMS, first?.inner], ["modelarts.v1", 40_000, "wss://api.openai.com/v1/realtime"])
  assert.equal(providerOf("wss://x.example/v2/infers/8f2c/chat/ws")?.inner, "wss://container.invalid/chat/ws")
  assert.equal(providerOf("wss://x.example/v2/infer/8f2c")?.name, "modelarts.v2")
  for (const other of ["wss://api.openai.com/v1/realtime", "wss://x.example/v1/infers/", "v1/infers/a"]) assert.equal(providerOf(other), null, other)
})

test("an address is complete when it could be dialled", () => {
  for (const address of ["wss://a.example", "ws://localhost:8080/x", "ws://127.0.0.1", "ws://[::1]:9/x", "wss://gateway.internal?x=1"]) assert.ok(isComplete(address), address)
  for (const address of ["", "wss://", "wss://gatew", "wss://gateway.", "a.example", "wss://a.example:"]) assert.ok(!isComplete(address), address)
})

test("what was pasted fills the form, and the rest of it stays", () => {
  const pasted = readPasted("curl -H 'X-Auth-Token: t' -H 'Cookie: a=b' -H 'Sec-WebSocket-Protocol: x' 'https://a.example/p?q=%2F'").ok as Pasted
  const form = filledWith({ ...blank(settings), name: "mine", caPEM: "pem" }, pasted)
  assert.deepEqual([form.name, form.caPEM, form.base, form.kind, form.fields], ["mine", "pem", "wss://a.example/p", "token", { token: "t" }])
  assert.deepEqual(form.params, [{ name: "q", value: "/", enabled: true, raw: "q=%2F" }])
  assert.deepEqual(form.headers, [{ name: "Cookie", value: "a=b", enabled: true, secret: true }])
  assert.deepEqual(partsFilled(pasted), { params: 1, headers: 1, subprotocols: 1 })
})
