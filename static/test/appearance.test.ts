// No two parts of the page contradict each other, in any state of the connection.

import assert from "node:assert/strict"
import { test } from "node:test"
import { appearanceOf, type Appearance } from "../src/console/appearance"
import type { Connection, Link } from "../src/console/state"
import { noGaps } from "../src/console/gaps"
import { sessionStateValues, storeConditionValues } from "../src/wire/schema"
import { parseError, parseSession } from "../src/wire/wire"

const now = 1_700_000_100_000
const openedAtUS = (now - 100_000) * 1000
const refused = parseError({ code: "handshake_refused", status: 401 })
const unreachable = parseError({ code: "unreachable" })
const links: readonly Link[] = ["joining", "live", "lost"]
const timing = { firstSent: null, firstReceived: null, lastReceived: null, gaps: noGaps }

// everyState lists the states, with all that the page shows for each.
function everyState(): { name: string; connection: Connection; told: Appearance }[] {
  const all: { name: string; connection: Connection; failure: typeof refused | null }[] = []
  for (const failure of [null, refused, unreachable]) {
    all.push({ name: "idle", connection: { kind: "idle" }, failure })
    if (failure) all.push({ name: "failed", connection: { kind: "failed", error: failure }, failure })
  }
  all.push({ name: "connecting", connection: { kind: "connecting", since: now - 3000, steps: [], isGateway: false }, failure: null })
  for (const state of sessionStateValues) {
    for (const store of ["", ...storeConditionValues]) {
      for (const link of links) {
        for (const diagnosis of [undefined, { rule: "closed_1011" }, { rule: "said_failure", message_seq: 7 }]) {
          for (const may_send of [true, false]) {
            const session = parseSession({
              id: "s", state, store, diagnosis, opened_at_us: openedAtUS, access: { owner: "Ada", may_send },
              ...(state === "closed" ? { ended_at_us: openedAtUS + 67_000_000, close_code: 1000 } : {}),
            })
            const connection: Connection = { kind: "attached", session, link, lostAt: link === "lost" ? now - 4000 : 0, seen: 0, timing }
            all.push({ name: [state, store, link, diagnosis?.rule ?? "", may_send ? "" : "watch"].join(" "), connection, failure: null })
          }
        }
      }
    }
  }
  return all.map(({ name, connection, failure }) => ({ name, connection, told: appearanceOf(connection, failure, now) }))
}

test("word, button, status, banner and composer agree in every state", () => {
  for (const { name, told, connection } of everyState()) {
    const { word, button, status, banner, send } = told
    assert.equal(word.tone, status.tone, `${name}: the word and the status have one colour`)
    assert.equal(word.tone === "open", word.mark === "check", `${name}: a tick is green`)
    assert.equal(word.tone === "failed", word.mark === "x", `${name}: red has its mark`)
    if (word.tone !== "") assert.notEqual(word.text, "", `${name}: a colour has its word`)
    if (send === null) assert.equal(told.phase, "open", `${name}: only an open session takes messages`)
    if (button !== "disconnect") assert.ok(send, `${name}: nothing can be sent without a session`)
    if (word.tone === "failed") assert.equal(button, "connect", `${name}: what failed can be tried again`)
    if (banner?.canRetry) assert.ok(told.isStale && told.barred && word.mark === "clock", `${name}: while Duplex is away the clock stands still`)
    if (send) assert.ok(send.reason && send.note, `${name}: a reason is given`)
    if (connection.kind === "attached" && connection.session.state === "closed") assert.equal(banner, null, `${name}: nothing waits after the end`)
    assert.equal(word.tone === "failed", isError(connection, word.text), `${name}: red is what went wrong, and nothing else`)
  }
})

function isError(connection: Connection, word: string): boolean {
  if (connection.kind === "attached") return connection.session.state === "closed" && connection.session.diagnosis !== null
  return word !== "" && connection.kind !== "connecting"
}

test("the clock stands still while Duplex is away, and at the end", () => {
  const session = (extra: object) => parseSession({ state: "open", opened_at_us: openedAtUS, ...extra })
  const attached = (link: Link, extra: object = {}): Connection => ({ kind: "attached", session: session(extra), link, lostAt: now - 4000, seen: 0, timing })
  assert.equal(appearanceOf(attached("live"), null, now).word.ms, 100_000)
  assert.equal(appearanceOf(attached("lost"), null, now).word.ms, 96_000)
  assert.equal(appearanceOf(attached("lost"), null, now + 9000).word.ms, 96_000)
  assert.equal(appearanceOf(attached("lost"), null, now).banner?.ms, 4000)
  assert.equal(appearanceOf(attached("live", { state: "closed", ended_at_us: openedAtUS + 67_000_000 }), null, now).word.ms, 67_000)
})

test("a failure is shown until the next connect, and a running session is not red", () => {
  const told = appearanceOf({ kind: "idle" }, refused, now)
  assert.deepEqual([told.word.tone, told.status.tone, told.button], ["failed", "failed", "connect"])
  const running: Connection = { kind: "attached", session: parseSession({ state: "open", opened_at_us: openedAtUS, diagnosis: { rule: "said_failure" } }), link: "live", lostAt: 0, seen: 0, timing }
  assert.equal(appearanceOf(running, refused, now).word.tone, "open")
})
