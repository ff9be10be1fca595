// One turn: the request, folded to its first line, the answer as it grows, and its figures.

import { Flow } from "../prose"
import { clock, say, visible, visibleLines } from "../text"
import { element, icon, iconButton, setText} from "../ui"
import type { Turn } from "../wire"
import type { SpeechDeps, TurnCard } from "./cards"
import { Meta, offset } from "./meta"

export type CardDeps = SpeechDeps

const firstLine = 200 // characters of a folded request

export class Card implements TurnCard {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly chevron = icon("chevron-right")
  private readonly way = icon("arrow-up")
  private readonly request = element("span", { class: "turn-request", "data-testid": "turn-request" })
  private readonly time = element("span", { class: "turn-time" })
  private readonly head: HTMLButtonElement
  private readonly whole = element("div", { class: "turn-whole", hidden: true })
  private readonly words = element("div", { class: "turn-text", "data-testid": "turn-text" })
  private readonly answer = new Flow(this.words)
  private readonly error = element("div", { class: "turn-error", role: "note", "data-testid": "turn-error", hidden: true })
  private readonly meta = new Meta()
  private turn: Turn | null = null
  private failure = ""

  constructor(host: HTMLElement, private readonly deps: CardDeps) {
    const { signal } = this.stop
    this.element = host
    this.head = element("button", { type: "button", class: "turn-head", "aria-expanded": "false", "data-testid": "turn-head" }, this.chevron, this.way, this.request, this.time)
    const copy = iconButton("copy", say("turns.copy"), { "data-testid": "turn-copy" })
    const show = element("button", { type: "button", class: "button quiet", "data-testid": "turn-messages" }, icon("list"), element("span", {}, say("turns.show_messages")))
    this.head.addEventListener("click", () => this.unfold(this.whole.hidden !== false), { signal })
    copy.addEventListener("click", () => void this.copy(copy), { signal })
    show.addEventListener("click", () => this.turn && deps.message(this.turn.firstSeq), { signal })
    host.append(this.head, this.whole, this.words, this.error, element("footer", { class: "turn-foot" }, this.meta.element, copy, show))
  }

  update(turn: Turn): void {
    this.turn = turn
    this.drawHead(turn)
    this.answer.update(turn.text.answer)
    this.answer.grows(turn.state === "open" && turn.text.answer !== "")
    this.words.hidden = turn.text.answer === "" && (turn.error !== null || turn.state !== "open")
    this.drawError(turn)
    this.tick()
  }

  // tick redraws the running time.
  tick(): void {
    if (this.turn) this.meta.update({ turn: this.turn, nowUS: this.deps.nowUS() })
  }

  destroy(): void {
    this.stop.abort()
    this.answer.destroy()
    this.element.replaceChildren()
  }

  private drawHead(turn: Turn): void {
    const { request, state } = turn
    const line = requestLine(turn)
    setText(this.request, line)
    this.request.classList.toggle("quiet", request === "")
    const at = turn.markUS || turn.audioStartUS || turn.firstMessageUS
    setText(this.time, `${at ? clock(at).slice(0, 8) : ""} #${turn.n}`.trim())
    const folds = request.trim() !== "" && request.trim() !== line
    this.head.disabled = !folds
    this.chevron.classList.toggle("none", !folds)
    if (!this.whole.hidden) setText(this.whole, visibleLines(request))
    this.element.dataset.state = state
  }

  private unfold(on: boolean): void {
    this.whole.hidden = !on
    this.head.setAttribute("aria-expanded", String(on))
    setText(this.whole, on ? visibleLines(this.turn?.request ?? "") : "")
  }

  private drawError(turn: Turn): void {
    const { error, state } = turn
    const hint = error ? this.deps.hintOf(turn) : ""
    const key = error ? JSON.stringify([error, hint, state]) : ""
    if (key === this.failure) return
    this.failure = key
    this.error.hidden = !error
    if (!error) return
    const words = [error.code && !error.message.includes(error.code) ? error.code : "", error.message].filter(Boolean).join(": ")
    const link = element("button", { type: "button", class: "link", "data-testid": "turn-error-message" }, say("turns.message", { seq: error.seq }))
    link.addEventListener("click", () => this.deps.message(error.seq), { signal: this.stop.signal })
    this.error.replaceChildren(
      icon("triangle-alert"),
      element("div", {},
        element("p", { class: "cause" }, say("turns.said", { words: visible(words || say("turns.no_words")) })),
        ...(hint ? [element("p", { class: "fix" }, hint)] : []),
        ...(error.seq > 0 ? [link] : []),
      ),
    )
  }

  private async copy(button: HTMLElement): Promise<void> {
    const { turn } = this
    if (!turn) return
    try {
      await navigator.clipboard.writeText(turn.text.answer || turn.text.user)
      button.classList.add("done")
      window.setTimeout(() => button.classList.remove("done"), 1200)
    } catch {
      // The browser does not allow it; the text can still be selected.
    }
  }
}

// requestLine returns the first line of a request, or words for one without a text.
export function requestLine(turn: Turn): string {
  const request = turn.request.trim()
  if (request !== "") return visible((request.split("\n", 1)[0] ?? "").slice(0, firstLine))
  if (turn.audioStartUS > 0) return say("turns.speech", { time: offset(Math.max(0, (turn.audioEndUS || turn.audioStartUS) - turn.audioStartUS)) })
  return turn.markUS > 0 ? say("turns.message", { seq: turn.firstSeq }) : say("turns.unasked")
}
