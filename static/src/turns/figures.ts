// The figures of a turn: times from the mark; of speech from its end, or from its beginning for
// recognisers.

import type { Turn } from "../wire"

export interface Figures {
  firstText: number | null // µs from the last frame of speech, else from the mark
  firstWord: number | null // µs from the first frame of speech, of a text that came before the mark
  firstAudio: number | null // µs from the same
  afterSpeech: number | null // µs from the last frame of speech to the end
  took: number | null // µs from the mark to the end
  rate: { perSecond: number; unit: "tokens" | "characters" } | null
  audioRate: number | null // seconds of audio in a second
}

const leastSpan = 50_000 // µs; a rate over a shorter time says nothing

// isSlow reports whether a gap is slow beside the median of its session.
export function isSlow(us: number, medianUS: number): boolean {
  return medianUS > 0 && us > 2 * medianUS && us - medianUS >= slowUS
}

const slowUS = 30_000 // that a slow gap is longer than the median at least

// known holds the figures of turns that do not change any more.
const known = new WeakMap<Turn, Figures>()

// figuresOf returns the figures of a turn; nowUS ends the rate of an open one.
export function figuresOf(turn: Turn, nowUS = 0): Figures {
  const found = known.get(turn)
  if (found) return found
  const figures = compute(turn, nowUS)
  if (turn.state !== "open") known.set(turn, figures)
  return figures
}

function compute(turn: Turn, nowUS: number): Figures {
  const { markUS, audioStartUS, audioEndUS, firstTextUS, firstAudioUS, doneUS } = turn
  const isSpoken = audioStartUS > 0
  const early = isSpoken && firstTextUS > 0 && (markUS === 0 || firstTextUS < markUS)
  return {
    firstText: early ? null : between(audioEndUS || markUS, firstTextUS),
    firstWord: early ? between(audioStartUS, firstTextUS) : null,
    firstAudio: between(audioEndUS || markUS, firstAudioUS),
    afterSpeech: isSpoken ? between(audioEndUS, doneUS) : null,
    took: isSpoken ? null : between(markUS, doneUS),
    rate: isSpoken && turn.text.user === "" ? null : rateOf(turn, nowUS),
    audioRate: audioRateOf(turn),
  }
}

function between(from: number, to: number): number | null {
  return from > 0 && to >= from ? to - from : null
}

function rateOf({ state, firstTextUS, doneUS, usage, text }: Turn, nowUS: number): Figures["rate"] {
  const span = between(firstTextUS, state === "open" ? nowUS : doneUS)
  if (span === null || span < leastSpan) return null
  const tokens = usage["output_tokens"] ?? 0
  const [amount, unit] = tokens > 0 ? [tokens, "tokens" as const] : [[...text.answer].length, "characters" as const]
  return amount > 0 ? { perSecond: (amount * 1e6) / span, unit } : null
}

function audioRateOf({ audio, firstAudioUS, doneUS }: Turn): number | null {
  const span = between(firstAudioUS, doneUS)
  return audio && audio.answerMS > 0 && span !== null && span >= leastSpan ? (audio.answerMS * 1000) / span : null
}
