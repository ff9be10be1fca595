// Fetches a payload in the worker, so that megabytes are neither received nor copied on
// the page's thread.

export type Bytes = Uint8Array<ArrayBuffer>

// BodyRequest names a payload and the number of bytes to fetch from its start; null is all.
export type BodyRequest = { url: string; max: number | null }

// RefusedError is an error answer of the server; its message comes from the server.
export class RefusedError extends Error {}

// loadBody fetches a payload and reports the bytes received so far.
export async function loadBody({ url, max }: BodyRequest, signal: AbortSignal, progress: (received: Bytes) => void): Promise<Bytes> {
  const response = await fetch(url, { signal, headers: max === null ? {} : { Range: `bytes=0-${max - 1}` } })
  if (!response.ok) throw new RefusedError(messageIn(await response.json().catch(() => null)))
  if (!response.body) return new Uint8Array(0)
  const buffer = new ByteBuffer(Number(response.headers.get("Content-Length")))
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    buffer.addChunk(next.value)
    progress(buffer.bytes)
  }
  return buffer.bytes
}

// ByteBuffer is a byte array that grows.
export class ByteBuffer {
  private buffer: Bytes
  private length = 0

  constructor(expected: number) {
    this.buffer = new Uint8Array(expected || 4096)
  }

  get bytes(): Bytes {
    return this.buffer.subarray(0, this.length)
  }

  addChunk(chunk: Uint8Array): void {
    const needed = this.length + chunk.length
    if (needed > this.buffer.length) {
      const more = new Uint8Array(Math.max(needed, this.buffer.length * 2))
      more.set(this.bytes)
      this.buffer = more
    }
    this.buffer.set(chunk, this.length)
    this.length = needed
  }
}

function messageIn(answer: unknown): string {
  const error = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : null
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : ""
  return typeof message === "string" ? message : ""
}
