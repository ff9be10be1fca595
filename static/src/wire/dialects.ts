// Dialects and environments, as the server tells them.

import * as api from "./schema"
import { scalarsOf, type Scalars } from "./shape"
import { parseAudioFormat, parseLimits, type AudioFormat, type Limits } from "./turns"
import { fields, optional, parseList, string } from "./values"

export type DialectSummary = Scalars<api.DialectSummary>
export type DialectVar = Scalars<api.DialectVar>
export type DialectSecret = Scalars<api.DialectSecret>
export type DialectSend = Scalars<api.DialectSend>
export type DialectProblem = Scalars<api.DialectProblem>

export interface Dialect extends Scalars<api.Dialect> {
  vars: DialectVar[]
  secrets: DialectSecret[]
  takesAudio: AudioFormat | null
  limits: Limits
  sends: DialectSend[]
}

const dialectScalars = scalarsOf<api.Dialect>(api.dialectScalars)
const parseVar = scalarsOf<api.DialectVar>(api.dialectVarScalars)
const parseSecret = scalarsOf<api.DialectSecret>(api.dialectSecretScalars)
const parseSend = scalarsOf<api.DialectSend>(api.dialectSendScalars)
const parseProblem = scalarsOf<api.DialectProblem>(api.dialectProblemScalars)

export const parseDialectSummary = scalarsOf<api.DialectSummary>(api.dialectSummaryScalars)

export function parseDialect(value: unknown): Dialect {
  const f = fields<api.Dialect>(value)
  return {
    ...dialectScalars(value),
    vars: parseList(f.vars, parseVar),
    secrets: parseList(f.secrets, parseSecret),
    takesAudio: optional(f.takes_audio, parseAudioFormat),
    limits: parseLimits(f.limits),
    sends: parseList(f.sends, parseSend),
  }
}

export function parseProblems(value: unknown): DialectProblem[] {
  return parseList(value, parseProblem)
}

// Environment is a named set of values. Of a secret only a fingerprint is known.
export interface Environment {
  name: string
  values: Readonly<Record<string, string>>
  secrets: Readonly<Record<string, string>> // fingerprints
}

export function parseEnvironment(value: unknown): Environment {
  const f = fields(value)
  const texts = (source: unknown, read: (item: unknown) => string) => Object.fromEntries(Object.entries(fields(source)).map(([name, item]) => [name, read(item)]))
  return {
    name: string(f.name),
    values: texts(f.values, string),
    secrets: texts(f.secrets, (item) => string(fields<{ fingerprint: unknown }>(item).fingerprint)),
  }
}
