// What the parsers of the wire promise of any value: they return their shape.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { parseDialect, parseDialectSummary, parseEnvironment, parseProblems, parseResolved } from "../src/wire/dialects"
import { takeEvents } from "../src/wire/live"
import * as schema from "../src/wire/schema"
import { parseSeries } from "../src/wire/series"
import { parseGrowth, parseLevels, parsePlaying, parseTurn, parseTurnUpdate } from "../src/wire/turns"
import {
  parseBoot, parseDays, parseDeletion, parseDialPhase, parseError, parseLabelPage, parseRow, parseRowPage, parseSavedMessage, parseSearchPage, parseSeq, parseServerEvent, parseService, parseSession,
  parseTestResult,
} from "../src/wire/wire"
import { pick, seeded, type Random } from "./random"

const parsers: Record<string, (value: unknown) => unknown> = {
  parseBoot, parseDays, parseDeletion, parseDialPhase, parseDialect, parseDialectSummary, parseEnvironment, parseError, parseGrowth, parseLabelPage, parseLevels, parsePlaying, parseProblems, parseResolved,
  parseRow, parseRowPage, parseSavedMessage, parseSearchPage, parseSeq, parseSeries, parseService, parseSession, parseTestResult, parseTurn, parseTurnUpdate,
}

// The names of all fields, and of some that no server sends.
const names = [
  ...new Set(Object.entries(schema).flatMap(([name, table]) => (name.endsWith("Scalars") ? Object.keys(table as object) : []))),
  "rows", "state", "turns", "turn", "texts", "playing", "error", "diagnosis", "handshake", "phases_us", "tls", "evidence", "facts", "viewers", "access", "limits", "takes_audio", "credential", "secrets", "vars",
  "params", "headers", "subprotocols", "values", "snippet", "sound", "gaps", "series", "usage", "audio", "segments", "tools", "interrupted", "messages", "sessions", "days", "left_out", "sends", "reads",
  "type", "__proto__", "constructor", "toString", "length", "",
]
const words = Object.entries(schema).flatMap(([name, list]) => (name.endsWith("Values") && Array.isArray(list) ? (list as unknown[]) : []))

// anyValue returns a value that JSON can have.
function anyValue(random: Random, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 0 ? 9 : 6))
  switch (kind) {
    case 0: return null
    case 1: return random() < 0.5
    case 2: return pick(random, [0, -1, 1.5, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 5e-324])
    case 3: return pick(random, ["", "x", "\ud800", "1", "__proto__", "\u0000"])
    case 4:
    case 5: return words.length > 0 ? pick(random, words) : ""
    case 6: return Array.from({ length: Math.floor(random() * 4) }, () => anyValue(random, depth - 1))
    default: {
      const entries = Array.from({ length: Math.floor(random() * 12) }, () => [pick(random, names), anyValue(random, depth - 1)] as const)
      return JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`) // "__proto__" becomes a field, as in JSON that came
    }
  }
}

// altered returns a copy of a value with a few parts replaced.
function altered(random: Random, value: unknown): unknown {
  if (random() < 0.08) return anyValue(random, 3)
  if (Array.isArray(value)) return value.map((item) => altered(random, item))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, altered(random, item)]))
}

// requireShape compares the types of a parsed value with those of the same parser's nothing. A
// part that may be missing is null there, and a list is empty.
function requireShape(got: unknown, none: unknown, where: string): void {
  if (none === null) return requirePlain(got, where)
  assert.equal(typeof got, typeof none, where)
  assert.equal(Array.isArray(got), Array.isArray(none), where)
  if (typeof none !== "object") return requirePlain(got, where)
  requirePlain(got, where)
  if (Array.isArray(none)) return
  for (const [name, value] of Object.entries(none)) {
    const inner = (got as Record<string, unknown>)[name]
    if (!mayDiffer.has(name)) requireShape(inner, value, `${where}.${name}`)
  }
}

// Fields whose values have more than one type.
const mayDiffer = new Set(["default"])

// requirePlain accepts what JSON can hold, in objects without a foreign prototype.
function requirePlain(value: unknown, where: string): void {
  if (typeof value === "number") return assert.ok(Number.isFinite(value), `${where} is ${value}`)
  if (Array.isArray(value)) return value.forEach((item, at) => requirePlain(item, `${where}[${at}]`))
  if (typeof value !== "object" || value === null) return assert.notEqual(typeof value, "function", where)
  assert.ok([Object.prototype, null].includes(Object.getPrototypeOf(value) as object), `${where} has a foreign prototype`)
  for (const [name, inner] of Object.entries(value)) requirePlain(inner, `${where}.${name}`)
}

const fixtures = ["bye", "playing", "refused", "rows", "sent", "state", "turns"].map((name) => JSON.parse(readFileSync(`../bridge/wire/testdata/${name}.json`, "utf8")) as Record<string, unknown>)
const rounds = Number(process.env["DUPLEX_PROPERTY_ROUNDS"] ?? 400)

for (const [name, parse] of Object.entries(parsers)) {
  test(`${name} returns its shape, whatever it is given`, () => {
    const none = parse(null)
    for (let seed = 0; seed < rounds; seed++) {
      const random = seeded(seed)
      const base = pick(random, fixtures)
      const value = random() < 0.5 ? anyValue(random, 4) : altered(random, pick(random, [base, base["state"], base["error"], base["rows"], base["turns"]]))
      requireShape(parse(value), none, `${name} of seed ${seed}`)
    }
  })
}

test("a secret may have any name", () => {
  const secrets = JSON.parse(`{"__proto__":{"set":true,"owner_name":"Ada"},"constructor":{"set":true},"gone":{"set":false}}`) as unknown
  const service = parseService({ secrets, credential: { kind: "token", secrets } })
  for (const found of [service.secrets, service.credential.secrets]) {
    assert.deepEqual(Object.keys(found), ["__proto__", "constructor"])
    requirePlain(found, "secrets")
  }
})

test("an event is known and whole, or null", () => {
  for (let seed = 0; seed < rounds * 5; seed++) {
    const random = seeded(seed)
    const event = parseServerEvent(altered(random, pick(random, fixtures)))
    if (event === null) continue
    assert.ok(["state", "rows", "turns", "playing", "sent", "refused", "bye"].includes(event.type))
    requirePlain(event, `seed ${seed}`)
    if (event.type === "state") requireShape(event.state, parseSession(null), `seed ${seed}`)
    if (event.type === "refused") requireShape(event.error, parseError(null), `seed ${seed}`)
  }
})

test("a stream of events is the same in pieces of any size", () => {
  for (let seed = 0; seed < rounds; seed++) {
    const random = seeded(seed)
    const sent = Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({ name: pick(random, ["", "phase", "answer"]), data: anyValue(random, 3) }))
    const text = sent.map(({ name, data }) => `${name && `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`).join("")
    const got: unknown[] = []
    let rest = ""
    for (let at = 0; at < text.length;) {
      const size = 1 + Math.floor(random() * 20)
      const taken = takeEvents(rest + text.slice(at, at + size))
      got.push(...taken.events)
      rest = taken.rest
      at += size
    }
    assert.equal(rest, "")
    assert.deepEqual(got, sent.map(({ name, data }) => ({ name, data: JSON.parse(JSON.stringify(data)) as unknown })))
  }
})
