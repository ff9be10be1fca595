// Which way a message goes out: small ones over the socket, large ones and files by
// HTTP, which can say how far it is.

import { uploadMessage } from "./api"
import type { Attachment } from "./socket"

export interface Outgoing {
  opcode: "text" | "binary"
  payload: string | Uint8Array | File
}

export function sendMessage(
  attachment: Attachment,
  session: string,
  message: Outgoing,
  uploadAbove: number,
  progress: (sent: number, total: number) => void,
): Promise<void> {
  const clientID = newID()
  const { opcode, payload } = message
  if (payload instanceof File) return uploadMessage(session, { opcode, clientID, body: payload, progress })
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload)
  if (bytes.length > uploadAbove) return uploadMessage(session, { opcode, clientID, body: bytes, progress })
  const event = { type: "send", client_id: clientID, opcode } as const
  return attachment.send(typeof payload === "string" ? { ...event, text: payload } : { ...event, base64: base64(bytes) })
}

function base64(bytes: Uint8Array): string {
  let text = ""
  for (let at = 0; at < bytes.length; at += 0x2000) text += String.fromCharCode(...bytes.subarray(at, at + 0x2000))
  return btoa(text)
}

// crypto.randomUUID is missing where the page is served by plain http from another host.
function newID(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID()
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
