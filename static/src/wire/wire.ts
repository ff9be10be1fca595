// The data exchanged with the server: types derived from the API document, and parsers
// that refuse everything else. Only this file handles outside values of type unknown.

import {
  directionValues, leftOutValues, messageTypeValues, opcodeValues, rightsValues, sessionStateValues, storeConditionValues,
  type Amount, type Direction, type LeftOut, type MessageType, type Opcode, type Pair, type QueryParameter, type Rights, type SessionState, type Snippet, type StoreCondition,
  type ViewerEvent,
} from "./schema"
import * as api from "./schema"
import { parseDialect, type Dialect } from "./dialects"
import { scalarsOf, type Scalars } from "./shape"
import { parseAudioFormat, parseLimits, parsePlaying, parseSpeaks, parseTurnUpdate, type AudioFormat, type Limits, type Playing, type Speaks, type TurnUpdate } from "./turns"
import { fields, number, oneOf, optional, parseList, string } from "./values"

export type { Amount, Direction, MessageType, Opcode, Pair, Rights, Snippet, ViewerEvent }

// A message without its body.
export interface Row extends Omit<Scalars<api.Row>, "opcode" | "sound"> {
  direction: Direction
  sound: RowSound | null // the audio in it
  opcode?: Opcode // none for events
  snippet?: Snippet // of a row that was searched for
}

// RowSound is the audio of a message. Values of 0 are not known.
export type RowSound = Scalars<api.Sound>

// LabelPage counts the labels of messages up to next.
export interface LabelPage {
  labels: Scalars<api.LabelCount>[]
  next: number
}

// Rows and how far they reach: everything up to next was looked at.
export interface RowPage {
  rows: Row[]
  next: number
  at: number // seq of the row that was gone to; 0 for none
  slow: boolean // the message behind next takes longer to search than was allowed
  skipped: number // seq of a message left out because its search takes too long; 0 for none
}

export type DiagnosisFact = Scalars<api.DiagnosisFact>

export interface Diagnosis extends Scalars<api.Diagnosis> {
  evidence: string[]
  facts: DiagnosisFact[] // evidence as a table
}

export interface WireError extends Scalars<api.ErrorBody> {
  diagnosis: Diagnosis | null
  handshake: Handshake | null
}

export type Viewer = Scalars<api.Viewer>

// Where the store is away, full or lost, nothing can be sent. "" is no fault.
export type StoreWord = "" | StoreCondition

export interface Access extends Scalars<api.Access> {
  rights: Rights
}

export interface Session extends Scalars<api.Session> {
  state: SessionState
  store: StoreWord
  access: Access
  viewers: Viewer[]
  takesAudio: AudioFormat | null
  speaks: Speaks
  limits: Limits
  diagnosis: Diagnosis | null
  handshake: Handshake | null
}

export interface Handshake extends Scalars<api.Handshake> {
  phasesUS: Scalars<api.Phases>
  tlsVersion: string
  unverified: boolean // nobody checked the certificate
  requestHeaders: Pair[]
  responseHeaders: Pair[]
}

// A header has no spelling of its own, else it is the same.
export type Parameter = QueryParameter

// The facts about a kept secret; owner is a name.
export interface SecretInfo extends Omit<Scalars<api.SecretInfo>, "set" | "ownerName"> {
  targets: string[]
}

// The values of a dialect are named "vars.NAME" and "secrets.NAME".
export interface Credential {
  kind: string
  plain: Record<string, string>
  secrets: Record<string, SecretInfo>
}

export type ClientCertificate = Pick<Scalars<api.ClientCertificate>, "subject" | "issuer" | "notAfterUS">

// A service, its TLS settings among its own fields.
export interface Service extends Pick<Scalars<api.Service>, "id" | "name" | "address" | "shared" | "owner" | "mayChange" | "folder" | "demo" | "dialect" | "environment"> {
  params: Parameter[]
  headers: Parameter[]
  subprotocols: string[]
  credential: Credential
  secrets: Record<string, SecretInfo> // of parameters and headers, by field
  caPEM: string
  clientCertPEM: string
  clientCertificate: ClientCertificate | null
  clientKey: SecretInfo | null // facts about its key, when one is kept
  skipVerify: boolean
  values: SettingValues
  relayOrigins: string[]
}

// The kinds of setting of a service. They decide its input.
const settingKinds = ["duration", "bytes", "count", "flag"] as const

// A setting of services that is a single value. Durations are in seconds.
export interface Setting {
  name: string // in the API: "limits.max_message_bytes" is in the object limits
  key: string // of its input and sentences
  kind: (typeof settingKinds)[number]
  least: number
  most: number
  default: number | boolean
  zeroIsOff: boolean
  savedOnly: boolean // a session cannot be opened with another value
}

// Values by the name of the setting.
export type SettingValues = Readonly<Record<string, number | boolean>>

// A message that is kept with a service, without its bytes.
export interface SavedMessage extends Scalars<api.SavedMessage> {
  type: MessageType
}

export type ServerEvent =
  | { type: "state"; state: Session }
  | { type: "rows"; rows: Row[]; lastSeq: number }
  | { type: "turns"; turns: TurnUpdate[] }
  | { type: "playing"; playing: Playing }
  | { type: "sent"; clientID: string; seq: number }
  | { type: "refused"; clientID: string; error: WireError }
  | { type: "bye"; error: WireError | null }

export interface KindField {
  name: string
  secret: boolean
  required: boolean
  choices: string[]
  default: string
}

export interface Kind {
  kind: string
  fields: KindField[]
}

// Boot is the data with which the server's page starts its script.
export interface Boot {
  service: Service | null
  session: Session | null
  dialect: Dialect | null // of the session, else of the service
  kinds: Kind[]
  settings: Setting[]
  limits: { maxMessageBytes: number; uploadAbove: number }
  nonce: string
  skipVerify: boolean // whether it may be asked for
}

const parseSound = scalarsOf<api.Sound>(api.soundScalars)
const parseLabelCount = scalarsOf<api.LabelCount>(api.labelCountScalars)
const rowScalars = scalarsOf<api.Row>(api.rowScalars)

export function parseRow(value: unknown): Row {
  const f = fields<api.Row>(value)
  const { opcode: _, ...scalars } = rowScalars(value)
  const row: Row = { ...scalars, direction: oneOf(f.direction, directionValues, "event"), sound: optional(f.sound, parseSound) }
  const opcode = opcodeValues.find((known) => known === f.opcode)
  if (opcode) row.opcode = opcode
  if (f.snippet) row.snippet = parseSnippet(f.snippet)
  return row
}

// emptyRow is a row of which nothing is known.
export const emptyRow: Row = parseRow(null)

function parseSnippet(value: unknown): Snippet {
  const f = fields<Snippet>(value)
  return { offset: number(f.offset), before: string(f.before), match: string(f.match), after: string(f.after) }
}

export function parseRows(value: unknown): Row[] {
  return parseList(value, parseRow)
}

export function parseRowPage(value: unknown): RowPage {
  const f = fields<api.RowPage>(value)
  return { rows: parseRows(f.messages), next: number(f.next_after), at: number(f.at_seq), slow: number(f.slow_seq) > 0, skipped: number(f.skipped_seq) }
}

export function parseLabelPage(value: unknown): LabelPage {
  const f = fields<api.LabelPage>(value)
  return { labels: parseList(f.labels, parseLabelCount), next: number(f.next_after) }
}

// parseSeq reads the answer to a message that was sent.
export function parseSeq(value: unknown): number {
  return number(fields(value).seq)
}

const parseFact = scalarsOf<api.DiagnosisFact>(api.diagnosisFactScalars)
const diagnosisScalars = scalarsOf<api.Diagnosis>(api.diagnosisScalars)

function parseDiagnosis(value: unknown): Diagnosis {
  const f = fields<api.Diagnosis>(value)
  return { ...diagnosisScalars(value), evidence: parseList(f.evidence, string), facts: parseList(f.facts, parseFact) }
}

const errorScalars = scalarsOf<api.ErrorBody>(api.errorBodyScalars)

export function parseError(value: unknown): WireError {
  const f = fields<api.ErrorBody>(value)
  return { ...errorScalars(value), diagnosis: optional(f.diagnosis, parseDiagnosis), handshake: optional(f.handshake, parseHandshake) }
}

function parsePair(value: unknown): Pair {
  const f = fields<Pair>(value)
  return { name: string(f.name), value: string(f.value) }
}

const handshakeScalars = scalarsOf<api.Handshake>(api.handshakeScalars)
const parsePhases = scalarsOf<api.Phases>(api.phasesScalars)

function parseHandshake(value: unknown): Handshake {
  const f = fields<api.Handshake>(value)
  return {
    ...handshakeScalars(value),
    phasesUS: parsePhases(f.phases_us),
    tlsVersion: string(fields<api.Tls>(f.tls).version),
    unverified: fields<api.Tls>(f.tls).unverified === true,
    requestHeaders: parseList(f.request_headers, parsePair),
    responseHeaders: parseList(f.response_headers, parsePair),
  }
}

// A step of a connection that is being opened or tested, with the facts that came with it.
export interface DialPhase extends Omit<Scalars<api.DialPhase>, "phase" | "state"> {
  phase: api.DialPhaseName
  state: api.DialPhaseState
  addresses: string[]
  tls: { version: string; notAfterUS: number; unverified: boolean } | null
  first: FirstMessage | null
  closed: Scalars<api.TestClose> | null
}

// The first message of a tested connection.
export type FirstMessage = Scalars<api.FirstMessage>

// The outcome of a test of a connection whose handshake succeeded.
export interface TestResult {
  handshake: Handshake | null
  first: FirstMessage | null
  closed: Scalars<api.TestClose>
  diagnosis: Diagnosis | null
}

const phaseScalars = scalarsOf<api.DialPhase>(api.dialPhaseScalars)
const parseFirst = scalarsOf<api.FirstMessage>(api.firstMessageScalars)
const parseTestClose = scalarsOf<api.TestClose>(api.testCloseScalars)
const tlsScalars = scalarsOf<api.Tls>(api.tlsScalars)

export function parseDialPhase(value: unknown): DialPhase {
  const f = fields<api.DialPhase>(value)
  return {
    ...phaseScalars(value),
    phase: oneOf(f.phase, api.dialPhaseNameValues, "address"),
    state: oneOf(f.state, api.dialPhaseStateValues, "started"),
    addresses: parseList(f.addresses, string),
    tls: optional(f.tls, tlsScalars),
    first: optional(f.first, parseFirst),
    closed: optional(f.closed, parseTestClose),
  }
}

export function parseTestResult(value: unknown): TestResult {
  const f = fields<api.TestResult>(value)
  return { handshake: optional(f.handshake, parseHandshake), first: optional(f.first, parseFirst), closed: parseTestClose(f.closed), diagnosis: optional(f.diagnosis, parseDiagnosis) }
}

const accessScalars = scalarsOf<api.Access>(api.accessScalars)

function parseAccess(value: unknown): Access {
  return { ...accessScalars(value), rights: oneOf(fields<api.Access>(value).rights, rightsValues, "watch") }
}

const sessionScalars = scalarsOf<api.Session>(api.sessionScalars)
const parseViewer = scalarsOf<api.Viewer>(api.viewerScalars)

export function parseSession(value: unknown): Session {
  const f = fields<api.Session>(value)
  return {
    ...sessionScalars(value),
    state: oneOf(f.state, sessionStateValues, "closed"),
    store: oneOf<StoreWord>(f.store, storeConditionValues, ""),
    access: parseAccess(f.access),
    viewers: parseList(f.viewers, parseViewer),
    takesAudio: optional(f.takes_audio, parseAudioFormat),
    speaks: parseSpeaks(f.speaks),
    limits: parseLimits(f.limits),
    diagnosis: optional(f.diagnosis, parseDiagnosis),
    handshake: optional(f.handshake, parseHandshake),
  }
}

// FoundSession is a session in an answer of a search over all sessions.
export interface FoundSession {
  session: Session
  found: number // matches, without those of the previous answer
  more: boolean // there are more than were counted
  messages: Row[]
  texts: number // of turns that match, in a search of answers
  turns: FoundTurn[]
}

// FoundTurn is a text of a turn that matches.
export interface FoundTurn extends Scalars<api.FoundTurn> {
  snippet: Snippet
}

const foundTurnScalars = scalarsOf<api.FoundTurn>(api.foundTurnScalars)

function parseFoundTurn(value: unknown): FoundTurn {
  return { ...foundTurnScalars(value), snippet: parseSnippet(fields<api.FoundTurn>(value).snippet) }
}

// Days counts the sessions of each day, newest first.
export interface Days {
  days: Scalars<api.Day>[]
  sessions: number
}

const parseDay = scalarsOf<api.Day>(api.dayScalars)

export function parseDays(value: unknown): Days {
  const f = fields<Days>(value)
  return { days: parseList(f.days, parseDay), sessions: number(f.sessions) }
}

// Deletion is planned: until its time it can be undone by its id.
export interface Deletion {
  id: string // "" when nothing is deleted
  sessions: string[]
  leftOut: { id: string; reason: LeftOut }[]
}

export function parseDeletion(value: unknown): Deletion {
  const f = fields<api.Deletion>(value)
  return {
    id: string(f.id), sessions: parseList(f.sessions, string),
    leftOut: parseList(f.left_out, (item) => {
      const left = fields<{ id: string; reason: string }>(item)
      return { id: string(left.id), reason: oneOf<LeftOut>(left.reason, leftOutValues, "gone") }
    }),
  }
}

export interface SearchPage {
  sessions: FoundSession[]
  searched: Amount
  total: Amount | null // in the first answer
  next: string // "" when all was searched
  slow: boolean // the next message takes longer than was allowed
  skipped: number // messages left out because their search takes too long
}

export function parseSearchPage(value: unknown): SearchPage {
  const f = fields<api.SearchPage>(value)
  return {
    sessions: parseList(f.sessions, (item) => {
      const s = fields<api.FoundSession>(item)
      return { session: parseSession(s.session), found: number(s.found), more: s.more === true, messages: parseRows(s.messages), texts: number(s.texts), turns: parseList(s.turns, parseFoundTurn) }
    }),
    searched: parseAmount(f.searched),
    total: optional(f.total, parseAmount),
    next: string(f.next),
    slow: f.slow === true,
    skipped: number(f.skipped),
  }
}

function parseAmount(value: unknown): Amount {
  const f = fields<Amount>(value)
  return { sessions: number(f.sessions), messages: number(f.messages) }
}

function parseParameter(value: unknown): Parameter {
  const { enabled, raw, secret, field } = fields<QueryParameter>(value)
  return {
    ...parsePair(value), enabled: enabled !== false, ...(typeof raw === "string" ? { raw } : {}),
    ...(secret === true ? { secret, field: string(field) } : {}),
  }
}

function parseSecrets(value: unknown): Record<string, SecretInfo> {
  return Object.fromEntries(Object.entries(fields(value)).flatMap(([name, info]) => { // an assignment to "__proto__" would set no field
    const secret = parseSecret(info)
    return secret ? [[name, secret]] : []
  }))
}

function parseCredential(value: unknown): Credential {
  const f = fields(value)
  const kind = string(f.kind) || "none"
  const plain: Record<string, string> = {}
  for (const [name, field] of Object.entries(f)) {
    if (name !== "kind" && typeof field === "string") plain[name] = field
  }
  for (const [name, value] of Object.entries(fields(f.vars))) plain[`vars.${name}`] = string(value)
  const secrets = Object.entries(parseSecrets(f.secrets)).map(([name, info]) => [kind === "dialect" ? `secrets.${name}` : name, info] as const)
  return { kind, plain, secrets: Object.fromEntries(secrets) }
}

// parseSecret is null for one that is not kept.
function parseSecret(value: unknown): SecretInfo | null {
  const s = fields<api.SecretInfo>(value)
  if (s.set !== true) return null
  return {
    fingerprint: string(s.fingerprint),
    updatedAtUS: number(s.updated_at_us),
    lastUsedAtUS: number(s.last_used_at_us),
    owner: string(s.owner_name),
    mayBind: s.may_bind === true,
    targets: parseList(s.targets, string),
    tls: s.tls === true,
    endpoint: string(s.endpoint),
    usable: s.usable !== false,
  }
}

function parseCertificate(value: unknown): ClientCertificate | null {
  const c = fields<api.ClientCertificate>(value)
  const subject = string(c.subject)
  return c.fingerprint ? { subject, issuer: string(c.issuer), notAfterUS: number(c.not_after_us) } : null
}

export function parseService(value: unknown): Service {
  const f = fields<api.Service>(value)
  const tls = fields<api.Service["tls"]>(f.tls)
  return {
    id: string(f.id),
    name: string(f.name),
    address: string(f.address),
    params: parseList(f.params, parseParameter),
    headers: parseList(f.headers, parseParameter),
    subprotocols: parseList(f.subprotocols, string),
    credential: parseCredential(f.credential),
    secrets: parseSecrets(f.secrets),
    caPEM: string(tls.ca_pem),
    clientCertPEM: string(tls.client_cert_pem),
    clientCertificate: parseCertificate(tls.client_certificate),
    clientKey: parseSecret(tls.client_key),
    skipVerify: tls.skip_verify === true,
    values: parseValues(f),
    relayOrigins: parseList(f.relay_origins, string),
    shared: f.shared === true,
    owner: string(f.owner),
    mayChange: f.may_change === true,
    folder: string(f.folder),
    demo: string(f.demo),
    dialect: string(f.dialect),
    environment: string(f.environment),
  }
}

// parseValues returns the numbers and flags among fields and in the objects of fields.
function parseValues(all: object): SettingValues {
  const out: Record<string, number | boolean> = {}
  const add = (name: string, value: unknown) => {
    if (typeof value === "boolean" || typeof value === "number") out[name] = value
  }
  for (const [name, value] of Object.entries(all)) {
    add(name, value)
    for (const [member, inner] of Object.entries(fields(value))) add(`${name}.${member}`, inner)
  }
  return out
}

function parseSetting(value: unknown): Setting {
  const f = fields(value)
  return {
    name: string(f.name),
    key: string(f.key),
    kind: oneOf(f.kind, settingKinds, "count"),
    least: number(f.least),
    most: number(f.most),
    default: typeof f.default === "boolean" ? f.default : number(f.default),
    zeroIsOff: f.zero_is_off === true,
    savedOnly: f.saved_only === true,
  }
}

const savedScalars = scalarsOf<api.SavedMessage>(api.savedMessageScalars)

export function parseSavedMessage(value: unknown): SavedMessage {
  return { ...savedScalars(value), type: oneOf(fields<api.SavedMessage>(value).type, messageTypeValues, "file") }
}

type EventFields = Record<keyof api.StateEvent | keyof api.RowsEvent | keyof api.TurnsEvent | keyof api.PlayingEvent | keyof api.SentEvent | keyof api.RefusedEvent, unknown>

// parseServerEvent returns null for an event this page does not know.
export function parseServerEvent(value: unknown): ServerEvent | null {
  const f = fields<EventFields>(value)
  switch (f.type) {
    case "state":
      return { type: "state", state: parseSession(f.state) }
    case "rows":
      return { type: "rows", rows: parseRows(f.rows), lastSeq: number(f.last_seq) }
    case "turns":
      return { type: "turns", turns: parseList(f.turns, parseTurnUpdate) }
    case "playing":
      return { type: "playing", playing: parsePlaying(f.playing) }
    case "sent":
      return { type: "sent", clientID: string(f.client_id), seq: number(f.seq) }
    case "refused":
      return { type: "refused", clientID: string(f.client_id), error: parseError(f.error) }
    case "bye":
      return { type: "bye", error: optional(f.error, parseError) }
    default:
      return null
  }
}

function parseKind(value: unknown): Kind {
  const f = fields(value)
  return {
    kind: string(f.kind),
    fields: parseList(f.fields, (item) => {
      const k = fields(item)
      return {
        name: string(k.name),
        secret: k.secret === true,
        required: k.required === true,
        choices: parseList(k.choices, string),
        default: string(k.default),
      }
    }),
  }
}

export function parseBoot(value: unknown): Boot {
  const f = fields(value)
  const limits = fields(f.limits)
  return {
    service: optional(f.service, parseService),
    session: optional(f.session, parseSession),
    dialect: optional(f.dialect, parseDialect),
    kinds: parseList(f.kinds, parseKind),
    settings: parseList(f.settings, parseSetting),
    limits: {
      maxMessageBytes: number(limits.max_message_bytes) || 64 << 20,
      uploadAbove: number(limits.upload_above) || 64 << 10,
    },
    nonce: string(f.nonce),
    skipVerify: f.skip_verify === true,
  }
}
