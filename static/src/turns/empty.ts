// What stands in place of turns: that there are none yet, that they are being read, that the
// dialect finds none and which one would.

import { count, say, visible } from "../text"
import { element, type Component } from "../ui"

export interface Offer {
  name: string // of a dialect; "" is reading without one
  title: string
}

export interface Emptiness {
  kind: "none" | "quiet" | "reading" | "cancelled" | "failed" | "unfound" | "filled"
  isTranscript: boolean
  messages: number
  problem: string
  dialect: string // its title; "" for none
  fields: readonly string[] // that the dialect looks for
  offer: Offer | null
}

export interface EmptyDeps {
  use(name: string): void
  messages(): void
  cancel(): void
  read(): void
}

const barsAfter = 300 // ms
const countAfter = 2000 // ms

export class Empty implements Component<Emptiness> {
  readonly element = element("div", { class: "turns-empty", "data-testid": "turns-empty", role: "status" })
  private shown = ""
  private readonly stop = new AbortController()
  private timers: number[] = []

  constructor(private readonly deps: EmptyDeps) {}

  update(emptiness: Emptiness): void {
    const key = JSON.stringify(emptiness.kind === "reading" ? "reading" : emptiness)
    if (key === this.shown) return
    this.shown = key
    this.clear()
    this.element.dataset.kind = emptiness.kind
    switch (emptiness.kind) {
      case "none":
      case "filled": return this.draw([])
      case "quiet": return this.draw([heading(say("turns.quiet")), words(say("turns.empty.live"))])
      case "reading": return this.wait(emptiness.messages)
      case "cancelled": return this.draw([heading(say("turns.cancelled")), acts(this.button("turns.read", () => this.deps.read(), true), this.showMessages())])
      case "failed": return this.draw([heading(say("turns.failed")), words(emptiness.problem), acts(this.button("turns.read_again", () => this.deps.read(), true), this.showMessages())])
      case "unfound": return this.draw(this.unfound(emptiness))
    }
  }

  destroy(): void {
    this.clear()
    this.stop.abort()
    this.element.remove()
  }

  private clear(): void {
    for (const timer of this.timers) window.clearTimeout(timer)
    this.timers = []
    this.element.replaceChildren()
  }

  private draw(parts: readonly Node[]): void {
    this.element.hidden = parts.length === 0
    this.element.replaceChildren(...parts)
  }

  // wait shows nothing for a moment, then grey bars, and then how much is read.
  private wait(messages: number): void {
    this.draw([])
    this.timers.push(window.setTimeout(() => this.draw([bars()]), barsAfter))
    this.timers.push(window.setTimeout(() => {
      this.draw([bars(), words(messages > 0 ? say("turns.reading", { count: count(messages) }) : say("turns.reading.some")), acts(this.button("turns.cancel", () => this.deps.cancel(), false))])
    }, countAfter))
  }

  private unfound({ isTranscript, messages, dialect, fields, offer }: Emptiness): Node[] {
    const field = fields.map((path) => path.replace(/^\$\.?/, "")).slice(0, 3).join(", ")
    const amount = count(messages)
    const why = dialect && field ? say("turns.unfound.field", { count: amount, field, dialect: visible(dialect) }) : say("turns.unfound.any", { count: amount })
    const use = offer ? [this.button(offer.name === "" ? "turns.use_none" : "turns.use", () => this.deps.use(offer.name), true, { dialect: visible(offer.title) })] : []
    return [heading(say(isTranscript ? "turns.unfound.transcript" : "turns.unfound")), words(why), acts(...use, this.showMessages())]
  }

  private showMessages(): HTMLElement {
    return this.button("turns.show_messages", () => this.deps.messages(), false)
  }

  private button(key: string, run: () => void, isFirst: boolean, values: Record<string, string> = {}): HTMLElement {
    const button = element("button", { type: "button", class: isFirst ? "button primary low" : "button low", "data-testid": key.replace(/[._]/g, "-") }, say(key, values))
    button.addEventListener("click", run, { signal: this.stop.signal })
    return button
  }
}

function heading(text: string): HTMLElement {
  return element("h2", {}, text)
}

function words(text: string): HTMLElement {
  return element("p", {}, text)
}

function acts(...buttons: HTMLElement[]): HTMLElement {
  return element("div", { class: "acts" }, ...buttons)
}

function bars(): HTMLElement {
  return element("div", { class: "turns-bars", "aria-hidden": "true" }, element("i", {}), element("i", {}), element("i", {}))
}
