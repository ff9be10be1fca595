// The test of a connection beside the form of a new service: each phase as it happens, and the
// diagnosis in place when one fails. It starts by itself a moment after the last change.

import { date, has, lasted, say, size, visible, visibleLines } from "../text"
import { element, every, icon, setText, type Component } from "../ui"
import { openSession, testConnection, type DialPhase, type Diagnosis, type Result, type Session, type WireError } from "../wire"

const pause = 600 // ms after the last change

export interface Testing {
  body: object | null // null while the address is not complete
  missing: boolean // a credential has no value yet
  address: string
}

export interface TestDeps {
  // act applies the action of a diagnosis.
  act(action: string, value: string): void
}

interface Phase {
  state: "later" | "running" | "done" | "failed" | "none"
  fact: string
  tookUS: number
  since: number // ms
}

const order = ["address", "credential", "dns", "tcp", "proxy", "tls", "upgrade", "first_message", "close"] as const
type Name = (typeof order)[number]
const usual: readonly Name[] = ["address", "dns", "tcp", "tls", "upgrade", "first_message", "close"]

export class TestPanel implements Component<Testing> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly time = element("span", { class: "test-time" })
  private readonly button = element("button", { type: "button", class: "button low", "data-testid": "test-run" }, say("test.run"))
  private readonly list = element("ol", { class: "test-phases" })
  private readonly outcome = element("section", { class: "test-outcome", "data-testid": "test-outcome", role: "status", hidden: true })
  private readonly phases = new Map<Name, Phase>()
  private readonly rows = new Map<Name, HTMLElement>()
  private testing: Testing = { body: null, missing: false, address: "" }
  private asked = "" // the body of the last test, as text
  private timer = 0
  private run: AbortController | null = null
  private began = 0
  private ended = 0

  constructor(host: HTMLElement, private readonly deps: TestDeps) {
    const { signal } = this.stop
    this.element = host
    const head = element("header", {}, element("h2", {}, say("test.title")), element("span", { class: "spring" }), this.time, this.button)
    host.append(head, this.list, this.outcome, element("footer", {}, say("test.footer")))
    this.button.addEventListener("click", () => (this.run ? this.cancel() : void this.test()), { signal })
    every(100, () => this.tick(), signal)
    this.reset()
    this.draw()
  }

  // update starts the test soon when something has changed.
  update(testing: Testing): void {
    this.testing = testing
    const body = testing.body && !testing.missing ? JSON.stringify(testing.body) : ""
    if (body === this.asked) return
    this.run?.abort()
    this.run = null
    this.asked = body
    window.clearTimeout(this.timer)
    this.reset()
    if (body) this.timer = window.setTimeout(() => void this.test(), pause)
    this.draw()
  }

  // open opens a session, and shows its phases in place of those of a test.
  async open(body: object): Promise<Session | null> {
    window.clearTimeout(this.timer)
    const result = await this.follow((signal, told) => openSession(body, signal, told))
    return result?.ok ?? null
  }

  destroy(): void {
    this.stop.abort()
    window.clearTimeout(this.timer)
    this.run?.abort()
  }

  private async test(): Promise<void> {
    const { body } = this.testing
    if (!body) return
    const result = await this.follow((signal, told) => testConnection(body, signal, told))
    if (!result?.ok) return
    const { diagnosis } = result.ok
    this.element.dataset.state = diagnosis ? "failed" : "works"
    if (diagnosis) this.explain(diagnosis, null)
    this.draw()
  }

  // follow runs a call; null when another has taken its place.
  private async follow<T>(call: (signal: AbortSignal, told: (phase: DialPhase) => void) => Promise<Result<T>>): Promise<Result<T> | null> {
    this.run?.abort()
    const run = new AbortController()
    this.run = run
    this.reset()
    this.element.dataset.state = "running"
    this.began = performance.now()
    this.ended = 0
    this.draw()
    const result = await call(run.signal, (phase) => this.run === run && this.told(phase))
    if (this.run !== run) return null
    this.run = null
    this.ended = performance.now()
    if (result.error) this.failed(result.error)
    this.draw()
    return result
  }

  private cancel(): void {
    this.run?.abort()
    this.run = null
    this.ended = performance.now()
    this.element.dataset.state = "cancelled"
    for (const phase of this.phases.values()) if (phase.state === "running") phase.state = "later"
    this.outcome.hidden = false
    this.outcome.replaceChildren(element("p", {}, say("test.cancelled")))
    this.draw()
  }

  private reset(): void {
    this.began = this.ended = 0
    this.element.dataset.state = "waiting"
    this.outcome.hidden = true
    this.outcome.replaceChildren()
    this.phases.clear()
    const isPlain = this.testing.address.startsWith("ws:")
    for (const name of usual) {
      if (name === "tls" && isPlain) continue
      this.phases.set(name, { state: "later", fact: later(name), tookUS: 0, since: 0 })
    }
  }

  private told(phase: DialPhase): void {
    const name: Name = phase.phase === "policy" ? "address" : phase.phase
    const state = phase.state === "started" ? "running" : phase.state
    if (name === "credential" && state !== "failed" && (state === "running" || phase.tookUS < 1000)) return // a credential that needs no request takes no time
    if (state === "running") this.skip(name)
    const fact = factOf(phase)
    this.phases.set(name, { state, fact: fact || this.phases.get(name)?.fact || "", tookUS: phase.tookUS, since: performance.now() })
    this.draw()
  }

  // skip removes the phases before one that begins, when they did not happen: an address
  // without a name needs no DNS.
  private skip(name: Name): void {
    for (const before of order.slice(0, order.indexOf(name))) {
      if (this.phases.get(before)?.state === "later") this.phases.delete(before)
    }
  }

  private failed(error: WireError): void {
    this.element.dataset.state = "failed"
    for (const phase of this.phases.values()) if (phase.state === "running") phase.state = "failed"
    if (error.code === "target_blocked") this.phases.set("address", { state: "failed", fact: say("test.blocked"), tookUS: 0, since: 0 })
    if (error.diagnosis) this.explain(error.diagnosis, error)
    else {
      this.outcome.hidden = false
      this.outcome.replaceChildren(element("h3", { "data-testid": "cause" }, visible(error.message)))
    }
  }

  // explain unfolds a diagnosis in place.
  private explain(found: Diagnosis, error: WireError | null): void {
    const { words, said } = found
    const cause = words === "" ? [found.cause] : [say("state.quote", { words }), found.cause.startsWith(said) ? found.cause.slice(said.length).trim() : found.cause]
    const parts: HTMLElement[] = cause.filter(Boolean).map((line, at) => element(at === 0 ? "h3" : "p", at === 0 ? { "data-testid": "cause" } : {}, visible(line)))
    if (found.fix) parts.push(element("p", { class: "test-fix", "data-testid": "fix" }, found.fix))
    const key = `page.action.${found.action}`
    if (found.action && has(key)) {
      const button = element("button", { type: "button", class: "button low", "data-testid": "action", "data-action": found.action }, say(key))
      button.addEventListener("click", () => this.deps.act(found.action, found.actionValue), { signal: this.stop.signal })
      parts.push(button)
    }
    const facts = found.facts.filter(({ key, value }) => key !== "phases" && value !== words)
    if (facts.length > 0) parts.push(element("dl", { class: "test-evidence", "data-testid": "evidence" }, ...facts.flatMap(({ name, value }) => name === "" ? [element("dd", { class: "whole" }, visible(value))] : [element("dt", {}, name), element("dd", {}, element("code", {}, visible(value)))])))
    if (error?.body) parts.push(element("details", { class: "fold" }, element("summary", {}, say("page.diagnosis.body")), element("pre", { class: "raw mono", tabindex: 0 }, visibleLines(error.body))))
    this.outcome.hidden = false
    this.outcome.replaceChildren(...parts)
  }

  private draw(): void {
    const { body, missing } = this.testing
    this.button.textContent = say(this.run ? "test.cancel" : "test.run")
    this.button.disabled = !this.run && (!body || missing)
    this.button.title = this.button.disabled ? say(missing && body ? "test.missing" : "test.waits") : ""
    if (this.element.dataset.state === "waiting") {
      this.outcome.hidden = false
      this.outcome.replaceChildren(element("p", {}, say(missing && body ? "test.missing" : "test.waits")))
      if (body && !missing) this.outcome.hidden = true
    }
    const shown = order.filter((name) => this.phases.has(name))
    for (const [name, row] of this.rows) {
      if (shown.includes(name)) continue
      row.remove()
      this.rows.delete(name)
    }
    shown.forEach((name, at) => {
      let row = this.rows.get(name)
      if (!row) {
        row = element("li", { "data-phase": name })
        this.rows.set(name, row)
      }
      if (this.list.children[at] !== row) this.list.insertBefore(row, this.list.children[at] ?? null)
      drawRow(row, name, this.phases.get(name) as Phase)
    })
    this.tick()
  }

  private tick(): void {
    const now = this.ended || performance.now()
    setText(this.time, this.began ? lasted(Math.max(1, Math.round((now - this.began) / 10)) * 10_000) : "")
    for (const [name, phase] of this.phases) {
      const place = this.rows.get(name)?.querySelector<HTMLElement>(".test-took")
      if (place && phase.state === "running") setText(place, lasted(Math.round(performance.now() - phase.since) * 1000))
    }
  }
}

function drawRow(row: HTMLElement, name: Name, { state, fact, tookUS }: Phase): void {
  if (row.dataset.drawn === `${state} ${fact}`) return
  row.dataset.drawn = `${state} ${fact}`
  row.dataset.state = state
  const marks = { later: "dot", running: "spin", done: "check", none: "dot", failed: "x" }
  const mark = element("span", { class: "test-mark" }, state === "running" ? element("span", { class: "spin" }) : state === "later" || state === "none" ? element("span", { class: "hollow" }) : icon(marks[state]))
  row.replaceChildren(
    mark,
    element("span", {}, say(`test.phase.${name}`)),
    element("span", { class: "test-fact", title: fact }, visible(fact)),
    element("span", { class: "test-took" }, tookUS > 0 && state !== "running" ? lasted(tookUS) : ""),
  )
  if (state === "failed") row.children[2]?.replaceChildren(fact && name === "address" ? visible(fact) : say("test.failed"))
}

function later(name: Name): string {
  return name === "close" ? say("test.close.will") : ""
}

// factOf tells what a phase has brought, or is waiting for.
function factOf(phase: DialPhase): string {
  const { state } = phase
  switch (phase.phase) {
    case "address": return state === "done" ? say("test.allowed") : ""
    case "policy": return say("test.blocked")
    case "credential": return state === "done" ? say("test.credential") : ""
    case "dns": {
      const [address = "", ...more] = phase.addresses
      return address ? say(more.length > 0 ? "test.addresses.other" : "test.addresses.one", { address, more: more.length }) : ""
    }
    case "tcp": return phase.remote ? say("test.port", { port: phase.remote.slice(phase.remote.lastIndexOf(":") + 1) }) : ""
    case "proxy": return phase.proxy
    case "tls": {
      const { tls } = phase
      if (!tls) return ""
      const version = tls.version.replace(/^TLS /, "")
      return tls.unverified ? say("test.tls.unverified", { version }) : say("test.tls", { version, day: date(tls.notAfterUS) })
    }
    case "upgrade":
      if (state === "started") return say("test.upgrade.waiting")
      return state === "done" ? (phase.subprotocol ? say("test.upgrade.protocol", { name: phase.subprotocol }) : say("test.upgrade.done", { status: phase.status })) : ""
    case "first_message": {
      const expected = phase.expected ? say("test.first.expected", { label: phase.expected }) : say(phase.expects ? "test.first.expects" : "test.first.none_expected")
      if (state === "started") return expected
      if (phase.first) return say("test.first.came", { label: phase.first.label || say(`kind.${phase.first.opcode}`), size: size(phase.first.size) })
      return phase.expects ? say("test.first.missing", { label: phase.expected || say("kind.text") }) : say("test.first.none")
    }
    case "close": {
      const { closed } = phase
      if (!closed) return say("test.close.will")
      if (!closed.byUS) return say("test.close.theirs", { code: closed.code })
      return say(closed.clean ? "test.close.done" : "test.close.cut")
    }
  }
}
