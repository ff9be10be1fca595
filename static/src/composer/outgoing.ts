// A message on its way out, as the composer hands it over.

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
