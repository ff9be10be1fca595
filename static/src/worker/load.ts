// Fetches a payload: here, so that megabytes neither arrive nor are copied on the
// page's own thread.

export type Bytes = Uint8Array<ArrayBuffer>

// Request is a payload's address, and how much of it is wanted: null is all.
export type Request = { url: string; most: number | null }

// Refused is an answer that is no payload; its message is what the server says.
export class Refused extends Error {}

// load resolves when everything is here, and tells on the way how far it is.
export async function load({ url, most }: Request, signal: AbortSignal, progress: (sofar: Bytes) => void): Promise<Bytes> {
  const response = await fetch(url, { signal, headers: most === null ? {} : { Range: `bytes=0-${most - 1}` } })
  if (!response.ok) throw new Refused(messageIn(await response.json().catch(() => null)))
  if (!response.body) return new Uint8Array(0)
  const arriving = new Arriving(Number(response.headers.get("Content-Length")))
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    arriving.add(next.value)
    progress(arriving.bytes)
  }
  return arriving.bytes
}

// Arriving is bytes that become more.
export class Arriving {
  private buffer: Bytes
  private length = 0

  constructor(expected: number) {
    this.buffer = new Uint8Array(expected || 4096)
  }

  get bytes(): Bytes {
    return this.buffer.subarray(0, this.length)
  }

  add(chunk: Uint8Array): void {
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
