// Reads what a person pasted into the address: an address, or a command of wscat, websocat or
// curl. Pure.

import { normalize, paramsOf, split, type Tidied } from "../forms"
import { splitWords, type Word } from "./shell"

export type Source = "address" | "wscat" | "websocat" | "curl" | "text"

export interface Header {
  name: string
  value: string
  secret: boolean
}

// Pasted holds what a text says about a connection.
export interface Pasted {
  source: Source
  address: string // as it will be dialled
  tidied: Tidied | null // what was changed of the address
  headers: Header[]
  subprotocols: string[]
  credential: Found | null
  left: string[] // options that have no place here
  open: string[] // parts whose value is a variable of the shell, left empty
}

// Found is a credential with the name of the part that it was found in.
export interface Found {
  from: string // "X-Auth-Token", "--user", "?key"
  kind: string
  fields: Record<string, string>
}

export interface Wrong {
  why: "quote" | "no_value" | "no_address" | "unknown" | "bad_header"
  part: string
}

export type Reading = { ok: Pasted; error: null } | { ok: null; error: Wrong }

// An option of a tool. Its name in the record is how it is written.
type Option = "header" | "subprotocol" | "basic" | "bearer" | "cookie" | "origin" | "agent" | "address" | "flag" | "value"

const tools: Record<"wscat" | "websocat" | "curl", Record<string, Option>> = {
  wscat: {
    "-c": "address", "--connect": "address", "-H": "header", "--header": "header", "-s": "subprotocol", "--subprotocol": "subprotocol",
    "--auth": "basic", "-o": "origin", "--origin": "origin", "-x": "value", "--execute": "value", "-w": "value", "--wait": "value",
    "-p": "value", "--protocol": "value", "--host": "value", "--ca": "value", "--cert": "value", "--key": "value", "--passphrase": "value",
    "--proxy": "value", "--max-redirects": "value", "-l": "value", "--listen": "value", "-n": "flag", "--no-check": "flag", "-P": "flag", "--show-ping-pong": "flag",
    "-L": "flag", "--location": "flag", "--slash": "flag", "--no-color": "flag",
  },
  websocat: {
    "-H": "header", "--header": "header", "--protocol": "subprotocol", "--basic-auth": "basic", "--origin": "origin",
    "-B": "value", "--buffer-size": "value", "--ping-interval": "value", "--ping-timeout": "value", "--close-status-code": "value", "--close-reason": "value",
    "--ws-c-uri": "value", "--websocket-version": "value", "--max-messages": "value", "--pkcs12-der": "value", "--tls-domain": "value",
  },
  curl: {
    "-H": "header", "--header": "header", "-u": "basic", "--user": "basic", "--oauth2-bearer": "bearer", "-b": "cookie", "--cookie": "cookie",
    "-A": "agent", "--user-agent": "agent", "--url": "address", "-X": "value", "--request": "value", "-d": "value", "--data": "value", "--data-raw": "value",
    "--data-binary": "value", "--json": "value", "-o": "value", "--output": "value", "-m": "value", "--max-time": "value", "--connect-timeout": "value", "--cacert": "value",
    "--cert": "value", "-E": "value", "--key": "value", "-x": "value", "--proxy": "value", "-e": "value", "--referer": "value", "--resolve": "value", "-T": "value", "-w": "value",
    "--write-out": "value", "-D": "value", "-c": "value", "-F": "value", "--form": "value", "--retry": "value",
  },
}

// readPasted reads an address or a command.
export function readPasted(text: string): Reading {
  const whole = text.trim().replace(/^[$>#%]\s+/, "")
  const tool = /(?:^|[\s|;/"'])(wscat|websocat|curl)(?:\.exe)?(?=\s|$)/.exec(whole)?.[1] as keyof typeof tools | undefined
  if (tool) return readCommand(tool, whole)
  if (!/\s/.test(whole)) return addressOnly(whole)
  return readText(whole)
}

function addressOnly(text: string): Reading {
  return finish({ source: "address", address: text, headers: [], subprotocols: [], credential: null, left: [], open: [] })
}

// readText finds the one address in a text, and the headers in lines of their own.
function readText(text: string): Reading {
  const addresses = [...new Set(text.match(/\b(?:wss?|https?):\/\/[^\s"'<>`]+/gi) ?? [])]
  if (addresses.length !== 1) return { ok: null, error: { why: addresses.length === 0 ? "unknown" : "no_address", part: shortened(text) } }
  const draft = empty("text")
  draft.address = addresses[0] ?? ""
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(":")
    const name = line.slice(0, Math.max(at, 0)).trim().replace(/^"|"$/g, "")
    const value = line.slice(at + 1).trim().replace(/,$/, "").replace(/^"|"$/g, "")
    if (/^(x-[a-z0-9-]+|authorization|api-?key)$/i.test(name) && value !== "" && !value.includes("://")) takeHeader(draft, name, value, false)
  }
  return finish(draft)
}

type Draft = Omit<Pasted, "tidied">

function empty(source: Source): Draft {
  return { source, address: "", headers: [], subprotocols: [], credential: null, left: [], open: [] }
}

function readCommand(tool: keyof typeof tools, text: string): Reading {
  const { words, error } = splitWords(text)
  if (error !== null) return { ok: null, error: { why: "quote", part: shortened(error) } }
  const from = words.findIndex((word) => new RegExp(`(^|/)${tool}(\\.exe)?$`).test(word.text))
  const end = words.findIndex((word, at) => at > from && word.text === "|")
  return readOptions(tool, words.slice(from + 1, end < 0 ? undefined : end))
}

function readOptions(tool: keyof typeof tools, words: readonly Word[]): Reading {
  const draft = empty(tool)
  for (let at = 0; at < words.length; at++) {
    const { name, value: joined } = optionOf(tool, words[at]?.text ?? "")
    const kind = tools[tool][name]
    if (name === "") {
      if (draft.address === "" && (tool !== "websocat" || looksAddress(joined ?? ""))) draft.address = joined ?? ""
      else if (joined !== "-") draft.left.push(joined ?? "")
      continue
    }
    if (kind === undefined || kind === "flag") {
      if (kind === undefined && !harmless(tool, name)) draft.left.push(name)
      continue
    }
    const isOpen = words[joined === undefined ? at + 1 : at]?.open ?? false
    const value = joined ?? words[++at]?.text
    if (value === undefined) return { ok: null, error: { why: "no_value", part: name } }
    if (kind === "header" && !/^@|:|;$/.test(value)) return { ok: null, error: { why: "bad_header", part: `${name} ${shortened(value)}` } }
    take(draft, kind, name, value, isOpen)
  }
  if (draft.address === "") return { ok: null, error: { why: "no_address", part: tool } }
  return finish(draft)
}

// optionOf splits "--name=value" and "-Hvalue"; a word that is no option has the name "".
function optionOf(tool: keyof typeof tools, word: string): { name: string; value?: string | undefined } {
  if (!/^-./.test(word)) return { name: "", value: word }
  const long = /^(--[^=]+)=(.*)$/s.exec(word)
  if (long) return { name: long[1] ?? "", value: long[2] ?? "" }
  if (word.startsWith("--") || word.length === 2) return { name: word }
  const short = word.slice(0, 2)
  const kind = tools[tool][short]
  if (kind !== undefined && kind !== "flag") return { name: short, value: word.slice(2).replace(/^=/, "") }
  const last = `-${word.at(-1) ?? ""}` // as in "-sSH": flags, and an option whose value follows
  return { name: tools[tool][last] === undefined ? word : last }
}

// harmless tells options that change only what a tool prints or how it behaves in a terminal.
function harmless(tool: keyof typeof tools, name: string): boolean {
  if (tool === "curl") return /^(-[NivsSLgGfk0#]+|--(no-buffer|include|verbose|silent|show-error|location|http1\.1|http1\.0|globoff|get|fail|compressed|tlsv1\.[23]|no-progress-meter))$/.test(name) && !/k/.test(name)
  return tool === "websocat" && /^(-[tbn1vqUESu]+|--(text|binary|no-close|one-message|exit-on-eof|unidirectional|quiet|linemode-strip-newlines|line|jsonrpc))$/.test(name)
}

function looksAddress(word: string): boolean {
  return /^(wss?|https?):\/\//i.test(word) || /^[\w.-]+\.[a-z]{2,}([:/]|$)/i.test(word)
}

function take(draft: Draft, kind: Option, name: string, value: string, isOpen: boolean): void {
  switch (kind) {
    case "address": draft.address = value; return
    case "header": {
      const at = value.indexOf(":")
      if (at < 0) draft.left.push(name)
      else takeHeader(draft, value.slice(0, at).trim(), value.slice(at + 1).trim(), isOpen)
      return
    }
    case "subprotocol": draft.subprotocols.push(...listOf(value)); return
    case "cookie": takeHeader(draft, "Cookie", value, isOpen); return
    case "origin": takeHeader(draft, "Origin", value, isOpen); return
    case "agent": takeHeader(draft, "User-Agent", value, isOpen); return
    case "bearer": takeCredential(draft, { from: name, kind: "bearer", fields: { token: value } }, isOpen); return
    case "basic": {
      const at = value.indexOf(":")
      takeCredential(draft, { from: name, kind: "basic", fields: { username: at < 0 ? value : value.slice(0, at), password: at < 0 ? "" : value.slice(at + 1) } }, isOpen)
      return
    }
    default: draft.left.push(name)
  }
}

// listOf splits a list with commas.
function listOf(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter(Boolean)
}

// Headers of the handshake, which Duplex writes itself.
const ours = /^(connection|upgrade|host|sec-websocket-(key|version|extensions|accept)|content-(length|type)|accept(-encoding|-language)?|cache-control|pragma)$/i

function takeHeader(draft: Draft, name: string, value: string, isOpen: boolean): void {
  if (name === "" || ours.test(name)) return
  if (/^sec-websocket-protocol$/i.test(name)) return void draft.subprotocols.push(...listOf(value))
  const found = credentialIn(name, value)
  if (found && !draft.credential) return takeCredential(draft, found, isOpen)
  if (isOpen) draft.open.push(name)
  draft.headers.push({ name, value: isOpen ? "" : value, secret: found !== null || /^cookie$/i.test(name) })
}

function takeCredential(draft: Draft, found: Found, isOpen: boolean): void {
  const unknown = isOpen || Object.values(found.fields).some((value) => /^<[^>]*>$|^(your|my)[-_ ]?\w*$/i.test(value))
  if (unknown) draft.open.push(found.from)
  draft.credential = unknown ? { ...found, fields: Object.fromEntries(Object.entries(found.fields).map(([field, value]) => [field, field === "name" ? value : ""])) } : found
}

// credentialIn recognises a credential in a header.
function credentialIn(name: string, value: string): Found | null {
  const [scheme = "", rest = ""] = value.split(/\s+(.*)/s)
  switch (name.toLowerCase()) {
    case "authorization":
      if (/^bearer$/i.test(scheme)) return { from: name, kind: "bearer", fields: { token: rest } }
      if (/^basic$/i.test(scheme)) return basicIn(name, rest) ?? { from: name, kind: "header", fields: { name, value } }
      return { from: name, kind: "header", fields: { name, value } }
    case "x-auth-token": return { from: name, kind: "token", fields: { token: value } }
    case "x-apig-appcode": return { from: name, kind: "app_code", fields: { app_code: value } }
    case "apikey": return { from: name, kind: "app_key", fields: { app_key: value } }
    case "x-api-key":
    case "api-key":
    case "xi-api-key":
    case "x-goog-api-key":
    case "ocp-apim-subscription-key":
      return { from: name, kind: "header", fields: { name, value } }
    default: return null
  }
}

function basicIn(name: string, encoded: string): Found | null {
  try {
    const plain = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
    const at = plain.indexOf(":")
    return at < 0 ? null : { from: name, kind: "basic", fields: { username: plain.slice(0, at), password: plain.slice(at + 1) } }
  } catch {
    return null
  }
}

// finish tidies the address, and moves a key in its query to the credential.
function finish(draft: Draft): Reading {
  const tidied = normalize(draft.address)
  let address = tidied?.address ?? draft.address.trim()
  if (/^modelarts|(^|[/.])[\w-]*modelarts/i.test(address) && draft.credential?.kind === "bearer" && /\/v2\/infers?\//.test(address)) {
    draft.credential = { ...draft.credential, kind: "api_key", fields: { key: draft.credential.fields.token ?? "" } }
  }
  const { base, query } = split(address)
  const params = paramsOf(query ?? "")
  const key = draft.credential ? undefined : params.find(({ name, value }) => value !== "" && /^(key|api[_-]?key|token|access[_-]?token|auth[_-]?token)$/i.test(name))
  if (key) {
    takeCredential(draft, { from: `?${key.name}`, kind: "query", fields: { name: key.name, value: key.value } }, false)
    const rest = params.filter((param) => param !== key).map(({ raw }) => raw ?? "")
    address = rest.length > 0 ? `${base}?${rest.join("&")}` : base
  }
  return { ok: { ...draft, address, tidied }, error: null }
}

function shortened(text: string): string {
  const line = text.split(/\r?\n/)[0] ?? ""
  return line.length > 40 ? `${line.slice(0, 40)}…` : line
}
