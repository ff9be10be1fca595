import assert from "node:assert/strict"
import { test } from "node:test"
import { firstLatency, live, start, step, type Connection, type State } from "../src/console/state"
import { parseError, parseRow, parseSession } from "../src/wire/wire"

const session = (extra: object = {}) => parseSession({ id: "s", state: "open", opened_at_us: 1_000, ...extra })
const row = (seq: number, direction: string, at_us: number) => parseRow({ seq, direction, at_us })

function attach(): State {
  return step(step(start, { type: "connect", now: 1 }), { type: "attach", session: session(), seen: 0 })
}

function attached(state: State): Extract<Connection, { kind: "attached" }> {
  assert.equal(state.connection.kind, "attached")
  return state.connection as Extract<Connection, { kind: "attached" }>
}

test("events of an older dial change nothing", () => {
  const first = step(start, { type: "connect", now: 1 })
  const second = step(step(first, { type: "cancel" }), { type: "connect", now: 2 })
  assert.equal(step(second, { type: "failed", dial: first.dial, error: parseError({}) }), second)
})

test("a failed connect keeps its error", () => {
  const state = step(start, { type: "connect", now: 1 })
  const failed = step(state, { type: "failed", dial: state.dial, error: parseError({ code: "handshake_refused" }) })
  assert.equal(failed.connection.kind, "failed")
})

test("rows that were seen are not seen twice", () => {
  const joined = attach()
  const one = step(joined, { type: "rows", dial: joined.dial, rows: [row(1, "event", 1_000), row(2, "sent", 2_000)] })
  const two = step(one, { type: "rows", dial: joined.dial, rows: [row(2, "sent", 2_000), row(3, "received", 2_500)] })
  assert.equal(attached(two).seen, 3)
  assert.equal(firstLatency(session(), attached(two).timing), 500)
  assert.equal(step(two, { type: "rows", dial: joined.dial, rows: [row(3, "received", 9)] }), two)
})

test("a target that speaks first is timed from the handshake", () => {
  const joined = attach()
  const state = step(joined, { type: "rows", dial: joined.dial, rows: [row(1, "received", 1_400), row(2, "sent", 1_500)] })
  assert.equal(firstLatency(session(), attached(state).timing), 400)
})

test("a state event does not lose the handshake, and closed is not live", () => {
  const opened = parseSession({ id: "s", state: "open", handshake: { status: 101 } })
  const joined = step(start, { type: "attach", session: opened, seen: 0 })
  const closed = step(joined, { type: "session", dial: joined.dial, session: session({ state: "closed" }) })
  assert.equal(attached(closed).session.handshake?.status, 101)
  assert.equal(live(joined.connection), true)
  assert.equal(live(closed.connection), false)
})

test("losing the link keeps the session and what was seen", () => {
  const joined = attach()
  const lost = step(joined, { type: "link", dial: joined.dial, link: "lost" })
  assert.equal(attached(lost).link, "lost")
  assert.equal(attached(lost).session.state, "open")
})

test("gaps are counted between received messages, over batches, and not to looked up ones", () => {
  let state = attach()
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i, i % 2 ? "sent" : "received", (from + i) * 1000))
  state = step(state, { type: "earlier", dial: state.dial, rows: rows(1, 3) })
  state = step(state, { type: "rows", dial: state.dial, rows: rows(5, 9) })
  state = step(state, { type: "rows", dial: state.dial, rows: rows(9, 13) })
  const { gaps } = attached(state).timing
  assert.equal(gaps.total, 3)
  assert.equal(gaps.counts.filter(Boolean).length, 1, "all as long")
})
