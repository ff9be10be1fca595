// Figures of a part of a session: medians, the mark of slow ones, rates.

import type { Series, TurnFigures } from "../wire"

// Measured is a turn with the figures of the table. null did not happen. Durations are µs.
export interface Measured {
  turn: TurnFigures
  startUS: number // of its bar
  firstText: number | null
  firstAudio: number | null
  done: number | null
  amount: number | null // tokens, else characters
  rate: number | null // of them, a second
  gap: number | null
}

const leastSpan = 50_000 // µs; a rate over a shorter time says nothing

// measured returns the figures of a turn. Times count from the mark; the first of an answer to
// speech from the end of the speech, as on its card. A text that came before the mark, as
// recognisers give it, counts from the beginning of the speech.
export function measured(turn: TurnFigures, unit: Series["rateUnit"]): Measured {
  const { markUS, audioEndUS, firstTextUS, firstAudioUS, doneUS, fromUS } = turn
  const startUS = markUS || fromUS
  const isEarly = firstTextUS > 0 && firstTextUS < startUS
  const amount = unit === "tokens" ? turn.tokens : turn.characters
  const span = after(firstTextUS, doneUS)
  return {
    turn,
    startUS,
    firstText: after(isEarly ? fromUS : audioEndUS || startUS, firstTextUS),
    firstAudio: after(audioEndUS || startUS, firstAudioUS),
    done: after(startUS, doneUS),
    amount: amount > 0 ? amount : null,
    rate: amount > 0 && span !== null && span >= leastSpan ? (amount * 1e6) / span : null,
    gap: turn.gapP95,
  }
}

function after(from: number, to: number): number | null {
  return from > 0 && to >= from ? to - from : null
}

// first is the first text of a turn, else its first audio.
export function first({ firstText, firstAudio }: Measured): number | null {
  return firstText ?? firstAudio
}

// median returns the middle of the numbers, by nearest rank; null of none.
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? null
}

const slowFactor = 2
const slowLeast = 30_000 // µs

// isSlow reports whether a duration is over twice the median and at least 30 ms more.
export function isSlow(us: number | null, usual: number | null): boolean {
  return us !== null && usual !== null && us > slowFactor * usual && us - usual >= slowLeast
}

// joined closes the holes between two figures of which the later one tells that nothing was
// between them: undefined is drawn as a line, null as a hole.
export function joined(values: readonly (number | null)[], longest: readonly (number | null)[], stepUS: number): (number | null | undefined)[] {
  const out: (number | null | undefined)[] = [...values]
  let last = -1
  values.forEach((value, index) => {
    if (value === null) return
    const holes = index - last - 1
    if (last >= 0 && holes > 0 && (longest[index] ?? 0) >= holes * stepUS) out.fill(undefined, last + 1, index)
    last = index
  })
  return out
}

// isolated returns the places of values that no line reaches.
export function isolated(values: readonly (number | null | undefined)[]): number[] {
  const isHole = (index: number) => index < 0 || index >= values.length || values[index] === null
  return [...values.keys()].filter((index) => typeof values[index] === "number" && isHole(index - 1) && isHole(index + 1))
}

// coarser adds neighbouring steps together so that at most so many are left.
export function coarser(values: readonly number[], most: number): { values: number[]; of: number } {
  const of = Math.max(1, Math.ceil(values.length / most))
  const out: number[] = []
  values.forEach((value, index) => {
    const at = Math.floor(index / of)
    out[at] = (out[at] ?? 0) + value
  })
  return { values: out, of }
}

const leastAmount = 3 // messages in a step, where some came
const leastSteps = 10

// smoothed spreads amounts evenly over several steps where most steps have one or none: single
// messages are no peaks.
export function smoothed(amounts: readonly number[]): number[] {
  const some = amounts.filter((amount) => amount > 0)
  const mean = sum(some) / Math.max(1, some.length)
  const gaps = Math.max(1, Math.round(amounts.length / Math.max(1, some.length)))
  const of = mean >= leastAmount ? 1 : Math.min(Math.ceil(leastAmount / mean) * gaps, Math.max(1, Math.floor(amounts.length / leastSteps)))
  const { values, of: wide } = coarser(amounts, Math.ceil(amounts.length / of))
  return amounts.map((_, index) => {
    const at = Math.floor(index / wide)
    const steps = Math.min(wide, amounts.length - at * wide)
    return (values[at] ?? 0) / steps
  })
}

// messagesOf returns the messages of both directions in each step.
export function messagesOf({ sent, received }: Series): number[] {
  return sent.map((amount, index) => amount + (received[index] ?? 0))
}

// withRate gives a series without text the rate of its messages.
export function withRate(series: Series): Series {
  if (series.rateUnit) return series
  const seconds = series.stepUS / 1e6
  return { ...series, rate: smoothed(messagesOf(series)).map((amount) => amount / seconds) }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
