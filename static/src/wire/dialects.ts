// Dialects and environments, as the server tells them.

import * as api from "./schema"
import { scalarsOf, type Scalars } from "./shape"
import { parseAudioFormat, parseLimits, parseSpeaks, type AudioFormat, type Limits, type Speaks } from "./turns"
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
  speaks: Speaks
  limits: Limits
  sends: DialectSend[]
  reads: string[] // paths of the answer
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
    speaks: parseSpeaks(f.speaks),
    limits: parseLimits(f.limits),
    sends: parseList(f.sends, parseSend),
    reads: parseList(f.reads, string),
  }
}

export function parseProblems(value: unknown): DialectProblem[] {
  return parseList(value, parseProblem)
}

// Environment is a named set of values of the team. Of a secret only facts are known.
export interface Environment {
  name: string
  values: Readonly<Record<string, string>>
  secrets: Readonly<Record<string, SealedValue>>
}

export interface SealedValue {
  fingerprint: string
  targets: string[] // that it may be sent to
}

export function parseEnvironment(value: unknown): Environment {
  const f = fields<api.Environment>(value)
  return { name: string(f.name), values: mapOf(f.values, string), secrets: mapOf(f.secrets, parseSealed) }
}

function parseSealed(value: unknown): SealedValue {
  const f = fields<api.SecretInfo>(value)
  return { fingerprint: string(f.fingerprint), targets: parseList(f.targets, string) }
}

function mapOf<T>(value: unknown, parse: (item: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(fields(value)).map(([name, item]) => [name, parse(item)]))
}

// EnvironmentBody saves an environment. A secret without a value stays as it is.
export type EnvironmentBody = api.EnvironmentRequest

// Resolved is a handshake that would be sent, with secrets masked.
export interface Resolved {
  address: string
  headers: api.Pair[]
  subprotocols: string[]
}

const parsePair = scalarsOf<api.Pair>(api.pairScalars)

export function parseResolved(value: unknown): Resolved {
  const f = fields<Resolved>(value)
  return { address: string(f.address), headers: parseList(f.headers, parsePair), subprotocols: parseList(f.subprotocols, string) }
}
