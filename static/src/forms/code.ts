// A connection as a command of another tool. Secrets stay on the server: a placeholder
// stands for them.

import { say } from "../text"
import { addressOf, type Form } from "./form"

export type CodeKind = "wscat" | "curl" | "python"

interface Line {
  name: string
  value: string
}

// codeOf returns a command or a program that opens the connection of a form.
export function codeOf(kind: CodeKind, form: Form): string {
  const address = addressOf(form)
  const headers = headersOf(form)
  const protocols = form.subprotocols
  switch (kind) {
    case "wscat":
      return ["wscat", "-c", quoted(address), ...headers.flatMap(({ name, value }) => ["-H", quoted(`${name}: ${value}`)]), ...protocols.flatMap((name) => ["-s", quoted(name)])].join(" ")
    case "curl":
      return ["curl", "--no-buffer", ...headers.flatMap(({ name, value }) => ["-H", quoted(`${name}: ${value}`)]),
        ...(protocols.length > 0 ? ["-H", quoted(`Sec-WebSocket-Protocol: ${protocols.join(", ")}`)] : []), quoted(address)].join(" ")
    case "python":
      return [
        "import asyncio",
        "import websockets",
        "",
        "async def main():",
        `    async with websockets.connect(${literal(address)}${python(headers, protocols)}) as connection:`,
        "        async for message in connection:",
        "            print(message)",
        "",
        "asyncio.run(main())",
        "",
      ].join("\n")
  }
}

// headersOf returns the headers of the handshake. A credential that signs or goes elsewhere
// has none that can be copied.
function headersOf(form: Form): Line[] {
  const own = form.headers.filter(({ enabled, name }) => enabled && name).map(({ name, value, secret }) => ({ name, value: secret ? hidden() : value }))
  const credential = credentialOf(form)
  return credential ? [...own, credential] : own
}

function credentialOf({ kind, fields }: Form): Line | null {
  switch (kind) {
    case "token":
    case "iam_password": return { name: "X-Auth-Token", value: hidden() }
    case "bearer":
    case "api_key": return { name: "Authorization", value: `Bearer ${hidden()}` }
    case "basic": return { name: "Authorization", value: `Basic ${hidden()}` }
    case "app_code": return { name: "X-Apig-AppCode", value: hidden() }
    case "header": return fields.name ? { name: fields.name, value: hidden() } : null
    default: return null
  }
}

// isSigned reports whether Duplex computes the credential of each connection anew.
export function isSigned({ kind }: Form): boolean {
  return ["aksk", "app_key", "app_signature", "sigv4", "dialect", "query", "subprotocol"].includes(kind)
}

function hidden(): string {
  return `<${say("page.code.secret")}>`
}

function python(headers: readonly Line[], protocols: readonly string[]): string {
  const parts = []
  if (headers.length > 0) parts.push(`additional_headers={${headers.map(({ name, value }) => `${literal(name)}: ${literal(value)}`).join(", ")}}`)
  if (protocols.length > 0) parts.push(`subprotocols=[${protocols.map(literal).join(", ")}]`)
  return parts.map((part) => `, ${part}`).join("")
}

// quoted quotes a word for a POSIX shell.
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

// A JSON string is a Python string.
function literal(text: string): string {
  return JSON.stringify(text)
}
