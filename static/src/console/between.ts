// What is shown in the middle while there is nothing to read: the steps of a connect, and a
// connection that is quiet so far.

import { elapsed, has, lasted, say } from "../text"
import { element, icon, setText, type Component } from "../ui"
import type { DialStep } from "./state"

const patience = 5000 // ms until the page says what it waits for

// Steps of Duplex itself are shown only where they take time.
const own = new Set(["address", "credential"])
const noticed = 50_000 // µs

export type Middle =
  | { kind: "connecting"; ms: number; steps: readonly DialStep[]; isGateway: boolean }
  | ({ kind: "quiet"; ms: number } & Quiet)
  | null

export interface Quiet {
  isAsked: boolean // the service answers when it is asked
  hasExample: boolean
}

export class Between implements Component<Middle> {
  readonly element = element("div", { class: "between", hidden: true, "data-testid": "between" })
  private readonly stop = new AbortController()
  private readonly title = element("h2", {})
  private readonly steps = element("ol", { class: "live-steps", "data-testid": "live-steps" })
  private readonly words = element("span", { role: "status" })
  private readonly since = element("span", {})
  private readonly example = element("button", { type: "button", class: "button low", "data-testid": "send-example" }, say("state.quiet.example"))
  private drawn = ""

  constructor(host: HTMLElement, example: () => void) {
    this.element.append(this.title, this.steps, element("p", { class: "quiet" }, this.since, " ", this.words), this.example)
    this.example.addEventListener("click", example, { signal: this.stop.signal })
    host.append(this.element)
  }

  update(middle: Middle): void {
    this.element.hidden = middle === null
    if (!middle) return
    const isConnecting = middle.kind === "connecting"
    this.element.dataset.kind = middle.kind
    this.steps.hidden = !isConnecting
    this.example.hidden = isConnecting || !middle.hasExample
    setText(this.title, say(isConnecting ? "state.connecting" : "state.quiet"))
    setText(this.since, isConnecting ? "" : say("state.quiet.since", { time: elapsed(middle.ms * 1000).replace(/^0(?=\d:)/, "") }))
    if (isConnecting) this.drawSteps(middle.steps)
    setText(this.words, isConnecting ? this.waitingFor(middle.ms, middle.steps, middle.isGateway) : middle.isAsked ? say("state.quiet.asked") : "")
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private drawSteps(steps: readonly DialStep[]): void {
    const shown = steps.filter(({ name, state, tookUS }) => !(state === "done" && own.has(name) && tookUS < noticed))
    const key = JSON.stringify(shown)
    if (key === this.drawn) return
    this.drawn = key
    this.steps.replaceChildren(...shown.map(({ name, state, tookUS }) => {
      const mark = state === "started" ? element("span", { class: "spin" }) : icon(state === "done" ? "check" : "x")
      return element("li", { "data-state": state, "data-step": name }, mark, say(`state.step.${name}`), ...(state === "done" ? [element("span", { class: "quiet" }, lasted(tookUS))] : []))
    }))
  }

  // waitingFor names what a slow connect waits for.
  private waitingFor(ms: number, steps: readonly DialStep[], isGateway: boolean): string {
    if (ms < patience) return ""
    const at = steps.find(({ state }) => state === "started")?.name ?? "address"
    const key = `state.slow.${at}`
    if (isGateway && has(`${key}.gateway`)) return say(`${key}.gateway`)
    return has(key) ? say(key) : ""
  }
}
