// A message that the composer sends.

export interface Outgoing {
  opcode: "text" | "binary"
  payload: string | Uint8Array<ArrayBuffer> | Blob
}

// Sending follows a message on its way.
export interface Sending {
  progress(sent: number, total: number): void
  // signal cancels the upload; a message that was sent completely cannot be cancelled.
  signal: AbortSignal
}
