// Calls that tell what happens while it happens, by server-sent events.

import { stream, unreachable, type Result } from "./api"
import { fields } from "./values"
import { parseDialPhase, parseError, parseSession, parseTestResult, type DialPhase, type Session, type TestResult } from "./wire"

// openSession connects to a service. onPhase is told each step of the dial; aborting ends it.
export function openSession(body: object, signal: AbortSignal, onPhase: (phase: DialPhase) => void = () => undefined): Promise<Result<Session>> {
  return follow("/api/sessions", body, signal, onPhase, "session", parseSession)
}

// testConnection connects, waits a moment for a first message, and disconnects. Nothing is kept.
export function testConnection(body: object, signal: AbortSignal, onPhase: (phase: DialPhase) => void): Promise<Result<TestResult>> {
  return follow("/api/test", body, signal, onPhase, "result", parseTestResult)
}

async function follow<T>(path: string, body: object, signal: AbortSignal, onPhase: (phase: DialPhase) => void, last: string, parse: (value: unknown) => T): Promise<Result<T>> {
  const { response, error } = await stream(path, body, signal)
  if (error) return { ok: null, error }
  try {
    for await (const event of readEvents(response.body)) {
      if (event.name === "phase") onPhase(parseDialPhase(event.data))
      else if (event.name === last) return { ok: parse(event.data), error: null }
      else if (event.name === "error") return { ok: null, error: parseError(fields<{ error: unknown }>(event.data).error) }
    }
  } catch {
    // The connection to Duplex broke, or the caller aborted.
  }
  return { ok: null, error: unreachable() }
}

export interface StreamEvent {
  name: string
  data: unknown
}

async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>> | null): AsyncGenerator<StreamEvent> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const { events, rest } = takeEvents(text + read.value)
    text = rest
    yield* events
  }
}

// takeEvents returns the complete events of a stream, and the text after them. The server
// writes the data of an event as one line of JSON.
export function takeEvents(text: string): { events: StreamEvent[]; rest: string } {
  const pieces = text.split("\n\n")
  const rest = pieces.pop() ?? ""
  return { events: pieces.map(parseEvent), rest }
}

function parseEvent(piece: string): StreamEvent {
  const event: StreamEvent = { name: "", data: null }
  for (const line of piece.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7)
    else if (line.startsWith("data: ")) event.data = JSON.parse(line.slice(6)) as unknown
  }
  return event
}
