// The state of the connection as data. step is pure: an event of an older dial changes
// nothing.

import type { Row, Session, WireError } from "../wire"
import { addGaps, noGaps, type Gaps } from "./gaps"

export type Link = "joining" | "live" | "lost"

export type Connection =
  | { kind: "idle" }
  | { kind: "connecting"; since: number; steps: readonly DialStep[]; isGateway: boolean }
  | { kind: "failed"; error: WireError }
  | { kind: "attached"; session: Session; link: Link; lostAt: number; seen: number; timing: Timing }

// DialStep is a phase of the connection that is being opened.
export interface DialStep {
  name: string // dns, tcp, tls, upgrade, …
  state: "started" | "done" | "failed" | "none"
  tookUS: number // 0 until it is done
}

// Timing holds times in microseconds of the server's clock, null before they happen.
export interface Timing {
  firstSent: number | null
  firstReceived: number | null
  lastReceived: number | null // of messages that came while the page was attached
  gaps: Gaps // between those messages
}

export interface State {
  dial: number // number of the newest connection; events carry the number of theirs
  connection: Connection
}

export type Event =
  | { type: "connect"; now: number; isGateway?: boolean } // isGateway: a known gateway stands before the service
  | { type: "step"; dial: number; step: DialStep }
  | { type: "failed"; dial: number; error: WireError }
  | { type: "cancel" }
  | { type: "attach"; session: Session; seen: number }
  | { type: "link"; dial: number; link: Link; now: number }
  | { type: "session"; dial: number; session: Session }
  | { type: "rows"; dial: number; rows: readonly Row[] }
  | { type: "earlier"; dial: number; rows: readonly Row[] } // the first messages, fetched for the timing

export const start: State = { dial: 0, connection: { kind: "idle" } }

export function step(state: State, event: Event): State {
  if ("dial" in event && event.dial !== state.dial) return state
  switch (event.type) {
    case "connect":
      return { dial: state.dial + 1, connection: { kind: "connecting", since: event.now, steps: [], isGateway: event.isGateway ?? false } }
    case "step":
      return state.connection.kind === "connecting" ? { ...state, connection: { ...state.connection, steps: stepped(state.connection.steps, event.step) } } : state
    case "cancel":
      return { dial: state.dial + 1, connection: { kind: "idle" } }
    case "failed":
      return { ...state, connection: { kind: "failed", error: event.error } }
    case "attach":
      return {
        dial: state.dial + 1,
        connection: {
          kind: "attached",
          session: event.session,
          link: "joining",
          lostAt: 0,
          seen: event.seen,
          timing: { firstSent: null, firstReceived: null, lastReceived: null, gaps: noGaps },
        },
      }
    default:
      return state.connection.kind === "attached" ? attached(state, state.connection, event) : state
  }
}

// stepped adds a phase, or brings one up to date.
function stepped(steps: readonly DialStep[], next: DialStep): DialStep[] {
  const at = steps.findIndex(({ name }) => name === next.name)
  return at < 0 ? [...steps, next] : steps.with(at, next)
}

type Attached = Extract<Connection, { kind: "attached" }>
type AttachedEvent = Extract<Event, { type: "link" | "session" | "rows" | "earlier" }>

function attached(state: State, connection: Attached, event: AttachedEvent): State {
  switch (event.type) {
    case "link": {
      // A lost link stays lost until it is live.
      if (connection.link === "lost" && event.link !== "live") return state
      const lostAt = event.link === "lost" ? event.now : 0
      return { ...state, connection: { ...connection, link: event.link, lostAt } }
    }
    case "session": {
      // Only the answers to POST and GET carry the handshake.
      const handshake = event.session.handshake ?? connection.session.handshake
      return { ...state, connection: { ...connection, session: { ...event.session, handshake } } }
    }
    case "earlier":
      return { ...state, connection: { ...connection, timing: timed(connection.timing, event.rows) } }
    case "rows": {
      const fresh = event.rows.filter((row) => row.seq > connection.seen)
      const last = fresh.at(-1)
      if (!last) return state
      return { ...state, connection: { ...connection, seen: last.seq, timing: timed(paced(connection.timing, fresh), fresh) } }
    }
  }
}

function timed(timing: Timing, rows: readonly Row[]): Timing {
  const out = { ...timing }
  for (const row of rows) {
    if (row.direction === "sent") out.firstSent = Math.min(out.firstSent ?? row.atUS, row.atUS)
    if (row.direction !== "received") continue
    out.firstReceived = Math.min(out.firstReceived ?? row.atUS, row.atUS)
  }
  return out
}

// paced adds the gaps between new messages, in the order of arrival.
function paced(timing: Timing, rows: readonly Row[]): Timing {
  const times = rows.filter((row) => row.direction === "received").map((row) => row.atUS)
  const from = timing.lastReceived === null ? times : [timing.lastReceived, ...times]
  const lengths = from.slice(1).map((at, i) => at - (from[i] ?? at))
  return { ...timing, lastReceived: times.at(-1) ?? timing.lastReceived, gaps: addGaps(timing.gaps, lengths) }
}

// firstLatency returns the time to the first answer in microseconds, or null: from the
// first sent message, or from the handshake when the target spoke first.
export function firstLatency(session: Session, timing: Timing): number | null {
  if (timing.firstReceived === null) return null
  const spoken = timing.firstSent !== null && timing.firstSent < timing.firstReceived
  const from = spoken ? timing.firstSent : session.openedAtUS
  return Math.max(0, timing.firstReceived - (from ?? session.openedAtUS))
}

// away reports whether Duplex does not answer: the page then shows a running session as
// it was when the link was lost.
export function away(connection: Connection): boolean {
  return connection.kind === "attached" && connection.link === "lost" && connection.session.state !== "closed"
}

// live reports whether the session is open.
export function live(connection: Connection): boolean {
  return connection.kind === "attached" && connection.session.state !== "closed"
}
