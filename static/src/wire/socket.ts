// The page's socket to Duplex, attached to one session; no other file uses WebSocket.
// After a drop it reconnects at the same place in the log, and sends messages without an
// answer again under the same client id, which the server accepts once.

import { say } from "../text"
import type { ViewerCloseCode } from "./schema"
import type { Playing, TurnUpdate } from "./turns"
import { parseServerEvent, type Row, type Session, type ViewerEvent } from "./wire"

export interface Heard {
  // link is "lost" after the socket closed or Duplex stopped answering.
  link(link: "joining" | "live" | "lost"): void
  session(session: Session): void
  rows(rows: Row[], lastSeq: number): void
  turns(updates: TurnUpdate[]): void
  playing(playing: Playing): void
  refused(message: string): void // an event without an id
  gone(message: string): void // the server refuses to attach again
  unknown(): void // the sign-in has ended; retry after the next one
}

// Answered is an event that the server answers under its client id.
type Answered = Extract<ViewerEvent, { client_id: string }>

interface Pending {
  event: Answered
  resolve(seq: number): void
  reject(error: Error): void
}

// toldTurns is the number of turns that the server tells at first; others are asked for.
export const toldTurns = 40

const firstWait = 250
const longestWait = 1500 // ms; the page shows within 2 s that Duplex is back
const quiet = 400 // ms without an event until the page asks for a sign of life
const answersWithin = 900 // ms; a later answer counts as none. With the two others the page shows a silence within 1.5 s
const look = 200 // ms between two checks
const sessionNotFound = 4404 satisfies ViewerCloseCode
const badEvent = 4400 satisfies ViewerCloseCode
const signedOut = 4401 satisfies ViewerCloseCode
const notAllowed = 4403 satisfies ViewerCloseCode

// waitBefore returns the wait before an attempt, in milliseconds: it doubles, and is
// randomised so that many pages do not reconnect at once.
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
  private heardAt = 0 // performance.now() of the last event from Duplex
  private silent = false // the socket is open, but Duplex does not answer
  private asking = false
  private readonly beat = window.setInterval(() => void this.checkAnswers(), look)
  private readonly pending = new Map<string, Pending>()
  private join: () => void = () => {}
  // joined resolves once Duplex has answered, or the page has left.
  readonly joined = new Promise<void>((resolve) => (this.join = resolve))

  constructor(
    private readonly session: string,
    after: number,
    private readonly heard: Heard,
  ) {
    this.after = after
    this.connect()
  }

  // send resolves with the seq of the message when the server has it; it rejects with an
  // Error to show.
  send(event: Answered): Promise<number> {
    return new Promise((resolve, reject) => {
      this.pending.set(event.client_id, { event, resolve, reject })
      if (this.socket?.readyState === WebSocket.OPEN) this.say(event)
    })
  }

  // microphone begins speech with samples of a rate in Hz, or ends it with 0. It reports
  // whether the server is there to hear it.
  microphone(rate: number): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.say(rate > 0 ? { type: "microphone", rate, on: true } : { type: "microphone" })
    return true
  }

  // hear sends samples of the microphone: 16 bits, little-endian, one channel.
  hear(samples: ArrayBuffer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(samples)
  }

  // retry reconnects at once.
  retry(): void {
    if (this.socket || this.dial < 0) return
    clearTimeout(this.timer)
    this.connect()
  }

  // retryNow asks Duplex again at once, also where the socket is still open.
  retryNow(): void {
    if (this.dial < 0) return
    if (!this.socket) return this.retry()
    this.heardAt = 0
    void this.checkAnswers()
  }

  // quietFor is the time since the last event from Duplex, in ms.
  get quietFor(): number {
    return performance.now() - this.heardAt
  }

  // alive notes an answer from Duplex that did not come by the socket.
  alive(): void {
    this.heardAt = performance.now()
  }

  leave(): void {
    clearTimeout(this.timer)
    this.end()
    this.socket?.close(1000)
    this.socket = null
    this.join()
    this.rejectAll(say("page.error.left"))
  }

  private connect(): void {
    const dial = ++this.dial
    this.silent = false
    this.alive()
    this.heard.link("joining")
    const scheme = location.protocol === "https:" ? "wss" : "ws"
    const path = `/api/sessions/${encodeURIComponent(this.session)}/attach?after=${this.after}&turns=${toldTurns}`
    const socket = new WebSocket(`${scheme}://${location.host}${path}`, "duplex.v1")
    socket.binaryType = "arraybuffer"
    this.socket = socket
    socket.onopen = () => dial === this.dial && this.opened()
    socket.onmessage = (event) => {
      if (dial !== this.dial) return
      this.alive()
      this.take(event.data)
    }
    socket.onclose = (event) => dial === this.dial && this.dropped(event.code)
  }

  // checkAnswers asks Duplex for a sign of life after a quiet moment: a process that hangs
  // or a network that drops packets closes no socket. A hidden tab does not ask.
  private async checkAnswers(): Promise<void> {
    const { dial, socket } = this
    if (!socket || dial < 0 || this.asking || document.hidden || this.quietFor < quiet) return
    this.asking = true
    const asked = performance.now()
    const answers = await isThere()
    this.asking = false
    if (dial !== this.dial || !this.socket) return
    if (!answers && this.heardAt < asked) {
      this.silent = true
      return this.heard.link("lost")
    }
    this.alive()
    if (!this.silent && socket.readyState === WebSocket.OPEN) return
    // A silent socket may be dead; a new one continues at the same place.
    socket.close()
    this.connect()
  }

  private opened(): void {
    this.attempt = 0
    this.join()
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
      case "turns":
        return this.heard.turns(event.turns)
      case "playing":
        return this.heard.playing(event.playing)
      case "sent":
        return this.settle(event.clientID, (p) => p.resolve(event.seq))
      case "refused":
        if (event.clientID === "") return this.heard.refused(event.error.message)
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
      this.end()
      this.rejectAll(say("page.error.session_gone"))
      this.heard.gone(say("page.error.session_gone"))
      return
    }
    if (code === notAllowed) { // the reason came before as an event
      this.end()
      return this.rejectAll(say("page.error.session_gone"))
    }
    this.heard.link("lost")
    if (code === signedOut) return this.heard.unknown()
    this.timer = window.setTimeout(() => this.connect(), waitBefore(this.attempt++, Math.random()))
  }

  private end(): void {
    clearInterval(this.beat)
    this.dial = -1
  }

  private rejectAll(message: string): void {
    for (const pending of this.pending.values()) pending.reject(new Error(message))
    this.pending.clear()
  }
}

// isAboutUs recognises the end of a sign-in, which has a banner of its own.
function isAboutUs(code: string): boolean {
  return code === "lease_ended" || code === "signed_out"
}

// isThere asks Duplex for a sign of life.
async function isThere(): Promise<boolean> {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(answersWithin) })
    return answer.status < 500
  } catch {
    return false
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
