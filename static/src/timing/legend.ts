// What stands beside the charts, and in the tip over them.

import { lasted, say, size } from "../text"
import type { Series } from "../wire"
import type { ChartName } from "./charts"
import { first, median, sum, type Measured } from "./figures"
import { length, type Range } from "./range"
import { rateText, stateText } from "./table"

export type LegendName = "first" | "done" | "median" | "p95" | "rate" | "received" | "sent"

export const legendNames: Record<ChartName, readonly LegendName[]> = { latency: ["first", "done"], gap: ["median", "p95"], rate: ["rate"], bytes: ["received", "sent"] }

// legendsOf returns the figures of the brushed part. isExact tells that the series covers just
// that part; else its gaps are estimated from the steps, until a finer one comes.
export function legendsOf(series: Series, turns: readonly Measured[], range: Range, isExact: boolean): [LegendName, string][] {
  const from = Math.max(0, Math.floor((range.fromUS - series.fromUS) / series.stepUS))
  const to = Math.max(from + 1, Math.ceil((range.toUS - series.fromUS) / series.stepUS))
  const cut = (list: readonly number[]) => sum(list.slice(from, to))
  const seconds = length(range) / 1e6
  const { gaps } = series
  const gap = isExact ? (gaps?.p50US ?? null) : median(series.gapMedian.slice(from, to))
  const gapP95 = isExact ? (gaps?.p95US ?? null) : largest(series.gapP95.slice(from, to))
  const hasText = turns.some(({ firstText }) => firstText !== null) || turns.every(({ firstAudio }) => firstAudio === null)
  const rate = series.rateUnit ? (median(turns.map((m) => m.rate)) ?? median(series.rate.slice(from, to))) : (cut(series.sent) + cut(series.received)) / seconds
  return [
    ["first", say(hasText ? "timing.legend.first_text" : "timing.legend.first_audio", { value: duration(median(turns.map(first))) })],
    ["done", say("timing.legend.done", { value: duration(median(turns.map(({ done }) => done))) })],
    ["median", say("timing.legend.median", { value: duration(gap) })],
    ["p95", say("timing.legend.p95", { value: duration(gapP95) })],
    ["rate", rateOf(series, rate)],
    ["received", say("timing.legend.received", { value: size(Math.round(cut(series.receivedBytes) / seconds)) })],
    ["sent", say("timing.legend.sent", { value: size(Math.round(cut(series.sentBytes) / seconds)) })],
  ]
}

// tipOf returns the tip at a time: the figures of the turn there, and those of the step.
export function tipOf(series: Series, turn: Measured | null, us: number, time: string): { head: string; lines: [string, string][] } {
  const lines: [string, string][] = []
  const add = (key: string, value: string | null) => value !== null && lines.push([say(key), value])
  if (turn) {
    add("timing.tip.first_text", turn.firstText === null ? null : lasted(turn.firstText))
    add("timing.tip.first_audio", turn.firstAudio === null ? null : lasted(turn.firstAudio))
    if (turn.done !== null) add("timing.tip.done", lasted(turn.done))
    else add("timing.tip.state", stateText(turn))
    add("timing.tip.gap_p95", turn.gap === null ? null : lasted(turn.gap))
    add("timing.tip.at", time)
  }
  const step = Math.floor((us - series.fromUS) / series.stepUS)
  const gap = series.gapMedian[step] ?? null
  const rate = series.rate[step] ?? null
  const seconds = series.stepUS / 1e6
  add("timing.tip.gap", gap === null ? null : lasted(gap))
  add("timing.tip.rate", rate === null ? null : rateOf(series, rate))
  for (const [key, list] of [["timing.tip.received", series.receivedBytes], ["timing.tip.sent", series.sentBytes]] as const) {
    const bytes = list[step] ?? 0
    add(key, bytes > 0 ? `${size(Math.round(bytes / seconds))}/s` : null)
  }
  return { head: turn ? say("timing.turn", { n: turn.turn.n }) : time, lines }
}

function rateOf({ rateUnit }: Series, rate: number | null): string {
  return say(`timing.rate.${rateUnit || "messages"}`, { value: rate === null ? "–" : rateText(rate) })
}

function duration(us: number | null): string {
  return us === null ? "–" : lasted(us)
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 ? Math.max(...known) : null
}
