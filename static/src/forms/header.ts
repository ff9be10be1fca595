// Which headers a person may set: the server decides (dial.CheckHeader), this says
// the same at once, while typing.

import { say } from "../text"
import type { Parameter } from "../wire"

const ours = [
  "connection", "upgrade", "keep-alive", "te", "trailer", "transfer-encoding", "content-length", "expect", "forwarded", "http2-settings",
]
const families = ["sec-websocket-", "proxy-", "x-forwarded-", "x-duplex-"]
const longest = 32 << 10

export function checkHeader(row: Parameter): string {
  const name = row.name.toLowerCase().replace(/[_.]/g, "-") // as some servers read it
  if (!row.name) return say("page.header.no_name")
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(row.name)) return say("page.header.bad_name")
  if (name === "sec-websocket-protocol") return say("page.header.subprotocol")
  if (name === "host") return say("page.header.host")
  if (ours.includes(name) || families.some((family) => name.startsWith(family))) return say("page.header.forbidden")
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(row.value)) return say("page.header.bad_value")
  if (row.name.length + row.value.length > longest) return say("page.header.too_long")
  return ""
}
