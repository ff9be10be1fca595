// Turns and speech, as the server tells them.

import type { Stream, TurnState, PlayingState } from "./schema"
import * as api from "./schema"
import { scalarsOf, type Scalars } from "./shape"
import { fields, number, oneOf, optional, parseList, string } from "./values"

export type { Stream, TurnState }

export type AudioFormat = Scalars<api.AudioFormat>

// A limit of 0 is not known.
export type Limits = Scalars<api.Limits>

export interface TurnAudio extends Scalars<api.TurnAudio> {
  answer: Scalars<api.TurnStream> | null
  user: Scalars<api.TurnStream> | null
}

export type TurnStream = Scalars<api.TurnStream>
export type ToolCall = Scalars<api.ToolCall>
export type Interruption = Scalars<api.Interruption>

// Gaps are the times between received messages; series is their course.
export interface Gaps extends Scalars<api.Gaps> {
  series: number[]
}

// A Piece is the part of a text that one message brought, up to the next piece.
export type Piece = Scalars<api.Piece>

export interface Segment extends Scalars<api.Segment> {
  stream: Stream
}

// Turn is one request and its answer. A time of 0 did not happen.
export interface Turn extends Scalars<api.Turn> {
  state: TurnState
  text: Record<Stream, string>
  gaps: Gaps | null
  usage: Readonly<Record<string, number>>
  error: Scalars<api.TurnError> | null
  audio: TurnAudio | null
  segments: Segment[]
  tools: ToolCall[]
  interrupted: Interruption | null
}

// TurnUpdate is a turn without its texts, and their changes.
export interface TurnUpdate {
  turn: Turn
  texts: { stream: Stream; keep: number; text: string }[]
  keepSegments: number
}

export interface Playing extends Scalars<api.Playing> {
  state: PlayingState
  notes: string[]
}

const turnScalars = scalarsOf<api.Turn>(api.turnScalars)
const gapsScalars = scalarsOf<api.Gaps>(api.gapsScalars)
const parseTurnError = scalarsOf<api.TurnError>(api.turnErrorScalars)
const turnAudioScalars = scalarsOf<api.TurnAudio>(api.turnAudioScalars)
const parseTurnStream = scalarsOf<api.TurnStream>(api.turnStreamScalars)
const parseToolCall = scalarsOf<api.ToolCall>(api.toolCallScalars)
const parseInterruption = scalarsOf<api.Interruption>(api.interruptionScalars)
const segmentScalars = scalarsOf<api.Segment>(api.segmentScalars)
const playingScalars = scalarsOf<api.Playing>(api.playingScalars)

// How a service answers; "" is neither a transcript nor a voice.
export type Speaks = api.Speaks | ""

export function parseSpeaks(value: unknown): Speaks {
  return oneOf<Speaks>(value, api.speaksValues, "")
}

export const parsePiece = scalarsOf<api.Piece>(api.pieceScalars)

function parseGaps(value: unknown): Gaps {
  return { ...gapsScalars(value), series: parseList(fields<api.Gaps>(value).series, number) }
}

export const parseAudioFormat = scalarsOf<api.AudioFormat>(api.audioFormatScalars)
export const parseLimits = scalarsOf<api.Limits>(api.limitsScalars)

export function parseTurn(value: unknown): Turn {
  const f = fields<api.Turn>(value)
  const text = fields<api.TurnText>(f.text)
  return {
    ...turnScalars(value),
    state: oneOf(f.state, api.turnStateValues, "cut"),
    text: { answer: string(text.answer), user: string(text.user) },
    gaps: optional(f.gaps, parseGaps),
    usage: parseUsage(f.usage),
    error: optional(f.error, parseTurnError),
    audio: optional(f.audio, parseTurnAudio),
    segments: parseList(f.segments, parseSegment),
    tools: parseList(f.tools, parseToolCall),
    interrupted: optional(f.interrupted, parseInterruption),
  }
}

function parseTurnAudio(value: unknown): TurnAudio {
  const f = fields<api.TurnAudio>(value)
  return { ...turnAudioScalars(value), answer: optional(f.answer, parseTurnStream), user: optional(f.user, parseTurnStream) }
}

// Levels tells how loud audio is; the lists have an item for each frame.
export interface Levels extends Scalars<api.Levels> {
  seq: number[]
  atUS: number[]
  ms: number[]
  parts: number[]
}

const levelsScalars = scalarsOf<api.Levels>(api.levelsScalars)

export function parseLevels(value: unknown): Levels {
  const f = fields<api.Levels>(value)
  return { ...levelsScalars(value), seq: parseList(f.seq, number), atUS: parseList(f.at_us, number), ms: parseList(f.ms, number), parts: parseList(f.parts, number) }
}

// Growth is how the text of a sentence came.
export interface Growth extends Scalars<api.Growth> {
  texts: Scalars<api.GrowthText>[]
}

const growthScalars = scalarsOf<api.Growth>(api.growthScalars)
const parseGrowthText = scalarsOf<api.GrowthText>(api.growthTextScalars)

export function parseGrowth(value: unknown): Growth {
  return { ...growthScalars(value), texts: parseList(fields<api.Growth>(value).texts, parseGrowthText) }
}

function parseSegment(value: unknown): Segment {
  return { ...segmentScalars(value), stream: parseStream(fields<api.Segment>(value).stream) }
}

function parseStream(value: unknown): Stream {
  return oneOf(value, api.streamValues, "answer")
}

function parseUsage(value: unknown): Record<string, number> {
  const out: Record<string, number> = {}
  for (const [name, amount] of Object.entries(fields(value))) out[name] = number(amount)
  return out
}

export function parseTurnUpdate(value: unknown): TurnUpdate {
  const f = fields<api.TurnUpdate>(value)
  return {
    turn: parseTurn(f.turn),
    texts: parseList(f.texts, (item) => {
      const t = fields<api.TextUpdate>(item)
      return { stream: parseStream(t.stream), keep: number(t.keep), text: string(t.text) }
    }),
    keepSegments: number(f.keep_segments),
  }
}

export function parsePlaying(value: unknown): Playing {
  const f = fields<api.Playing>(value)
  return { ...playingScalars(value), state: oneOf(f.state, api.playingStateValues, "failed"), notes: parseList(f.notes, string) }
}
