// Which way a message goes out: small ones over the socket, large ones and files by
// HTTP, which can say how far it is and be stopped.

import { uploadMessage } from "./api"
import { base64Of } from "./composer/encode"
import type { Attachment } from "./socket"
import type { Row } from "./wire"

export interface Outgoing {
  opcode: "text" | "binary"
  payload: string | Uint8Array<ArrayBuffer> | Blob
}

// Sending is how a message fares on its way.
export interface Sending {
  progress(sent: number, total: number): void
  // signal stops it; what has left altogether cannot be called back.
  signal: AbortSignal
}

export class Outbox {
  private readonly stopped = new Set<string>() // client ids

  constructor(private readonly uploadAbove: number) {}

  async send(attachment: Attachment, session: string, message: Outgoing, sending: Sending): Promise<void> {
    const { opcode, payload } = message
    // A string is never longer in UTF-16 units than in UTF-8 bytes.
    const length = typeof payload === "string" ? payload.length : payload instanceof Blob ? payload.size : payload.length
    if (payload instanceof Blob || length > this.uploadAbove) return void (await this.upload(session, opcode, new Blob([payload]), sending))
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload
    if (bytes.length > this.uploadAbove) return void (await this.upload(session, opcode, new Blob([bytes]), sending))
    const event = { type: "send", client_id: newID(), opcode } as const
    return attachment.send(typeof payload === "string" ? { ...event, text: payload } : { ...event, base64: base64Of(bytes) })
  }

  // upload sends bytes as they are and returns the seq of their row.
  upload(session: string, opcode: string, body: Blob, { progress, signal }: Sending): Promise<number> {
    signal.throwIfAborted()
    const clientID = newID()
    signal.addEventListener("abort", () => this.stopped.add(clientID), { once: true })
    return uploadMessage(session, { opcode, clientID, body, progress, signal })
  }

  // late reports whether a row is of a message that was stopped too late.
  late(rows: readonly Row[]): boolean {
    return this.stopped.size > 0 && rows.some((row) => this.stopped.delete(row.clientID))
  }
}

// crypto.randomUUID is missing where the page is served by plain http from another host.
function newID(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID()
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
