// One turn: the request, folded to its first line, the answer as it grows, its figures, and
// its messages on demand.

import { Prose } from "../prose"
import { clock, hms, say, visible, visibleLines } from "../text"
import { element, icon, iconButton, setIcon, setText } from "../ui"
import type { Turn } from "../wire"
import type { SpeechDeps, TurnCard } from "./cards"
import { Meta, offset } from "./meta"
import { TurnRows, type RowsDeps } from "./rows"
import { Spark } from "./spark"

export interface CardDeps extends SpeechDeps, RowsDeps {
  session(): string
  message(seq: number): void
  // timing shows the time of a turn in the charts.
  timing(turn: Turn): void
  // stopsBy names the message that stops an answer; "" where the dialect cannot.
  stopsBy(): string
  stop(): void
  // word shows the message that brought a place of the answer; open, in the log.
  word(turn: Turn, at: number, open: boolean): void
  // memory returns what is unfolded in a card, which lives longer than the card.
  memory(n: number): CardMemory
}

export interface CardMemory {
  request: boolean
  rows: "none" | "few" | "all"
}

const firstLine = 300 // characters of a folded request
const feedback = 1200 // ms

export class Card implements TurnCard {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly chevron = icon("chevron-right")
  private readonly request = element("span", { class: "turn-request", "data-testid": "turn-request" })
  private readonly time = element("span", { class: "turn-time" })
  private readonly number = element("span", { class: "turn-no" })
  private readonly head: HTMLButtonElement
  private readonly whole = element("div", { class: "turn-whole", hidden: true, tabindex: 0 })
  private readonly words = element("div", { class: "turn-text", "data-testid": "turn-text" })
  private readonly answer = new Prose(this.words)
  private readonly error = element("div", { class: "turn-error", role: "note", "data-testid": "turn-error", hidden: true })
  private readonly meta = new Meta()
  private readonly spark = new Spark()
  private readonly halt = iconButton("square", "", { class: "tool low turn-stop", hidden: true, "data-testid": "turn-stop" })
  private readonly showIcon = icon("list")
  private readonly showWord = element("span", { class: "turn-show-word" })
  private readonly show = element("button", { type: "button", class: "button ghost low", "aria-expanded": "false", "data-testid": "turn-messages" }, this.showIcon, this.showWord)
  private readonly copyButton = iconButton("copy", say("turns.copy"), { class: "tool low", "data-testid": "turn-copy" })
  private rows: TurnRows | null = null
  private turn: Turn | null = null
  private failure = ""
  private memory: CardMemory = { request: false, rows: "none" }

  constructor(host: HTMLElement, private readonly deps: CardDeps) {
    const { signal } = this.stop
    this.element = host
    this.head = element("button", { type: "button", class: "turn-head", "aria-expanded": "false", "data-testid": "turn-head", title: say("turns.request.show") },
      this.chevron, element("span", { class: "sent", "aria-hidden": "true" }, "↑"), this.request, this.time, this.number)
    const foot = element("footer", { class: "turn-foot" }, this.meta.element, this.spark.element, element("span", { class: "turn-spring" }), this.copyButton, this.halt, this.show)
    this.copyButton.title = say("turns.copy.title")
    this.head.addEventListener("click", () => this.toggleRequest(), { signal })
    this.copyButton.addEventListener("click", (event) => void this.copy(event.shiftKey), { signal })
    this.show.addEventListener("click", () => this.toggleRows(), { signal })
    this.halt.addEventListener("click", () => deps.stop(), { signal })
    this.spark.element.addEventListener("click", () => this.turn && deps.timing(this.turn), { signal })
    this.words.addEventListener("click", (event) => this.word(event, false), { signal })
    this.words.addEventListener("dblclick", (event) => this.word(event, true), { signal })
    host.append(this.head, this.whole, this.words, this.error, foot)
  }

  update(turn: Turn): void {
    if (!this.turn) this.memory = this.deps.memory(turn.n)
    this.turn = turn
    this.drawHead(turn)
    const { answer } = turn.text
    this.answer.update(answer)
    this.answer.grows(turn.state === "open" && answer !== "")
    this.words.hidden = answer === "" && (turn.error !== null || turn.state !== "open")
    this.copyButton.hidden = answer === ""
    this.drawError(turn)
    this.drawRows(turn)
    this.spark.update({ gaps: turn.gaps, medianUS: this.deps.medianUS() })
    this.tick()
  }

  // tick redraws the running time.
  tick(): void {
    const { turn } = this
    if (!turn) return
    this.meta.update({ turn, nowUS: this.deps.nowUS() })
    const by = turn.state === "open" ? this.deps.stopsBy() : ""
    this.halt.hidden = by === ""
    if (by) {
      const title = say("turns.stop", { label: visible(by) })
      this.halt.title = title
      this.halt.setAttribute("aria-label", title)
    }
  }

  toggleRequest(): void {
    this.memory.request = !this.memory.request
    if (this.turn) this.drawHead(this.turn)
  }

  toggleRows(): void {
    this.memory.rows = this.memory.rows === "none" ? "few" : "none"
    if (this.turn) this.drawRows(this.turn)
  }

  // copy copies the answer as it reads, or as it came.
  async copy(asMarkdown: boolean): Promise<void> {
    const { turn } = this
    if (!turn) return
    try {
      await navigator.clipboard.writeText(asMarkdown ? turn.text.answer : this.answer.plain())
    } catch {
      return // the browser does not allow it; the text can still be selected
    }
    this.copyButton.classList.add("done")
    window.setTimeout(() => this.copyButton.classList.remove("done"), feedback)
  }

  // range returns where a part of the answer is on the page.
  range(from: number, to: number): Range | null {
    return this.answer.range(from, to)
  }

  destroy(): void {
    this.stop.abort()
    this.answer.destroy()
    this.rows?.destroy()
    this.element.replaceChildren()
  }

  private drawHead(turn: Turn): void {
    const { request, state } = turn
    const isOpen = this.memory.request
    const line = requestLine(turn)
    setText(this.request, line)
    this.request.classList.toggle("quiet", request === "")
    const at = turn.markUS || turn.audioStartUS || turn.firstMessageUS
    setText(this.time, at ? hms(at) : "")
    this.time.title = at ? clock(at) : ""
    setText(this.number, `#${turn.n}`)
    this.head.setAttribute("aria-expanded", String(isOpen))
    this.whole.hidden = !isOpen
    setText(this.whole, isOpen ? visibleLines(request) || say("turns.request.none") : "")
    this.element.dataset.state = state
  }

  private drawRows(turn: Turn): void {
    const { memory } = this
    const isShown = memory.rows !== "none"
    this.show.setAttribute("aria-expanded", String(isShown))
    setIcon(this.showIcon, isShown ? "chevron-up" : "list")
    setText(this.showWord, say(isShown ? "turns.hide_messages" : "turns.show_messages"))
    this.show.title = say(isShown ? "turns.hide_messages" : "turns.show_messages")
    if (!isShown) {
      this.rows?.destroy()
      this.rows = null
      return
    }
    if (!this.rows) {
      this.rows = new TurnRows(this.deps, memory.rows === "all", () => { memory.rows = "all" })
      this.element.append(this.rows.element)
    }
    this.rows.update(turn)
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

  // word finds the message that brought a clicked word. A click that selects text, or follows a
  // link, means something else.
  private word(event: MouseEvent, isDouble: boolean): void {
    const { turn } = this
    if (!turn || (event.target as Element).closest("a")) return
    if (!isDouble && !(getSelection()?.isCollapsed ?? true)) return
    const caret = caretAt(event.clientX, event.clientY)
    const at = caret ? this.answer.placeAt(caret.node, caret.offset) : -1
    if (at >= 0) this.deps.word(turn, at, isDouble)
  }
}

// caretAt returns the character at a place on the screen.
function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  if ("caretPositionFromPoint" in document) {
    const found = document.caretPositionFromPoint(x, y)
    return found ? { node: found.offsetNode, offset: found.offset } : null
  }
  const range = (document as { caretRangeFromPoint?(x: number, y: number): Range | null }).caretRangeFromPoint?.(x, y) ?? null
  return range ? { node: range.startContainer, offset: range.startOffset } : null
}

// requestLine returns the first line of a request, or words for one without a text.
export function requestLine(turn: Turn): string {
  const request = turn.request.trim()
  if (request !== "") return visible(request.slice(0, firstLine).replace(/\s+/g, " "))
  if (turn.audioStartUS > 0) return say("turns.speech", { time: offset(Math.max(0, (turn.audioEndUS || turn.audioStartUS) - turn.audioStartUS)) })
  return turn.markUS > 0 ? say("turns.message", { seq: turn.markSeq || turn.firstSeq }) : say("turns.unasked")
}
