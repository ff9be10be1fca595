// One turn of a conversation: what a person said, the tools that were called, and what the
// service answered.

import { Flow } from "../prose"
import { clock, count, hms, lasted, plural, position, say, visible } from "../text"
import { figuresOf, type SpeechDeps, type TurnCard } from "../turns"
import { element, icon, iconButton, openMenu, placeBelow, setText } from "../ui"
import type { Stream, ToolCall, Turn } from "../wire"
import { PlayerBar, type Sound } from "./bar"
import { heardPart } from "./heard"
import { ToolChips } from "./tool-chip"

const hush = 700_000 // µs after the last frame of speech, until the answer is waited for

export interface VoiceDeps extends SpeechDeps {
  sound: Sound
  // details shows a turn at the right; call is a call of a tool.
  details(turn: Turn, call: ToolCall | null): void
}

export class VoiceCard implements TurnCard {
  private readonly stop = new AbortController()
  private readonly you: Utterance
  private readonly agent: Utterance
  private readonly tools: ToolChips
  private readonly toolRow: HTMLElement
  private turn: Turn | null = null

  readonly element: HTMLElement

  constructor(host: HTMLElement, private readonly deps: VoiceDeps) {
    const { signal } = this.stop
    this.element = host
    this.you = new Utterance("user", deps, () => this.open(null), signal)
    this.agent = new Utterance("answer", deps, () => this.open(null), signal)
    this.tools = new ToolChips((call) => this.open(call), signal)
    this.toolRow = element("div", { class: "say" }, element("div", {}), this.tools.element)
    this.element.classList.add("voice")
    this.element.append(this.you.element, this.toolRow, this.agent.element)
  }

  update(turn: Turn): void {
    this.turn = turn
    this.you.update(turn)
    this.agent.update(turn)
    this.tools.update(turn.tools)
    this.toolRow.hidden = turn.tools.length === 0
  }

  tick(): void {
    if (this.turn?.state === "open") this.agent.update(this.turn)
  }

  destroy(): void {
    this.stop.abort()
    this.you.destroy()
    this.agent.destroy()
    this.element.classList.remove("voice")
    this.element.replaceChildren()
  }

  private open(call: ToolCall | null): void {
    if (this.turn) this.deps.details(this.turn, call)
  }
}

// Utterance is what one side said.
class Utterance {
  readonly element: HTMLElement
  private readonly bubble: HTMLElement
  private readonly words: HTMLElement
  private readonly gone = element("del", { class: "unheard", hidden: true, title: say("speech.unheard") })
  private readonly said = element("span", {})
  private readonly meta = element("p", { class: "say-meta", hidden: true, "data-testid": "turn-meta" })
  private readonly time = element("span", {})
  private readonly error = element("div", { class: "turn-error", role: "note", "data-testid": "turn-error", hidden: true })
  private readonly flow = new Flow(this.said)
  private player: PlayerBar | null = null
  private turn: Turn | null = null
  private facts = ""
  private failure = ""

  constructor(private readonly stream: Stream, private readonly deps: VoiceDeps, open: () => void, private readonly signal: AbortSignal) {
    const isUser = stream === "user"
    this.words = element("p", { class: "say-words", "data-testid": isUser ? "turn-user" : "turn-text" }, this.said, this.gone)
    this.bubble = element("div", { class: "bubble" }, this.words, this.error, this.meta)
    this.element = element("div", { class: "say", "data-stream": stream }, element("div", { class: "side-note" }, element("b", {}, say(isUser ? "speech.you" : "speech.agent")), this.time), this.bubble)
    this.bubble.addEventListener("click", (event) => {
      const on = event.target instanceof Element ? event.target.closest("button, a, input") : null
      if (!on && !hasSelection()) open()
    }, { signal })
  }

  update(turn: Turn): void {
    this.turn = turn
    const isUser = this.stream === "user"
    const { audio, request, state, error } = turn
    const text = turn.text[this.stream] || (isUser ? request : "")
    const hasSound = isUser ? (audio?.userMS ?? 0) > 0 : (audio?.answerMS ?? 0) > 0 || turn.firstAudioUS > 0
    const isHeard = turn.markUS === 0 || (turn.markUS === turn.audioEndUS && this.deps.nowUS() - turn.audioEndUS < hush)
    const isListening = !isUser && state === "open" && isHeard
    this.element.hidden = text === "" && !hasSound && (isUser || isListening || (error === null && turn.tools.length > 0))
    if (this.element.hidden) return
    if (hasSound && !this.player) this.makePlayer(turn)
    this.player?.update(turn)
    this.drawWords(text, turn)
    const at = isUser ? turn.audioStartUS || turn.markUS : turn.firstAudioUS || turn.firstTextUS || turn.firstMessageUS || turn.markUS
    setText(this.time, at > 0 ? hms(at) : "")
    this.drawError(turn)
    this.drawMeta(isUser ? askedFacts(turn) : answeredFacts(turn, this.deps.nowUS()))
  }

  destroy(): void {
    this.player?.destroy()
    this.flow.destroy()
  }

  private makePlayer(turn: Turn): void {
    const more = iconButton("ellipsis", say("speech.more"), { class: "tool low", "aria-haspopup": "menu" })
    more.addEventListener("click", () => {
      const { turn: now } = this
      if (!now) return
      openMenu(say("speech.more"), [
        { name: say("speech.copy"), picture: "copy", run: () => void navigator.clipboard.writeText(now.text[this.stream]) },
        { name: say("speech.show_all"), picture: "list", run: () => this.deps.message(now.firstSeq) },
      ], placeBelow(more), document.body)
    }, { signal: this.signal })
    const name = say(this.stream === "user" ? "speech.you" : "speech.agent")
    this.player = new PlayerBar(this.deps.sound, turn, this.stream, name, more)
    this.bubble.prepend(this.player.element)
  }

  private drawWords(text: string, turn: Turn): void {
    const { interrupted, audio } = turn
    const { heard, unheard } = this.stream === "answer" && interrupted
      ? heardPart(text, interrupted.playedMS, audio?.answerMS ?? 0)
      : { heard: text, unheard: "" }
    this.flow.update(heard)
    this.flow.grows(this.stream === "answer" && turn.state === "open" && text !== "")
    this.gone.hidden = unheard === ""
    setText(this.gone, visible(unheard))
    this.words.hidden = text === ""
  }

  private drawMeta(facts: HTMLElement[]): void {
    const key = facts.map((fact) => `${fact.className} ${fact.textContent}`).join("\n")
    if (key === this.facts) return
    this.facts = key
    this.meta.hidden = facts.length === 0
    this.meta.replaceChildren(...facts)
  }

  private drawError(turn: Turn): void {
    const error = this.stream === "answer" ? turn.error : null
    const hint = error ? this.deps.hintOf(turn) : ""
    const key = error ? JSON.stringify([error, hint]) : ""
    if (key === this.failure) return
    this.failure = key
    this.error.hidden = !error
    if (!error) return
    const words = [error.code && !error.message.includes(error.code) ? error.code : "", error.message].filter(Boolean).join(": ")
    const link = element("button", { type: "button", class: "link", "data-testid": "turn-error-message" }, say("speech.message", { seq: error.seq }))
    link.addEventListener("click", () => this.deps.message(error.seq), { signal: this.signal })
    this.error.replaceChildren(icon("triangle-alert"), element("div", {},
      element("p", { class: "cause" }, say("speech.said", { words: visible(words || say("speech.no_words")) })),
      ...(hint ? [element("p", { class: "fix" }, hint)] : []),
      ...(error.seq > 0 ? [link] : []),
    ))
  }
}

function hasSelection(): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed
}

function fact(text: string, kind = ""): HTMLElement {
  return kind === "strong" ? element("b", {}, text) : element("span", kind ? { class: kind } : {}, text)
}

// askedFacts are those of a person's side.
function askedFacts(turn: Turn): HTMLElement[] {
  const out: HTMLElement[] = []
  if (turn.audioEndUS > 0 && turn.text.user !== "") out.push(fact(say("speech.ended", { time: clock(turn.audioEndUS) })))
  const heardUS = turn.segments.filter(({ stream, final }) => stream === "user" && final).at(-1)?.atUS ?? 0
  if (heardUS > turn.audioEndUS && turn.audioEndUS > 0) out.push(fact(say("speech.transcribed", { time: lasted(heardUS - turn.audioEndUS) })))
  return out
}

// answeredFacts are those of the service's side.
function answeredFacts(turn: Turn, nowUS: number): HTMLElement[] {
  const { interrupted, audio } = turn
  const { audioRate } = figuresOf(turn)
  const from = turn.audioEndUS || turn.markUS // as at the right
  const after = (us: number): string => lasted(us - from)
  const out: HTMLElement[] = []
  if (interrupted) {
    const whole = audio?.answerMS ?? 0
    out.push(element("span", { class: "broke", "data-testid": "interrupted" }, icon("x"), interrupted.playedMS > 0
      ? say("speech.interrupted", { time: lasted(interrupted.playedMS * 1000) })
      : say("speech.interrupted_unknown")))
    if (interrupted.playedMS > 0 && whole > interrupted.playedMS) out.push(fact(say("speech.unplayed", { time: lasted((whole - interrupted.playedMS) * 1000) })))
  }
  if (from > 0 && turn.firstAudioUS >= from) out.push(fact(say("speech.first_audio_after", { time: after(turn.firstAudioUS) }), "strong"))
  if (from > 0 && turn.firstTextUS >= from) out.push(fact(say("speech.first_text_after", { time: after(turn.firstTextUS) })))
  if (audioRate !== null) out.push(fact(say("speech.audio_rate", { rate: audioRate.toFixed(1) })))
  out.push(fact(plural("speech.messages", turn.messages, { count: count(turn.messages) })))
  if (interrupted && turn.state === "done") return out
  const running = turn.state === "open" && turn.markUS > 0 && nowUS > turn.markUS
  const state = element("span", { class: "turn-state", "data-state": turn.state }, say(`speech.state_of.${turn.state}`))
  if (running) state.append(` ${position(nowUS - turn.markUS)}`)
  out.push(state)
  return out
}
