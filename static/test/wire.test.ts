import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { parseBoot, parseRows, parseServerEvent } from "../src/wire/wire"

// The same files that the server's tests read.
function fixture(name: string): unknown {
  return JSON.parse(readFileSync(`../bridge/wire/testdata/${name}.json`, "utf8"))
}

test("rows come in as the server writes them", () => {
  const event = parseServerEvent(fixture("rows"))
  assert.equal(event?.type, "rows")
  if (event?.type !== "rows") return
  assert.equal(event.lastSeq, 9)
  assert.deepEqual(event.rows.map((row) => row.direction), ["event", "sent", "received", "received", "received"])
  assert.equal(event.rows[0]?.event, "connected")
  assert.equal(event.rows[1]?.clientID, "c1")
  assert.equal(event.rows[2]?.invalidUTF8, true)
  assert.equal(event.rows[3]?.truncated, true)
  assert.deepEqual(event.rows.map((row) => row.asText), [false, false, false, false, true])
  assert.equal("opcode" in (event.rows[0] ?? {}), false)
})

test("a row has every plain field of the API document, and nothing of another type", () => {
  const [row] = parseRows([{ seq: "7", at_us: 1e999, size: 3, truncated: 1, sender: null, client_id: "c", opcode: "ping", unknown: 1 }])
  assert.deepEqual(row, {
    seq: 0, atUS: 0, direction: "event", size: 3, preview: "", asText: false, truncated: false, invalidUTF8: false, sender: "", clientID: "c", event: "", label: "", gist: "", joins: "", path: "", error: false, sound: null,
  })
})

test("a state carries how the session ended", () => {
  const event = parseServerEvent(fixture("state"))
  assert.equal(event?.type, "state")
  if (event?.type !== "state") return
  assert.equal(event.state.state, "closed")
  assert.equal(event.state.serviceName, "ASR prod")
})

test("errors keep their code, field, diagnosis and handshake", () => {
  const refused = parseServerEvent(fixture("refused"))
  assert.ok(refused?.type === "refused" && refused.error.field === "text" && refused.clientID === "c1")
  const bye = parseServerEvent(fixture("bye"))
  assert.ok(bye?.type === "bye" && bye.error?.diagnosis?.rule === "unauthorized")
  assert.ok(bye.error?.handshake?.phasesUS.upgrade === 900)
  assert.deepEqual(parseServerEvent(fixture("sent")), { type: "sent", clientID: "c1", seq: 12 })
})

test("what is not known is let go", () => {
  for (const value of [null, 1, "rows", [], { type: "news" }]) assert.equal(parseServerEvent(value), null)
  assert.deepEqual(parseServerEvent({ type: "rows", rows: "x" }), { type: "rows", rows: [], lastSeq: 0 })
  assert.equal(parseBoot(null).limits.uploadAbove, 65536)
})
