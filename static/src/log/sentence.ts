// The text of a row: the first characters of a message, or a sentence for an event.

import { count, has, lasted, say, size, visible } from "../text"
import type { Row } from "../wire"

const arrows: Readonly<Record<string, string>> = { sent: "↑", received: "↓", event: "•" }

// arrowOf returns the symbol of a row's direction.
export function arrowOf({ direction }: Row): string {
  return arrows[direction] ?? ""
}

// previewOf returns the one line that a row shows.
export function previewOf(row: Row): string {
  if (row.direction === "event") return eventSentence(row)
  return isHex(row) ? spaced(row.preview) : visible(row.preview)
}

// isHex reports whether the preview and the snippet of a row are hex digits.
export function isHex({ opcode, asText }: Row): boolean {
  return opcode === "binary" && !asText
}

// Parts is the text of a row, split around a match; without one, before holds all.
export interface Parts {
  before: string
  match: string
  after: string
}

const narrowLead = 24 // characters before a match; more could push it out of a narrow row

// partsOf returns the gist or the preview of a row, or the text around the first match when
// the row was searched for.
export function partsOf(row: Row, leading = narrowLead): Parts {
  const { snippet } = row
  if (row.direction !== "event" && !snippet?.match && row.gist !== "") return { before: visible(row.gist), match: "", after: "" }
  if (row.direction === "event" || !snippet?.match) {
    const more = row.truncated && row.direction !== "event" ? " …" : ""
    return { before: previewOf(row) + more, match: "", after: "" }
  }
  const hex = isHex(row)
  const bytes = (part: string) => (hex ? part.length / 2 : utf8.encode(part).length)
  const shown = (part: string) => (hex ? spaced(part) : visible(part))
  const gap = hex ? " " : ""
  const lead = leadOf(snippet.before, hex, leading)
  const isCut = snippet.offset > bytes(lead)
  const goesOn = snippet.offset + bytes(snippet.match) + bytes(snippet.after) < row.size
  return {
    before: (isCut ? "… " : "") + shown(lead) + (lead ? gap : ""),
    match: shown(snippet.match),
    after: (snippet.after ? gap : "") + shown(snippet.after) + (goesOn ? " …" : ""),
  }
}

// leadOf returns the last characters before a match.
function leadOf(before: string, hex: boolean, leading: number): string {
  return hex ? before.slice(-leading) : [...before].slice(-leading).join("")
}

// termIn returns the text to find in the whole payload of a found row: the query, or the
// match where the query is an expression or the row shows hex.
export function termIn(row: Row, { text, regex }: { text: string; regex: boolean }): string {
  const match = row.snippet?.match ?? ""
  if (text === "" || row.direction === "event" || match === "") return ""
  if (isHex(row)) return `0x${match}`
  return regex ? (match.split(/[\r\n]/).find((line) => line !== "") ?? "") : text
}

const utf8 = new TextEncoder()

// spaced writes hex in pairs: "de ad be ef".
function spaced(hex: string): string {
  return hex.replace(/..(?=.)/g, "$& ")
}

// isDoubtful reports whether a sent message may not have reached the service: it was
// stored too late to be sent, or the server stopped before the sending was confirmed.
export function isDoubtful(row: Row): boolean {
  return row.direction === "sent" && isMark(row.event)
}

// isMark reports whether a name in the event field marks a sent message.
export function isMark(name: string): boolean {
  return name === "not_sent" || name === "unsure"
}

// eventSentence returns the sentence of an event, filled with its facts.
export function eventSentence(row: Row): string {
  const values = Object.fromEntries(factsOf(row))
  const key = `event.${row.event}${variant(row.event, values)}`
  return has(key) ? say(key, values) : say("event.other", { name: visible(row.event) })
}

// factsOf returns the facts in an event's payload as text, none when it is no object.
export function factsOf(row: Row): [string, string][] {
  try {
    const facts: unknown = JSON.parse(row.preview)
    if (typeof facts !== "object" || facts === null) return []
    return Object.entries(facts).map(([name, fact]) => [name, factText(name, fact)])
  } catch {
    return []
  }
}

function factText(name: string, fact: unknown): string {
  if (Array.isArray(fact)) return fact.map((item) => factText(name, item)).join(", ")
  if (name === "limit" && typeof fact === "number") return size(fact)
  if (name.endsWith("_us") && typeof fact === "number") return lasted(fact)
  if (name === "seq" && typeof fact === "number") return count(fact)
  return visible(typeof fact === "string" ? fact : JSON.stringify(fact))
}

// variant selects the form of a sentence by the facts that are present.
function variant(event: string, values: Record<string, string>): string {
  if (event === "connected") return values["subprotocol"] ? ".with_subprotocol" : ""
  if (event === "interrupted") return values["unsure"] !== undefined && values["unsure"] !== "0" ? ".unsure" : ""
  if (event === "invalid_utf8") return values["close_reason_hex"] ? ".in_reason" : ""
  if (event === "step_failed") return values["wait"] ? ".wait" : ""
  if (event !== "closed") return ""
  const by = values["by"] === "person" || values["by"] === "duplex" ? `.by_${values["by"]}` : ".by_target"
  const how = values["clean"] === "false" ? ".unclean" : by
  return values["reason"] ? `${how}.with_reason` : how
}
