// The course of a session, as the server tells it.

import * as api from "./schema"
import { scalarsOf, type Scalars } from "./shape"
import { fields, number, oneOf, optional, parseList } from "./values"
import type { TurnState } from "./turns"

export interface TurnFigures extends Scalars<api.TurnFigures> {
  state: TurnState
  gapP95: number | null // µs
}

// Series has a number for each step in each list; null where there was nothing to measure.
export interface Series extends Scalars<api.Series> {
  rateUnit: api.RateUnit
  sent: number[]
  received: number[]
  sentBytes: number[]
  receivedBytes: number[]
  gapMedian: (number | null)[]
  gapP95: (number | null)[]
  gapMax: (number | null)[]
  rate: (number | null)[]
  gaps: { p50US: number; p95US: number; maxUS: number } | null
  turns: TurnFigures[]
}

// mostPoints is the largest number of steps that can be asked for.
export const mostPoints = api.readSeriesPointsMaximum

const seriesScalars = scalarsOf<api.Series>(api.seriesScalars)
const figuresScalars = scalarsOf<api.TurnFigures>(api.turnFiguresScalars)
const parseGaps = scalarsOf<api.Gaps>(api.gapsScalars)

export function parseSeries(value: unknown): Series {
  const f = fields<api.Series>(value)
  return {
    ...seriesScalars(value),
    rateUnit: oneOf(f.rate_unit, api.rateUnitValues, ""),
    sent: parseList(f.sent, number),
    received: parseList(f.received, number),
    sentBytes: parseList(f.sent_bytes, number),
    receivedBytes: parseList(f.received_bytes, number),
    gapMedian: parseList(f.gap_p50_us, figure),
    gapP95: parseList(f.gap_p95_us, figure),
    gapMax: parseList(f.gap_max_us, figure),
    rate: parseList(f.rate, figure),
    gaps: optional(f.gaps, parseGaps),
    turns: parseList(f.turns, parseFigures),
  }
}

function parseFigures(value: unknown): TurnFigures {
  const f = fields<api.TurnFigures>(value)
  return { ...figuresScalars(value), state: oneOf(f.state, api.turnStateValues, "cut"), gapP95: optional(f.gap_p95_us, number) }
}

function figure(value: unknown): number | null {
  return typeof value === "number" ? value : null
}
