import assert from "node:assert/strict"
import { test } from "node:test"
import { eventSentence, isDoubtful, partsOf, previewOf, termIn } from "../src/log/sentence"
import { decodeVisible, visible } from "../src/text/visible"
import type { Row } from "../src/wire/wire"

function event(name: string, facts: unknown): Row {
  return { seq: 1, atUS: 0, direction: "event", size: 0, preview: JSON.stringify(facts), truncated: false, invalidUTF8: false, sender: "", clientID: "", event: name, label: "", gist: "" }
}

test("events are sentences with their facts", () => {
  assert.equal(eventSentence(event("connected", { status: 101, subprotocol: "" })), "Connected: 101")
  assert.equal(eventSentence(event("connected", { status: 101, subprotocol: "v1" })), "Connected: 101, subprotocol v1")
  assert.equal(eventSentence(event("closed", { code: 1000, reason: "bye", clean: true, by: "target" })), "Closed by the service: 1000 “bye”")
  assert.equal(eventSentence(event("closed", { code: 1006, reason: "", clean: false, by: "target" })), "Connection lost: 1006, no closing handshake")
  assert.equal(eventSentence(event("message_too_large", { limit: 1048576 })), "A message was larger than the limit of 1.0 MB")
  assert.equal(eventSentence(event("invalid_utf8", { seq: 7 })), "Message #7 is text but not UTF-8. Its bytes are kept unchanged")
  assert.equal(eventSentence(event("invalid_utf8", { close_reason_hex: "fffe" })), "The close reason is not UTF-8. Its bytes: fffe")
  assert.equal(eventSentence(event("subprotocol_not_chosen", { offered: ["a", "b"] })), "The service chose none of the subprotocols offered: a, b")
  assert.equal(eventSentence(event("interrupted", { code: 1006, kept: 9, unsure: 0 })), "Duplex stopped without warning")
  assert.equal(eventSentence(event("interrupted", { code: 1006, kept: 9, unsure: 2, from: 6, to: 8 })), "Duplex stopped without warning. Messages sent from #6 to #8 (2) may not have arrived")
  assert.equal(eventSentence(event("sent_late", { seq: 7, late_us: 1116 })), "Message #7 was written 1.1 ms after its time, because it was stored first")
  assert.equal(eventSentence(event("sent_late", { seq: 7, late_us: 900 })), "Message #7 was written 900 µs after its time, because it was stored first")
  assert.equal(eventSentence(event("new_kind", {})), "Event: new_kind")
})

test("a sent message may be missing at the service", () => {
  const sent: Row = { ...event("", {}), direction: "sent", opcode: "text" }
  assert.deepEqual(["", "not_sent", "unsure"].map((mark) => isDoubtful({ ...sent, event: mark })), [false, true, true])
  assert.equal(isDoubtful(event("unsure", {})), false)
})

test("truncated facts are ignored", () => {
  assert.equal(eventSentence({ ...event("ping_lost", {}), preview: '{"a' }), "The service did not answer a ping")
})

test("binary previews are hex in pairs", () => {
  assert.equal(previewOf({ ...event("", {}), direction: "received", opcode: "binary", preview: "deadbe" }), "de ad be")
})

test("a row shows the gist that a dialect gives it, unless it was searched for", () => {
  const row: Row = { ...event("", {}), direction: "received", opcode: "text", size: 20, preview: '{"delta":"gateway"}', gist: "…gateway", truncated: false }
  assert.equal(partsOf(row).before, "…gateway")
  assert.equal(partsOf({ ...row, snippet: { offset: 2, before: '{"', match: "delta", after: '":' } }).match, "delta")
})

test("a found row shows its match with the text around it", () => {
  const row: Row = { ...event("", {}), direction: "received", opcode: "text", size: 20, preview: "é needle and more", truncated: false }
  assert.deepEqual(partsOf(row), { before: "é needle and more", match: "", after: "" })
  const snippet = { offset: 3, before: "é ", match: "needle", after: " and more" }
  assert.deepEqual(partsOf({ ...row, snippet }), { before: "é ", match: "needle", after: " and more …" })
  assert.deepEqual(partsOf({ ...row, size: 1009, snippet: { ...snippet, offset: 994 } }), { before: "… é ", match: "needle", after: " and more" })
  assert.deepEqual(partsOf({ ...row, opcode: "binary", size: 4, snippet: { offset: 1, before: "00", match: "deadbe", after: "" } }), { before: "00 ", match: "de ad be", after: "" })
  assert.equal(partsOf({ ...row, size: 2000, snippet: { ...snippet, offset: 64, before: "é".repeat(32) } }).before, `… ${"é".repeat(24)}`)
  assert.equal(partsOf({ ...event("closed", { code: 1000 }), snippet }).match, "")
})

test("the detail searches for the same text", () => {
  const row: Row = { ...event("", {}), direction: "received", opcode: "text", snippet: { offset: 0, before: "", match: "\nab\ncd", after: "" } }
  assert.equal(termIn(row, { text: "needle", regex: false }), "needle")
  assert.equal(termIn(row, { text: "\\nab", regex: true }), "ab")
  assert.equal(termIn({ ...row, opcode: "binary", snippet: { offset: 0, before: "", match: "ff00", after: "" } }, { text: "x", regex: false }), "0xff00")
  assert.equal(termIn(row, { text: "", regex: false }), "")
  assert.equal(termIn(event("closed", {}), { text: "1000", regex: false }), "")
})

test("hidden and direction-changing characters are visible in a preview", () => {
  assert.equal(visible("a\u0000b\tc\r\nd"), "a␀b⇥c␍↵d")
  assert.equal(visible("\u202eevil\u2066"), "‹RLO›evil‹LRI›")
  assert.equal(visible("漢字 😀 é 👨\u200d👩\u200d👧 می\u200cخواهم ✈\ufe0f"), "漢字 😀 é 👨\u200d👩\u200d👧 می\u200cخواهم ✈\ufe0f")
  assert.equal(visible("a\u200db\u00ad\u{e0041}\ufe01\ufe02"), "a‹ZWJ›b‹SHY›‹U+E0041›\ufe01‹U+FE02›")
  assert.equal(visible("\ud800"), "‹U+D800›")
})

test("bytes that are not UTF-8 are shown one by one", () => {
  assert.equal(decodeVisible(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xed, 0xa0, 0x80)), "a‹FF›é‹ED›‹A0›‹80›")
  assert.equal(decodeVisible(Uint8Array.of(0xf0, 0x9f, 0x98)), "‹F0›‹9F›‹98›")
})
