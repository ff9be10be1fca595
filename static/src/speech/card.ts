// One turn: the request, folded to its first line, the answer as it grows, and its figures.

import { Flow } from "../prose"
import { clock, say, visible, visibleLines } from "../text"
import { Meta, requestLine, type SpeechDeps, type TurnCard } from "../turns"
import { element, icon, iconButton, setText, type Component } from "../ui"
import type { Stream, Turn } from "../wire"
import { Segments } from "./segments"
import { Strip, type Sound } from "./strip"

export interface SpokenCardDeps extends SpeechDeps {
  sound: Sound
}

export class SpokenCard implements TurnCard {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly chevron = icon("chevron-right")
  private readonly way = icon("arrow-up")
  private readonly request = element("span", { class: "turn-request", "data-testid": "turn-request" })
  private readonly time = element("span", { class: "turn-time" })
  private readonly head: HTMLButtonElement
  private readonly whole = element("div", { class: "turn-whole", hidden: true })
  private readonly user = new Side("user")
  private readonly answer = new Side("answer")
  private readonly error = element("div", { class: "turn-error", role: "note", "data-testid": "turn-error", hidden: true })
  private readonly meta = new Meta()
  private turn: Turn | null = null
  private failure = ""

  constructor(host: HTMLElement, private readonly deps: SpokenCardDeps) {
    const { signal } = this.stop
    this.element = host
    this.head = element("button", { type: "button", class: "turn-head", "aria-expanded": "false", "data-testid": "turn-head" }, this.chevron, this.way, this.request, this.time)
    const copy = iconButton("copy", say("turns.copy"), { "data-testid": "turn-copy" })
    const show = element("button", { type: "button", class: "button quiet", "data-testid": "turn-messages" }, icon("list"), element("span", {}, say("turns.show_messages")))
    this.head.addEventListener("click", () => this.unfold(this.whole.hidden !== false), { signal })
    copy.addEventListener("click", () => void this.copy(copy), { signal })
    show.addEventListener("click", () => this.turn && deps.message(this.turn.firstSeq), { signal })
    host.append(this.head, this.whole, this.user.element, this.answer.element, this.error, element("footer", { class: "turn-foot" }, this.meta.element, copy, show))
  }

  update(turn: Turn): void {
    const isFirst = this.turn === null
    this.turn = turn
    if (isFirst) this.begin(turn)
    this.drawHead(turn)
    const hasAnswerSound = (turn.audio?.answerMS ?? 0) > 0 || turn.firstAudioUS > 0
    this.user.update({ turn, hasSound: (turn.audio?.userMS ?? 0) > 0 && turn.state !== "open", isVoice: isVoice(turn) })
    this.answer.update({ turn, hasSound: hasAnswerSound, isVoice: isVoice(turn) })
    this.drawError(turn)
    this.tick()
  }

  // tick redraws the running time.
  tick(): void {
    if (this.turn) this.meta.update({ turn: this.turn, nowUS: this.deps.nowUS() })
  }

  destroy(): void {
    this.stop.abort()
    this.user.destroy()
    this.answer.destroy()
    this.element.replaceChildren()
  }

  private begin(turn: Turn): void {
    this.user.listen(turn, this.deps.sound)
    this.answer.listen(turn, this.deps.sound)
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

interface Shown {
  turn: Turn
  hasSound: boolean
  isVoice: boolean
}

// Side is the text and the sound of one side of a turn.
class Side implements Component<Shown> {
  readonly element: HTMLElement
  private readonly words: HTMLElement
  private strip: Strip | null = null
  private flow: Flow | null = null
  private segments: Segments | null = null
  private listening: { turn: Turn; sound: Sound } | null = null

  constructor(private readonly stream: Stream) {
    this.words = element("div", { class: "turn-text", "data-testid": stream === "answer" ? "turn-text" : "turn-user" })
    this.element = element("div", { class: "turn-side", "data-stream": stream, hidden: true }, this.words)
  }

  listen(turn: Turn, sound: Sound): void {
    this.listening = { turn, sound }
  }

  update({ turn, hasSound, isVoice }: Shown): void {
    const text = turn.text[this.stream]
    const segments = turn.segments.filter(({ stream }) => stream === this.stream)
    const isOpen = turn.state === "open"
    this.element.hidden = this.stream === "user" && text === "" && !hasSound
    this.element.dataset.speaker = isVoice ? say(this.stream === "user" ? "turns.you" : "turns.agent") : ""
    if (segments.length > 0 && !isVoice) this.drawSegments(turn, segments, text)
    else this.drawText(text)
    this.flow?.grows(isOpen && this.stream === "answer" && text !== "")
    this.words.hidden = text === "" && (hasSound || turn.error !== null || !isOpen)
    if (hasSound && !this.strip && this.listening) {
      this.strip = new Strip(this.listening.sound, turn, this.stream)
      this.element.prepend(this.strip.element)
    }
    this.strip?.update(turn)
  }

  destroy(): void {
    this.strip?.destroy()
    this.flow?.destroy()
    this.segments?.destroy()
  }

  private drawText(text: string): void {
    if (this.segments) this.segments.destroy()
    this.segments = null
    this.words.classList.remove("transcript")
    this.flow ??= new Flow(this.words)
    this.flow.update(text)
  }

  private drawSegments(turn: Turn, segments: Turn["segments"], joined: string): void {
    this.flow?.destroy()
    this.flow = null
    this.words.classList.add("transcript")
    this.segments ??= new Segments(this.words)
    this.segments.update({ segments, joined, startUS: turn.audioStartUS })
  }
}

// isVoice reports whether both sides of a turn speak.
export function isVoice(turn: Turn): boolean {
  return turn.text.user !== "" || (turn.audio !== null && turn.audio.userMS > 0 && turn.audio.answerMS > 0)
}
