// What a row says: a message by its first characters, an event by a sentence.

import { count, size } from "../format"
import { has, say } from "../text"
import { visible } from "../visible"
import type { Row } from "../wire"

// previewOf is the one line a row shows.
export function previewOf(row: Row): string {
  if (row.direction === "event") return eventSentence(row)
  if (row.opcode === "binary") return spaced(row.preview)
  return visible(row.preview)
}

// spaced is hex in pairs: "de ad be ef".
function spaced(hex: string): string {
  return hex.replace(/..(?=.)/g, "$& ")
}

// eventSentence is an event in words, with its facts.
export function eventSentence(row: Row): string {
  const values = Object.fromEntries(factsOf(row))
  const key = `event.${row.event}${variant(row.event, values)}`
  return has(key) ? say(key, values) : say("event.other", { name: visible(row.event) })
}

// factsOf is what an event's payload tells, as text; nothing when it is not an object.
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
  if (name === "seq" && typeof fact === "number") return count(fact)
  return visible(typeof fact === "string" ? fact : JSON.stringify(fact))
}

// Some sentences have a second form for a fact that may be absent.
function variant(event: string, values: Record<string, string>): string {
  if (event === "connected") return values["subprotocol"] ? ".with_subprotocol" : ""
  if (event !== "closed") return ""
  const by = values["by"] === "person" || values["by"] === "duplex" ? `.by_${values["by"]}` : ".by_target"
  const how = values["clean"] === "false" ? ".unclean" : by
  return values["reason"] ? `${how}.with_reason` : how
}
