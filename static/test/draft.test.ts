import assert from "node:assert/strict"
import { test } from "node:test"
import { Drafts, newKey, type Store, type Written } from "../src/visit/drafts"
import { blank, type Form } from "../src/forms/form"
import type { Kind } from "../src/wire/wire"
import { settings } from "./settings"

const field = (name: string, secret: boolean) => ({ name, secret, required: true, choices: [], default: "" })
const kinds: Kind[] = [{ kind: "aksk", fields: [field("access_key", false), field("secret_key", true)] }]
const message: Written = { type: "json", text: "{}", source: "hex", hex: "00", base64: "" }

function make(): { drafts: Drafts; kept: Map<string, string> } {
  const kept = new Map<string, string>()
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  return { drafts: new Drafts(store, kinds), kept }
}

const saved: Form = {
  ...blank(settings), service: "1", name: "ASR", base: "wss://h/p", kind: "aksk", keptKind: "aksk",
  kept: { secret_key: { fingerprint: "ab12cd34", updatedAtUS: 0, lastUsedAtUS: 0, owner: "local", mayBind: true, targets: ["a.example"], tls: true, endpoint: "", usable: true } },
  headers: [{ name: "X-Api-Key", value: "saved-value", enabled: true }],
}

test("what was written comes back, on top of what is saved", () => {
  const { drafts } = make()
  const form: Form = { ...saved, base: "wss://h/other", params: [{ name: "max_tokens", value: "5", enabled: true }] }
  assert.equal(drafts.write("1", { form, message }, saved), true)
  assert.deepEqual(drafts.readDraft("1", saved), { form, message, left: false })
})

test("no secret is kept, and that one was left out is known", () => {
  const { drafts, kept } = make()
  const form: Form = {
    ...saved, base: "wss://me:canary@h/p", fields: { access_key: "AK", secret_key: "canary" },
    params: [{ name: "token", value: "canary", enabled: true, raw: "token=canary" }],
    headers: [{ name: "Authorization", value: "Bearer canary", enabled: true }],
  }
  assert.equal(drafts.write("1", { form, message: null }, saved), false)
  assert.ok(![...kept.values()].join().includes("canary"))
  const back = drafts.readDraft("1", saved)
  assert.equal(back?.left, true)
  assert.deepEqual(back?.form?.fields, { access_key: "AK" })
  assert.deepEqual(back?.form?.params, [{ name: "token", value: "", enabled: true }])
})

test("a header that stands in the saved service keeps its value without being written", () => {
  const { drafts, kept } = make()
  drafts.write("1", { form: { ...saved, base: "wss://h/other" }, message: null }, saved)
  assert.ok(![...kept.values()].join().includes("saved-value"))
  assert.deepEqual(drafts.readDraft("1", saved)?.form?.headers, saved.headers)
  assert.equal(drafts.readDraft("1", saved)?.left, false)
})

test("a parameter that is not written down comes back in its spelling", () => {
  const { drafts, kept } = make()
  const params = [{ name: "token", value: "a/b", enabled: true, raw: "token=a/b" }]
  drafts.write("1", { form: { ...saved, params, base: "wss://h/other" }, message: null }, { ...saved, params })
  assert.ok(![...kept.values()].join().includes("a/b"))
  assert.deepEqual(drafts.readDraft("1", { ...saved, params })?.form?.params, params)
})

test("nothing to keep is nothing kept, and what cannot be read is nothing", () => {
  const { drafts, kept } = make()
  drafts.write("1", { form: null, message }, saved)
  drafts.write("1", { form: null, message: null }, saved)
  assert.equal(kept.size, 0)
  kept.set("duplex.draft.1", "{broken")
  assert.equal(drafts.readDraft("1", saved), null)
  kept.set("duplex.draft.1", JSON.stringify({ form: { params: 1 }, message: 7 }))
  assert.deepEqual(drafts.readDraft("1", saved), { form: null, message: null, left: false })
})

test("the key of a client certificate is not kept", () => {
  const { drafts, kept } = make()
  const form: Form = { ...saved, clientCertPEM: "-----BEGIN CERTIFICATE-----", clientKeyPEM: "canary" }
  assert.equal(drafts.write("1", { form, message: null }, saved), false)
  assert.ok(![...kept.values()].join().includes("canary"))
  assert.deepEqual(drafts.readDraft("1", saved), { form: { ...form, clientKeyPEM: "" }, message: null, left: true })
})

test("a new page is blank, and a page of a draft is that draft's", () => {
  const fresh = () => "k2"
  assert.deepEqual(newKey(new URL("https://h/services/new"), fresh), { key: "new.k2", address: "/services/new?draft=k2" })
  assert.deepEqual(newKey(new URL("https://h/services/new?draft=k1"), fresh), { key: "new.k1", address: "/services/new?draft=k1" })
  assert.deepEqual(newKey(new URL("https://h/?x=1&draft=../1"), fresh), { key: "new.k2", address: "/?x=1&draft=k2" })
})

test("drafts of new services are listed by what they are, and the oldest go", () => {
  const storage: Record<string, string> = {}
  const store = Object.create({
    getItem: (key: string) => storage[key] ?? null,
    setItem: (key: string, value: string) => { storage[key] = value; Object.defineProperty(store, key, { value: "", enumerable: true, configurable: true }) },
    removeItem: (key: string) => { delete storage[key]; delete store[key] },
  }) as Store & Record<string, unknown>
  const drafts = new Drafts(store, kinds)
  drafts.write("1", { form: saved, message: null }, saved)
  drafts.write("new.a", { form: null, message: { ...message, text: "  only a message" } }, blank(settings))
  for (let i = 0; i < 12; i++) drafts.write(`new.${i}`, { form: { ...blank(settings), base: `wss://h/${i}` }, message: null }, blank(settings))
  const listed = drafts.ofNew()
  assert.equal(listed.length, 10)
  assert.equal(Object.keys(storage).filter((key) => key.includes("new.")).length, 10)
  assert.ok(listed.every(({ title }) => title.startsWith("wss://h/") || title === "only a message"))
})

test("a secret row keeps that it is one, and not its value", () => {
  const { drafts, kept } = make()
  const rows = [{ name: "X-Plain", value: "canary-value", enabled: true, secret: true, field: "" }, { name: "X-Kept", value: "", enabled: true, secret: true, field: "headers[X-Kept]" }]
  assert.equal(drafts.write("1", { form: { ...saved, headers: rows }, message: null }, saved), false)
  assert.ok(![...kept.values()].join().includes("canary"))
  const back = drafts.readDraft("1", saved)
  assert.equal(back?.left, true)
  assert.deepEqual(back?.form?.headers, [{ ...rows[0], value: "" }, rows[1]])
})

test("a draft from before a setting has the saved value of it", () => {
  const { drafts, kept } = make()
  const now: Form = { ...saved, settings: { ping_interval: 20, "limits.viewers": 5 } }
  drafts.write("1", { form: { ...saved, settings: { ping_interval: 30 }, base: "wss://h/other" }, message: null }, now)
  assert.deepEqual(drafts.readDraft("1", now)?.form?.settings, { ping_interval: 30, "limits.viewers": 5 })
  kept.set("duplex.draft.1", JSON.stringify({ form: { params: [], headers: [], subprotocols: [], pingInterval: 30 } }))
  assert.deepEqual(drafts.readDraft("1", now)?.form?.settings, now.settings)
})
