// The quiet line below an answer: its state and its figures.

import { count, lasted, plural, say, visible } from "../text"
import { element, type Component } from "../ui"
import type { Turn } from "../wire"
import { figuresOf, type Figures } from "./figures"

export interface Timed {
  turn: Turn
  nowUS: number // on the server's clock
}

// Part is one figure of the line; what stands in bold is the first of them.
interface Part {
  words: string
  strong?: string // that follows the words
}

export class Meta implements Component<Timed> {
  readonly element = element("p", { class: "turn-meta", "data-testid": "turn-meta" })
  private shown = ""

  update({ turn, nowUS }: Timed): void {
    const parts = partsOf(turn, nowUS)
    const key = `${turn.state}\n${parts.map(({ words, strong }) => `${words}${strong ?? ""}`).join("\n")}`
    if (key === this.shown) return
    this.shown = key
    const state = element("span", { class: "turn-state", "data-state": turn.state }, endOf(turn))
    const rest = parts.map(({ words, strong }) => element("span", {}, words, ...(strong ? [element("b", {}, strong)] : [])))
    this.element.replaceChildren(...(turn.state === "done" ? [...rest, state] : [state, ...rest]))
  }

  destroy(): void {
    this.element.remove()
  }
}

// stateOf returns the key of the word for a turn's state.
export function stateOf(turn: Turn): string {
  if (turn.state !== "open") return `turns.state.${turn.state}`
  if (turn.audioStartUS > 0 && turn.text.user === "" && turn.firstAudioUS === 0) return "turns.state.listening"
  return turn.firstTextUS > 0 || turn.firstAudioUS > 0 ? "turns.state.streaming" : "turns.state.waiting"
}

// endOf returns the word for a turn's state with the service's reason.
export function endOf(turn: Turn): string {
  const word = say(stateOf(turn))
  const why = turn.state === "done" ? turn.doneWhy : (turn.error?.code ?? "")
  return why === "" ? word : say("turns.why", { state: word, why: visible(why).slice(0, 60) })
}

// rateText formats a rate: 32 tok/s.
export function rateText(rate: NonNullable<Figures["rate"]>): string {
  const amount = rate.perSecond < 10 ? rate.perSecond.toFixed(1) : count(Math.round(rate.perSecond))
  return say(`turns.rate.${rate.unit}`, { rate: amount })
}

function partsOf(turn: Turn, nowUS: number): Part[] {
  const { firstText, firstWord, firstAudio, afterSpeech, took, rate, audioRate } = figuresOf(turn, nowUS)
  const parts: Part[] = []
  const add = (key: string, us: number | null): void => { if (us !== null) parts.push({ words: `${say(key)} `, strong: lasted(us) }) }
  add("turns.first_audio", firstAudio)
  add("turns.first_text", firstText)
  add("turns.first_word", firstWord)
  if (turn.state === "open" && turn.markUS > 0 && nowUS > turn.markUS && stateOf(turn) !== "turns.state.listening") parts.push({ words: lasted(Math.round((nowUS - turn.markUS) / 1e5) * 1e5) })
  if (took !== null) parts.push({ words: lasted(took) })
  add("turns.after_speech", afterSpeech)
  if (rate) parts.push({ words: rateText(rate) })
  if (audioRate !== null) parts.push({ words: say("turns.audio_rate", { rate: audioRate.toFixed(1) }) })
  parts.push({ words: plural("turns.messages", turn.messages, { count: count(turn.messages) }) })
  if (turn.unread > 0) parts.push({ words: plural("turns.unread", turn.unread, { count: count(turn.unread) }) })
  if (turn.textCut) parts.push({ words: say("turns.text_cut") })
  return parts
}

// offset formats a time in the speech: 0:02.1.
export function offset(us: number): string {
  const tenths = Math.floor(us / 100_000)
  const seconds = Math.floor(tenths / 10)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${tenths % 10}`
}
