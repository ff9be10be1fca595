// Messages that are being sent: small ones by the socket, large ones and files by HTTP,
// with progress and cancel. Each is kept under its client id until its row confirms it. A
// failed one is kept until it is retried or dropped; a retry uses the same id, which the
// server accepts once.

import { base64Of, hexOf, utf8Length, type Outgoing, type Sending } from "../composer"
import { ask, emptyRow, uploadMessage, type Attachment, type Row } from "../wire"

// Unsettled is a message without a row.
export interface Unsettled {
  row: Row // seq 0
  isPrompt: boolean // the dialect makes messages of it
  sinceMS: number // when it was sent last, by performance.now()
  // reason is the reason of a failure; "" while it is being sent.
  reason: string
}

// longestPrompt is the number of characters that a prompt on the viewer's socket has at most: with
// escapes, the server takes events of 1 MiB. A longer one is sent by HTTP.
const longestPrompt = 128 * 1024

// Way is the present route to the server.
export interface Way {
  session: string
  target: string // the service, or the address without one
  attachment: Attachment
}

interface Entry extends Unsettled {
  message: Outgoing
  target: string
  seq: number // of its row, 0 until the server has answered
  confirmed(seq: number): void // runs when its row comes
}

const previewed = 256 // characters or bytes of a payload in its row
const silent: Sending = { progress: () => {}, signal: new AbortController().signal }

export class Outbox {
  private readonly entries = new Map<string, Entry>() // by client id, oldest first
  private readonly stopped = new Set<string>() // client ids
  private newest = 0 // seq of the newest row that came

  constructor(private readonly uploadAbove: number, private readonly changed: () => void) {}

  // unsettled lists the messages without a row.
  get unsettled(): Unsettled[] {
    return [...this.entries.values()]
  }

  // send resolves with the seq of the message's row when the server has the message.
  send(way: Way, message: Outgoing, sending: Sending = silent, isPrompt = false): Promise<number> {
    const id = newID()
    const entry: Entry = { message, target: way.target, seq: 0, reason: "", row: rowOf(message, id), isPrompt, sinceMS: 0, confirmed: () => {} }
    this.entries.set(id, entry)
    void this.preview(entry)
    return this.attempt(way, entry, sending)
  }

  // again retries a failed message.
  async again(way: Way, id: string): Promise<void> {
    const entry = this.entries.get(id)
    if (!entry || entry.reason === "") return
    entry.reason = ""
    await this.attempt(way, entry, silent).catch(() => {}) // its row shows the error
  }

  // refuse tells why a failed message cannot be sent again now.
  refuse(id: string, reason: string): void {
    const entry = this.entries.get(id)
    if (!entry?.reason) return
    entry.reason = reason
    this.changed()
  }

  // dropFailed removes a failed message.
  dropFailed(id: string): void {
    if (this.entries.get(id)?.reason) this.settle(id)
  }

  // arrived settles messages by their rows. It reports a message that was cancelled too
  // late, or one that seemed to have failed.
  arrived(rows: readonly Row[]): "stopped" | "failed" | null {
    this.newest = Math.max(this.newest, rows.at(-1)?.seq ?? 0)
    let news: "stopped" | "failed" | null = null
    for (const { clientID, seq } of rows) {
      const entry = this.entries.get(clientID)
      if (this.stopped.delete(clientID)) news = "stopped"
      if (!entry) continue
      if (entry.reason) news = "failed"
      entry.seq = seq
      entry.confirmed(seq)
      this.settle(clientID)
    }
    for (const [id, { seq }] of this.entries) if (seq > 0 && seq <= this.newest) this.settle(id)
    return news
  }

  // begin starts with another session; failed messages are kept for the same target.
  begin(lastSeq: number, to: string): void {
    this.newest = lastSeq
    for (const [id, { reason, target }] of this.entries) if (reason === "" || target !== to) this.entries.delete(id)
    this.changed()
  }

  private async attempt(way: Way, entry: Entry, sending: Sending): Promise<number> {
    const { clientID } = entry.row
    entry.sinceMS = performance.now()
    this.changed()
    try {
      entry.seq = entry.isPrompt ? await prompt(way, entry) : await this.transmit(way, clientID, entry.message, sending)
      if (entry.seq <= this.newest) this.settle(clientID)
      return entry.seq
    } catch (error) {
      if (entry.seq > 0) return entry.seq // its row came before the answer was lost
      if (sending.signal.aborted) this.settle(clientID)
      else entry.reason = error instanceof Error ? error.message : String(error)
      this.changed()
      throw error
    }
  }

  private async transmit({ session, attachment }: Way, clientID: string, { opcode, payload }: Outgoing, { progress, signal }: Sending): Promise<number> {
    const event = { type: "send", client_id: clientID, opcode } as const
    // A string is never longer in UTF-16 units than in UTF-8 bytes.
    const length = typeof payload === "string" ? payload.length : payload instanceof Blob ? Infinity : payload.length
    const bytes = length > this.uploadAbove ? null : typeof payload === "string" ? new TextEncoder().encode(payload) : (payload as Uint8Array)
    if (bytes && bytes.length <= this.uploadAbove) {
      return attachment.send(typeof payload === "string" ? { ...event, text: payload } : { ...event, base64: base64Of(bytes) })
    }
    signal.throwIfAborted()
    signal.addEventListener("abort", () => this.stopped.add(clientID), { once: true })
    const moves = (sent: number, total: number) => {
      attachment.alive()
      progress(sent, total)
    }
    return uploadMessage(session, { opcode, clientID, body: new Blob([payload]), progress: moves, signal })
  }

  // preview reads the beginning of a text in a Blob.
  private async preview(entry: Entry): Promise<void> {
    const { opcode, payload } = entry.message
    if (opcode === "binary" || !(payload instanceof Blob)) return
    const preview = (await payload.slice(0, 4 * previewed).text().catch(() => "")).slice(0, previewed).toWellFormed()
    entry.row = { ...entry.row, preview }
    this.changed()
  }

  private settle(id: string): void {
    if (this.entries.delete(id)) this.changed()
  }
}

// prompt sends a prompt. The answer to a long one comes when its turn has ended; its row
// confirms it before.
async function prompt({ session, attachment }: Way, entry: Entry): Promise<number> {
  const { row: { clientID }, message: { payload } } = entry
  const text = String(payload)
  if (text.length <= longestPrompt) return attachment.send({ type: "prompt", client_id: clientID, text })
  const confirmed = new Promise<number>((resolve) => { entry.confirmed = resolve })
  const answered = ask(session, text, clientID).then(({ error }) => {
    if (error) throw new Error(error.message)
    return entry.seq
  })
  return Promise.race([confirmed, answered])
}

function rowOf({ opcode, payload }: Outgoing, clientID: string): Row {
  const size = typeof payload === "string" ? utf8Length(payload) : payload instanceof Blob ? payload.size : payload.length
  const preview = typeof payload === "string" ? payload.slice(0, previewed).toWellFormed() : payload instanceof Blob ? nameOf(payload) : hexOf(payload.subarray(0, previewed))
  return {
    ...emptyRow, atUS: Date.now() * 1000, direction: "sent", opcode, size, preview, truncated: preview.length < size,
    asText: opcode === "binary" && payload instanceof Blob, clientID,
  }
}

function nameOf(blob: Blob): string {
  return blob instanceof File ? blob.name : ""
}

// newID returns a client id. crypto.randomUUID is missing where the page is served by plain
// http from another host.
export function newID(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID()
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
