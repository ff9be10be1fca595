// What the page says about the connection. One pure function decides it for head, button,
// composer, status and banner, so that no two of them contradict each other.

import { count, say, visible } from "../text"
import type { WireError } from "../wire"
import { away, type Connection } from "./state"

export type Tone = "" | "open" | "wait" | "failed" // quiet, success, needs a look, error

export interface Appearance {
  // phase is the state of the page for style sheets and tests.
  phase: string
  word: { text: string; mark: "" | "spin" | "check" | "x" | "clock"; tone: Tone; ms: number | null } // ms is on the clock beside it
  button: "connect" | "cancel" | "disconnect"
  barred: string | null // why the button cannot be pressed
  status: { text: string; tone: Tone }
  banner: { text: string; ms: number | null; canRetry: boolean } | null
  send: Barred | null
  isStale: boolean // what the page knows of sessions may be old
}

// Barred tells why nothing can be sent: the reason at Send, and what becomes of the text.
export interface Barred {
  reason: string
  note: string
  hasEnded?: true // the connection; another can be opened
}

// appearanceOf takes the failure of the last connect, which is shown until the next one, the
// time in ms, and whether the person may send at all.
export function appearanceOf(connection: Connection, failure: WireError | null, now: number, isMember = true): Appearance {
  const plain = { barred: null, banner: null, send: barredOf(connection, isMember), isStale: false }
  switch (connection.kind) {
    case "connecting":
      return {
        ...plain, phase: "connecting", button: "cancel", status: { text: say("page.status.connecting"), tone: "wait" },
        word: { text: say("page.word.connecting"), mark: "spin", tone: "wait", ms: now - connection.since },
      }
    case "idle":
    case "failed": {
      const error = connection.kind === "failed" ? connection.error : failure
      const text = error ? (error.status ? say("page.word.refused", { status: error.status }) : say("page.word.failed")) : ""
      return {
        ...plain, phase: connection.kind, button: "connect", status: { text: say("page.status.idle"), tone: error ? "failed" : "" },
        word: { text, mark: error ? "x" : "", tone: error ? "failed" : "", ms: null },
      }
    }
    case "attached":
      return { ...plain, ...attachedOf(connection, now) }
  }
}

type Attached = Extract<Connection, { kind: "attached" }>

function attachedOf(connection: Attached, now: number): Pick<Appearance, "phase" | "word" | "button" | "status"> & Partial<Appearance> {
  const { session, lostAt } = connection
  const since = (until: number) => until - session.openedAtUS / 1000
  if (session.state === "closed") return endedOf(connection)
  if (away(connection)) {
    return {
      phase: "lost", button: "disconnect", barred: say("state.away"), isStale: true,
      status: { text: say("page.status.lost"), tone: "wait" },
      word: { text: say("page.word.last_seen"), mark: "clock", tone: "wait", ms: since(lostAt) },
      banner: { text: say("state.away"), ms: now - lostAt, canRetry: true },
    }
  }
  const banner = session.store === "away" ? { banner: { text: say("page.banner.store_away"), ms: null, canRetry: false } } : {}
  if (session.state === "closing" || session.state === "connecting") {
    return {
      phase: session.state, button: "disconnect", ...banner, status: { text: say(`page.status.${session.state}`), tone: "wait" },
      word: { text: say(`page.word.${session.state}`), mark: "spin", tone: "wait", ms: since(now) },
    }
  }
  const seq = session.diagnosis?.messageSeq ?? 0
  return {
    phase: "open", button: "disconnect", ...banner, status: { text: seq > 0 ? say("state.open.message", { seq: count(seq) }) : say("page.status.open"), tone: "open" },
    word: { text: say("page.word.connected"), mark: "check", tone: "open", ms: since(now) },
  }
}

// endedOf tells of the end; it is an error only where a diagnosis explains one.
function endedOf({ session }: Attached): Pick<Appearance, "phase" | "word" | "button" | "status"> {
  const { closeCode, closeReason, endedAtUS, openedAtUS, diagnosis } = session
  const tone = diagnosis ? "failed" : ""
  const key = diagnosis && diagnosis.messageSeq > 0 ? "state.closed.message" : closeReason ? "page.status.closed_reason" : "page.status.closed"
  return {
    phase: "closed", button: "connect",
    status: { text: say(key, { code: closeCode || "", reason: visible(closeReason) }).trim(), tone },
    word: { text: say("state.word.ended"), mark: diagnosis ? "x" : "", tone, ms: endedAtUS ? (endedAtUS - openedAtUS) / 1000 : null },
  }
}

// barredOf returns why nothing can be sent now, or null.
export function barredOf(connection: Connection, isMember = true): Barred | null {
  const told = (sentence: string): Barred => ({ reason: sentence, note: sentence })
  if (!isMember) return told(say("identity.may.member"))
  if (connection.kind !== "attached") return { reason: say("page.send.idle"), note: say("composer.kept") }
  const { state, access, store } = connection.session
  if (state === "closed") return { reason: say("page.send.idle"), note: say("composer.kept"), hasEnded: true }
  if (away(connection)) return told(say("state.send.away"))
  if (state !== "open") return told(say("state.send.closing"))
  if (store && store !== "damaged") return told(say(`page.send.store_${store}`))
  return access.maySend ? null : told(say("share.watch_only", { owner: visible(access.owner) }))
}
