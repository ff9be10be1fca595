// The address and the table of query parameters are two views of one thing. These
// functions keep them in step without touching what a person typed where they can:
// a parameter remembers how it was spelled.

import type { Parameter } from "./wire"

export interface Param extends Parameter {
  spelled?: string // the piece of the query it came from: "q=a%20b"
}

// split cuts an address at its query; a fragment is no part of either.
export function split(address: string): { base: string; query: string | null } {
  const at = address.indexOf("?")
  return at < 0 ? { base: address, query: null } : { base: address.slice(0, at), query: address.slice(at + 1) }
}

// paramsOf reads a query; pieces without anything in them are skipped.
export function paramsOf(query: string): Param[] {
  return query.split("&").filter(Boolean).map(paramOf)
}

function paramOf(piece: string): Param {
  const at = piece.indexOf("=")
  const name = decode(at < 0 ? piece : piece.slice(0, at))
  const value = at < 0 ? "" : decode(piece.slice(at + 1))
  return { name, value, enabled: true, spelled: piece }
}

function decode(text: string): string {
  const spaced = text.replaceAll("+", " ")
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced // a lone "%" stays as it was typed
  }
}

// join writes the address with the enabled parameters as its query.
export function join(base: string, params: readonly Param[]): string {
  const pieces = params.filter((p) => p.enabled && (p.name || p.value)).map(spell)
  return pieces.length > 0 ? `${base}?${pieces.join("&")}` : base
}

function spell(param: Param): string {
  if (param.spelled !== undefined) {
    const then = paramOf(param.spelled)
    if (then.name === param.name && then.value === param.value) return param.spelled
  }
  return `${encode(param.name)}=${encode(param.value)}`
}

// Only what would end or change the query is escaped, so that what is typed in the
// table reads the same in the address.
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(2F|3A|40|2C|3B|24|5B|5D)/g, decodeURIComponent)
}

// merge takes the query as it stands in the address into the table: enabled rows
// follow it in order, disabled rows keep their places.
export function merge(rows: readonly Param[], query: string | null): Param[] {
  const fresh = paramsOf(query ?? "")
  const out: Param[] = []
  for (const row of rows) {
    if (!row.enabled) {
      out.push(row)
      continue
    }
    const next = fresh.shift()
    if (next) out.push(next)
  }
  return out.concat(fresh)
}

// normalize turns what people paste into what is dialled: the Usage Guides tab of a
// ModelArts service shows https, its WebSocket is wss at the same place.
export function normalize(address: string): { address: string; from: string; to: string } | null {
  const trimmed = address.trim()
  const match = /^(https?):\/\//i.exec(trimmed)
  if (match) {
    const from = (match[1] ?? "").toLowerCase()
    const to = from === "https" ? "wss" : "ws"
    return { address: `${to}${trimmed.slice(from.length)}`, from, to }
  }
  return trimmed === address ? null : { address: trimmed, from: "", to: "" }
}

// scheme is what is shown beside the address; "" while it is not known.
export function scheme(address: string): "ws" | "wss" | "" {
  const match = /^\s*(wss?|https?):\/\//i.exec(address)
  switch (match?.[1]?.toLowerCase()) {
    case "wss":
    case "https":
      return "wss"
    case "ws":
    case "http":
      return "ws"
    default:
      return ""
  }
}
