// Keeps the address and the table of query parameters equal. A parameter remembers its
// spelling, and the server sends that spelling.

import type { Parameter } from "../wire"

// Param holds in raw its piece of the query: "q=a%20b". An "&" without a piece before it
// belongs to the next piece, as on the server.
export type Param = Parameter

// split cuts an address at its query and drops a fragment, which a WebSocket address may
// not have. A query of "&" alone stays in the base: it has no parameters.
export function split(address: string): { base: string; query: string | null } {
  const whole = cut(address)
  const at = whole.search(/\?&*[^&]/)
  return at < 0 ? { base: whole, query: null } : { base: whole.slice(0, at), query: whole.slice(at + 1) }
}

function cut(address: string): string {
  return address.replace(/#.*$/s, "")
}

// paramsOf reads a query; no character of it is lost.
export function paramsOf(query: string): Param[] {
  return (query.match(/&*[^&]+(?:&+$|(?=&)|$)/g) ?? []).map((piece, at) => paramOf(at > 0 ? piece.slice(1) : piece))
}

function paramOf(raw: string): Param {
  const piece = raw.replace(/^&+|&+$/g, "")
  const at = piece.indexOf("=")
  const name = decode(at < 0 ? piece : piece.slice(0, at))
  const value = at < 0 ? "" : decode(piece.slice(at + 1))
  return { name, value, enabled: true, raw }
}

// decode decodes as the server does: broken escapes and other encodings than UTF-8 stay.
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return text
  }
}

// join writes the address with the enabled parameters as its query, without secret ones.
export function join(base: string, params: readonly Param[]): string {
  const pieces = params.filter((p) => p.enabled && !p.secret && isFilled(p)).map(spell)
  return pieces.length > 0 ? `${base.replace(/\?&*$/, "")}?${pieces.join("&")}` : base
}

// isFilled distinguishes a parameter from an empty row; "=" is a parameter.
export function isFilled(p: Parameter): boolean {
  return p.name !== "" || p.value !== "" || isSpelled(p)
}

// spell returns the spelling that is sent: the original one, or an encoded new value.
export function spell(param: Param): string {
  return isSpelled(param) ? param.raw ?? "" : `${encode(param.name)}=${encode(param.value)}`
}

function isSpelled({ name, value, raw = "" }: Param): boolean {
  const then = paramOf(raw)
  return /^&*[^&]+&*$/.test(raw) && then.name === name && then.value === value
}

// encode escapes only characters that would end or change the query, so that table and
// address look alike.
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(2F|3A|40|2C|24)/g, decodeURIComponent)
}

// merge applies the query of the address to the table: enabled rows follow it in order,
// disabled and secret rows keep their places.
export function merge(rows: readonly Param[], query: string | null): Param[] {
  const fresh = paramsOf(query ?? "")
  const out: Param[] = []
  for (const row of rows) {
    if (!row.enabled || row.secret) {
      out.push(row)
      continue
    }
    const next = fresh.shift()
    if (next) out.push(next)
  }
  return out.concat(fresh)
}

export interface Tidied {
  address: string
  from: string // the old scheme if it was changed, "" if there was none
  to: string // the new scheme, "" if it is the same
  cut: boolean // a fragment was removed
}

// normalize rewrites a pasted address as dial.ParseAddress does; null when nothing
// changes. The Usage Guides tab of a ModelArts service shows https, its WebSocket is wss
// at the same address. Without a scheme it is wss, or ws for a nearby host.
export function normalize(address: string): Tidied | null {
  const whole = cut(address).trim()
  const match = /^(https?):\/\//i.exec(whole)
  const fragment = address.includes("#")
  if (match) {
    const from = (match[1] ?? "").toLowerCase()
    const to = from === "https" ? "wss" : "ws"
    return { address: `${to}${whole.slice(from.length)}`, from, to, cut: fragment }
  }
  const to = missing(whole)
  if (to) return { address: `${to}://${whole}`, from: "", to, cut: fragment }
  return whole === address ? null : { address: whole, from: "", to: "", cut: fragment }
}

// missing returns the scheme for an address without one; "" for an address with one, and
// for "name:text", which is not a host with a port.
function missing(address: string): "ws" | "wss" | "" {
  const authority = /^[^/?]*/.exec(address)?.[0] ?? ""
  const at = authority.lastIndexOf(":")
  const [host, port] = at > authority.lastIndexOf("]") ? [authority.slice(0, at), authority.slice(at + 1)] : [authority, ""]
  if (authority === "" || authority.endsWith(":") || authority.includes("@") || /\D/.test(port)) return ""
  if (port && /^(wss?|https?)$/i.test(host)) return ""
  return isNear(host.replace(/^\[|\]$/g, "").toLowerCase().replace(/\.$/, "")) ? "ws" : "wss"
}

// isNear recognises hosts that seldom have a certificate: this machine, and literal
// addresses of private networks.
function isNear(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost") || /^(::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(host)) return true
  const parts = host.replace(/^::ffff:/, "").split(".")
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return false
  const [a = 0, b = 0] = parts.map(Number)
  return a === 127 || a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254)
}

// scheme returns the scheme to show beside the address; "" if unknown.
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
