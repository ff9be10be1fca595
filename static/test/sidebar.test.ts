import assert from "node:assert/strict"
import { test } from "node:test"
import { earlySheet, Kept, width } from "../src/sidebar/kept"
import { credentialLabel, initials, isSample, splitAddress } from "../src/sidebar/names"
import { Twice } from "../src/sidebar/twice"
import { inOrder, matching, type Command } from "../src/ui/palette"
import type { SecretInfo } from "../src/wire"

function store(): { kept: Map<string, string>; getItem(key: string): string | null; setItem(key: string, value: string): void } {
  const kept = new Map<string, string>()
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

// views/views_test.go has the same table for the server's list.
test("an address keeps its end", () => {
  const table: [string, [string, string]][] = [
    ["wss://host.example/v1/infers/8f2c0d/v1/realtime", ["host.example/v1/infers/8f2c0d", "/v1/realtime"]],
    ["wss://host.example/api/v3/sauc/bigmodel_async", ["host.example/api/v3/sauc", "/bigmodel_async"]],
    ["wss://host.example/v1/realtime?model=a/b", ["host.example", "/v1/realtime"]],
    ["wss://host.example/", ["host.example", ""]],
    ["ws://127.0.0.1:9101/echo", ["127.0.0.1:9101", "/echo"]],
    ["{{host}}/a/b/", ["{{host}}", "/a/b"]],
  ]
  for (const [address, want] of table) assert.deepEqual(splitAddress(address), want, address)
})

// views/views_test.go has the same table for the server's list.
test("a credential is named in few words", () => {
  const secret = {} as SecretInfo
  for (const [kind, secrets, want] of [["none", {}, ""], ["token", { token: secret }, "IAM token"], ["dialect", {}, ""], ["dialect", { a: secret, b: secret }, "2 keys"], ["dialect", { a: secret }, "1 key"]] as const)
    assert.equal(credentialLabel({ credential: { kind, plain: {}, secrets } }), want)
})

test("initials are at most two letters", () => {
  for (const [name, want] of [["Jonas Lind", "JL"], ["local", "L"], ["Mei-Ling Tanaka", "ML"], ["王 芳", "王芳"], ["", ""]] as const) assert.equal(initials(name), want)
})

test("a service of the demo is a sample until somebody renames it", () => {
  const of = (name: string, demo: string, kind: string) => isSample({ name, demo, credential: { kind } })
  assert.equal(of("Demo · echo · AppKey", "echo", "app_key"), true)
  assert.equal(of("Demo · echo · no credential", "echo", "none"), false)
  assert.equal(of("Mine", "echo", "app_key"), false)
  assert.equal(of("Demo · mine", "", "none"), false)
})

test("the width of the list stays in its bounds", () => {
  const kept = new Kept(store())
  assert.equal(kept.width, width.usual)
  for (const [px, want] of [[100, width.least], [999, width.most], [300.4, 300]] as const) {
    kept.width = px
    assert.equal(kept.width, want)
  }
})

test("folds and seen failures are in the first paint", () => {
  const storage = store()
  const kept = new Kept(storage)
  const escape = (name: string) => `<${name}>`
  assert.match(earlySheet(kept, escape), /data-failed=true/, "a new browser shows no old failures")
  kept.fold("Speech", false, true)
  kept.fold("Demo", true, false)
  kept.see(["one"])
  kept.see(["one", "two"])
  const sheet = earlySheet(new Kept(storage), escape)
  for (const want of ["[data-folder=<Speech>]", "[data-role=demo] > ul { display: block }", "[data-id=<one>]", "[data-id=<two>]"]) assert.ok(sheet.includes(want), want)
  kept.fold("Speech", false, false)
  assert.equal(kept.isFolded("Speech", false), false)
  assert.equal(kept.isFolded("Demo", true), false)
  storage.kept.set("duplex.folds", "{broken")
  assert.equal(kept.isFolded("Demo", true), true)
})

test("commands used last come first, those that end something last", () => {
  const command = (id: string, danger = false): Command => ({ id, name: id, danger, run: () => undefined })
  const given = [command("disconnect", true), command("connect"), command("history"), command("chat")]
  const ids = (list: Command[]) => list.map(({ id }) => id).join(" ")
  assert.equal(ids(inOrder(given, [])), "connect history chat disconnect")
  assert.equal(ids(inOrder(given, ["chat", "disconnect", "history"])), "chat history connect disconnect")
  assert.equal(ids(matching(given, " CHA ")), "chat")
})

test("the second of two clicks is within half a second and on the same entry, and renames once", () => {
  const { kept, ...storage } = store()
  let now = 1_000_000
  const twice = new Twice({ ...storage, removeItem: (key) => void kept.delete(key) }, () => now)
  assert.equal(twice.isSecond("/services/a"), false)
  twice.pressed("/services/a")
  now += 499
  assert.equal(twice.isSecond("/services/a"), true)
  assert.equal(twice.isSecond("/services/b"), false)
  now += 1
  assert.equal(twice.isSecond("/services/a"), false)

  assert.equal(twice.take("/services/a"), false)
  twice.rename("/services/a")
  assert.equal(twice.take("/services/b"), false, "of another page")
  twice.rename("/services/a")
  assert.equal(twice.take("/services/a"), true)
  assert.equal(twice.take("/services/a"), false, "once")
  twice.rename("/services/a")
  now += 10_000
  assert.equal(twice.take("/services/a"), false, "long ago")
})
