import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"
import { has, plural, say } from "../src/text/say"
import { credentialKindValues, dialectSendWhenValues, dialPhaseNameValues, diagnosisActionValues, turnStateValues } from "../src/wire/schema"

// npm test runs in static.
const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))

test("every sentence the code asks for is in the catalogue", () => {
  const missing = new Set<string>()
  for (const name of sources) {
    for (const [, key] of readFileSync(`src/${name}`, "utf8").matchAll(/\bsay\(\s*"([^"]+)"/g)) {
      if (key && !has(key)) missing.add(`${name}: ${key}`)
    }
    for (const [, key] of readFileSync(`src/${name}`, "utf8").matchAll(/\bplural\(\s*"([^"]+)"/g)) {
      if (key && !has(`${key}.other`)) missing.add(`${name}: ${key}.other`)
    }
  }
  assert.deepEqual([...missing], [])
})

test("families of sentences are complete", () => {
  const families: Record<string, readonly string[]> = {
    "page.state": ["connecting", "open", "closing", "closed"],
    "page.status": ["idle", "connecting", "open", "closing", "closed"],
    "page.phase": ["dns", "tcp", "tls", "upgrade", "other", "total"],
    "page.teach.new": ["1", "2", "3"],
    "page.teach.saved": ["1", "2", "3"],
    "page.teach.demo": ["1", "2", "3"],
    "saved.type": ["text", "json", "xml", "html", "hex", "base64", "file"],
    "page.tab": ["turns", "messages", "timing", "params", "headers", "auth", "settings"],
    "page.action": diagnosisActionValues,
    "dialect.when": dialectSendWhenValues,
    "test.phase": dialPhaseNameValues,
    "timing.state": turnStateValues,
    "speech.state_of": turnStateValues,
    "auth.kind": credentialKindValues,
  }
  for (const [family, names] of Object.entries(families)) {
    for (const name of names) assert.ok(has(`${family}.${name}`), `${family}.${name}`)
  }
})

test("names in braces are filled, and a gap is seen", () => {
  assert.equal(say("page.viewers.other", { count: 3 }), "3 viewers")
  assert.equal(say("no.such.key"), "no.such.key")
})

test("a count chooses the form of a sentence", () => {
  assert.equal(plural("page.viewers", 1), "1 viewer")
  assert.equal(plural("page.viewers", 0), "0 viewers")
  assert.equal(plural("history.places", 1200, { count: "1,200+" }), "1,200+ places")
})
