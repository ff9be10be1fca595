// The actions on a message of the log. Its bytes go from the server to the clipboard or
// back to the server unchanged; large ones never become a string.

import type { Message, Outgoing, Sending } from "../composer"
import type { RowActions } from "../log"
import { sizeLimit, say, size, sizeWithin } from "../text"
import { toast, type ProblemLine } from "../ui"
import { bodyURL, readBlob, type MessageType, type Row } from "../wire"
import { recognise, Workshop } from "../worker"

export interface RowDeps {
  session(): string
  // blocked returns the reason why nothing can be sent now, or null.
  blocked(): string | null
  send(message: Outgoing, sending: Sending): Promise<number>
  keep(message: Message): Promise<void>
  // turnOf returns the number of the turn of a message, or 0.
  turnOf(seq: number): number
  showTurn(n: number): void
  problem: ProblemLine // tells what was not done
}

const mostHex = 16 << 20 // bytes; no larger message is copied as hex
const mostWritten = 4 << 10 // bytes; a larger message is saved as a file, not as hex

export function createRowActions(deps: RowDeps): RowActions {
  const body = (row: Row) => readBlob(bodyURL(deps.session(), row.seq))
  return {
    copy: (row) => void attempt(deps, () => copy(row, body)),
    sendAgain: (row) => void attempt(deps, () => sendAgain(row, deps, body)),
    save: (row) => void attempt(deps, async () => deps.keep({ type: typeOf(row), name: say("row.name", { seq: row.seq }), body: await body(row) })),
    link: (row) => void link(row, deps),
    turn: (row) => deps.showTurn(deps.turnOf(row.seq)),
    noTurn: (row) => (deps.turnOf(row.seq) > 0 ? null : say("row.no_turn")),
    refuse: (reason) => deps.problem.tell(reason),
    blocked: (row) => (row.invalidUTF8 ? say("row.not_utf8") : deps.blocked()),
  }
}

async function attempt({ problem }: RowDeps, act: () => Promise<void>): Promise<void> {
  problem.tell("")
  try {
    await act()
  } catch (error) {
    problem.tell(error instanceof Error ? error.message : String(error))
  }
}

async function copy(row: Row, body: (row: Row) => Promise<Blob>): Promise<void> {
  let isText = row.opcode !== "binary" && !row.invalidUTF8
  if (!isText && row.size > mostHex) throw new Error(say("row.too_large_for_hex", { size: sizeWithin(row.size, mostHex), limit: sizeLimit(mostHex) }))
  const text = body(row).then(async (bytes) => {
    isText ||= row.asText && (await decodes(bytes))
    return new Blob([isText ? bytes : await hexOf(bytes)], { type: "text/plain" })
  })
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })])
  } catch {
    await text // throws when the bytes could not be read
    throw new Error(say("detail.copy_failed"))
  }
  toast(say(isText ? "row.copied" : "row.copied_hex", { seq: row.seq, size: size(row.size) }))
}

// decodes reports whether bytes are UTF-8 from end to end.
async function decodes(bytes: Blob): Promise<boolean> {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(await bytes.arrayBuffer())
    return true
  } catch {
    return false
  }
}

async function hexOf(bytes: Blob): Promise<Blob> {
  const workshop = new Workshop()
  try {
    return await workshop.run("hex", { bytes })
  } finally {
    workshop.stop()
  }
}

async function sendAgain(row: Row, { send }: RowDeps, body: (row: Row) => Promise<Blob>): Promise<void> {
  const progress = (sent: number, total: number) => toast(say("row.sending", { seq: row.seq, sent: size(sent), total: size(total) }))
  const message: Outgoing = { opcode: row.opcode ?? "text", payload: await body(row) }
  const seq = await send(message, { progress, signal: new AbortController().signal }).catch(() => 0) // its row shows the error
  if (seq > 0) toast(say("row.sent", { seq: row.seq, again: seq }))
}

function typeOf(row: Row): MessageType {
  if (row.opcode === "binary" || row.invalidUTF8) return row.size > mostWritten ? "file" : "hex"
  const { kind } = recognise(new TextEncoder().encode(row.preview), "text")
  return kind === "json" || kind === "xml" || kind === "html" ? kind : "text"
}

async function link(row: Row, { session, problem }: RowDeps): Promise<void> {
  const address = `${location.origin}/sessions/${session()}?seq=${row.seq}`
  try {
    await navigator.clipboard.writeText(address)
    toast(say("row.link_copied", { seq: row.seq }))
  } catch {
    problem.tell(address) // no clipboard on a page without TLS: the address can be selected
  }
}
