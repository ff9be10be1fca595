// The page's own socket to Duplex, attached to one session. It alone touches
// WebSocket. When it drops, it comes back where it was: the log is on the server,
// and what had been sent without an answer is sent again under the same client id,
// which the server takes once.

import { say } from "./text"
import { parseServerEvent, type Row, type Session, type ViewerEvent } from "./wire"

export interface Heard {
  link(link: "joining" | "live" | "lost"): void
  session(session: Session): void
  rows(rows: Row[], lastSeq: number): void
  gone(message: string): void // the server will not have us back
  unknown(): void // the server no longer knows who we are; retry when it does
}

interface Pending {
  event: ViewerEvent
  resolve(): void
  reject(error: Error): void
}

const firstWait = 250
const longestWait = 10_000
const sessionNotFound = 4404
const badEvent = 4400
const signedOut = 4401
const notAllowed = 4403

// waitBefore is how long to wait before an attempt, in milliseconds: doubling, and
// spread so that many pages do not come back at once.
export function waitBefore(attempt: number, random: number): number {
  const most = Math.min(longestWait, firstWait * 2 ** attempt)
  return most / 2 + (most / 2) * random
}

export class Attachment {
  private socket: WebSocket | null = null
  private dial = 0 // events of an older dial are dropped
  private attempt = 0
  private timer = 0
  private after: number
  private readonly pending = new Map<string, Pending>()

  constructor(
    private readonly session: string,
    after: number,
    private readonly heard: Heard,
  ) {
    this.after = after
    this.connect()
  }

  // send resolves when the server has taken the message, and rejects with a
  // sentence when it will not.
  send(event: Extract<ViewerEvent, { type: "send" }>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.set(event.client_id, { event, resolve, reject })
      if (this.socket?.readyState === WebSocket.OPEN) this.say(event)
    })
  }

  // retry comes back at once, when the network says it is there again.
  retry(): void {
    if (this.socket || this.dial < 0) return
    clearTimeout(this.timer)
    this.connect()
  }

  leave(): void {
    clearTimeout(this.timer)
    this.dial = -1
    this.socket?.close(1000)
    this.socket = null
    this.rejectAll(say("page.error.left"))
  }

  private connect(): void {
    const dial = ++this.dial
    this.heard.link("joining")
    const scheme = location.protocol === "https:" ? "wss" : "ws"
    const path = `/api/sessions/${encodeURIComponent(this.session)}/attach?after=${this.after}`
    const socket = new WebSocket(`${scheme}://${location.host}${path}`, "duplex.v1")
    socket.binaryType = "arraybuffer"
    this.socket = socket
    socket.onopen = () => dial === this.dial && this.opened()
    socket.onmessage = (event) => dial === this.dial && this.take(event.data)
    socket.onclose = (event) => dial === this.dial && this.dropped(event.code)
  }

  private opened(): void {
    this.attempt = 0
    this.heard.link("live")
    for (const { event } of this.pending.values()) this.say(event)
  }

  private say(event: ViewerEvent): void {
    this.socket?.send(JSON.stringify(event))
  }

  private take(data: unknown): void {
    const event = typeof data === "string" ? parseServerEvent(parse(data)) : null
    switch (event?.type) {
      case "state":
        return this.heard.session(event.state)
      case "rows":
        this.after = Math.max(this.after, event.rows.at(-1)?.seq ?? 0)
        return this.heard.rows(event.rows, event.lastSeq)
      case "sent":
        return this.settle(event.clientID, (p) => p.resolve())
      case "refused":
        return this.settle(event.clientID, (p) => p.reject(new Error(event.error.message)))
      case "bye":
        if (event.error && !isAboutUs(event.error.code)) this.heard.gone(event.error.message)
    }
  }

  private settle(clientID: string, how: (pending: Pending) => void): void {
    const pending = this.pending.get(clientID)
    if (!pending) return
    this.pending.delete(clientID)
    how(pending)
  }

  private dropped(code: number): void {
    this.socket = null
    if (code === sessionNotFound || code === badEvent) {
      this.dial = -1
      this.rejectAll(say("page.error.session_gone"))
      this.heard.gone(say("page.error.session_gone"))
      return
    }
    if (code === notAllowed) { // it has said why
      this.dial = -1
      return this.rejectAll(say("page.error.session_gone"))
    }
    this.heard.link("lost")
    if (code === signedOut) return this.heard.unknown()
    this.timer = window.setTimeout(() => this.connect(), waitBefore(this.attempt++, Math.random()))
  }

  private rejectAll(message: string): void {
    for (const pending of this.pending.values()) pending.reject(new Error(message))
    this.pending.clear()
  }
}

// isAboutUs tells the end of a sign-in, which has a banner of its own.
function isAboutUs(code: string): boolean {
  return code === "lease_ended" || code === "signed_out"
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
