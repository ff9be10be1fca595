// The quiet line below an answer: its state and its figures.

import { count, lasted, plural, say } from "../text"
import { element, type Component } from "../ui"
import type { Turn } from "../wire"
import { figuresOf } from "./figures"

export interface Timed {
  turn: Turn
  nowUS: number // on the server's clock
}

export class Meta implements Component<Timed> {
  readonly element = element("p", { class: "turn-meta", "data-testid": "turn-meta" })
  private shown = ""

  update({ turn, nowUS }: Timed): void {
    const parts = partsOf(turn, nowUS)
    const key = parts.join("\n")
    if (key === this.shown) return
    this.shown = key
    this.element.replaceChildren(
      element("span", { class: "turn-state", "data-state": turn.state }, say(stateOf(turn))),
      ...parts.map((part) => element("span", {}, part)),
    )
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

function partsOf(turn: Turn, nowUS: number): string[] {
  const { firstText, firstWord, firstAudio, afterSpeech, took, rate, audioRate } = figuresOf(turn)
  const parts: string[] = []
  const add = (key: string, us: number | null) => { if (us !== null) parts.push(say(key, { time: lasted(us) })) }
  add("turns.first_audio", firstAudio)
  add("turns.first_text", firstText)
  add("turns.first_word", firstWord)
  if (turn.state === "open" && turn.markUS > 0 && nowUS > turn.markUS && stateOf(turn) !== "turns.state.listening") parts.push(say("turns.running", { time: ((nowUS - turn.markUS) / 1e6).toFixed(1) }))
  add("turns.took", took)
  add("turns.after_speech", afterSpeech)
  if (rate) parts.push(say(`turns.rate.${rate.unit}`, { rate: rate.perSecond < 10 ? rate.perSecond.toFixed(1) : count(Math.round(rate.perSecond)) }))
  if (audioRate !== null) parts.push(say("turns.audio_rate", { rate: audioRate.toFixed(1) }))
  parts.push(plural("turns.messages", turn.messages, { count: count(turn.messages) }))
  if (turn.gaps && turn.gaps.p95US > 0) parts.push(say("turns.gap", { time: lasted(turn.gaps.p95US) }))
  if (turn.unread > 0) parts.push(plural("turns.unread", turn.unread, { count: count(turn.unread) }))
  return parts
}

// offset formats a time in the speech: 0:02.1.
export function offset(us: number): string {
  const tenths = Math.floor(us / 100_000)
  const seconds = Math.floor(tenths / 10)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${tenths % 10}`
}
