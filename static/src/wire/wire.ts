// What the server says and hears: the types of bridge/wire, and the parsers that
// let nothing else in. Beyond this file no value from outside is of type unknown.

export type Direction = "sent" | "received" | "event"
export type Opcode = "text" | "binary"

// A message without its body.
export interface Row {
  seq: number
  atUS: number // microseconds since 1970
  direction: Direction
  opcode?: Opcode // none for events
  size: number // bytes of the whole payload
  preview: string // text: first characters; binary: hex of the first bytes; event: JSON facts
  asText: boolean // binary whose preview and snippet are text all the same
  truncated: boolean
  invalidUTF8: boolean
  sender: string
  clientID: string
  event: string
  snippet?: Snippet // of a row that was searched for
}

// The first match in a payload with what stands around it, text or hex as the preview is.
export interface Snippet {
  offset: number // of the match, in bytes
  before: string
  match: string
  after: string
}

// Rows and how far they reach: everything up to next was looked at.
export interface RowPage {
  rows: Row[]
  next: number
  at: number // seq of the row that was gone to; 0 for none
  slow: boolean // the message behind next takes longer to search than was allowed
  skipped: number // seq of a message left out because its search takes too long; 0 for none
}

export interface Diagnosis {
  rule: string
  said: string // the service's own words, quoted; cause begins with them
  cause: string
  evidence: string[]
  fix: string
  action: string
  actionValue: string
}

export interface WireError {
  code: string
  message: string
  field: string
  rule: string // that the field breaks; "" where none is told
  limit: number // of the rule
  diagnosis: Diagnosis | null
  status: number // of the target's answer; 0 when none came
  body: string // of the target's answer
  handshake: Handshake | null
}

export interface Viewer {
  id: string
  name: string
  you: boolean
  same: boolean // you, in another window
  mayOwn: boolean // the session can be handed over to them
}

export type Life = "connecting" | "open" | "closing" | "closed"

// Where the store is away, full or lost, nothing can be sent.
export type StoreWord = "" | "away" | "full" | "lost" | "damaged"

export type Rights = "watch" | "send"

// Whose a session is, who else may come, and what whoever sees this may do.
export interface Access {
  owner: string // a name
  shared: boolean // with everybody who has the link
  rights: Rights // of those who are not the owner
  mine: boolean
  maySend: boolean
  mayManage: boolean
}

export interface Session {
  id: string
  state: Life
  kind: string
  service: string
  serviceName: string
  address: string
  subprotocol: string
  openedAtUS: number
  endedAtUS: number
  lastSeq: number
  sent: number
  received: number
  bytesSent: number
  bytesReceived: number
  closeCode: number
  closeReason: string
  clean: boolean
  keepUntilUS: number
  store: StoreWord // what is wrong with the store; "" is nothing
  openedBy: string
  access: Access
  viewers: Viewer[]
  diagnosis: Diagnosis | null
  handshake: Handshake | null
}

export interface Pair {
  name: string
  value: string
}

export interface Handshake {
  status: number
  phasesUS: { dns: number; tcp: number; proxy: number; tls: number; upgrade: number; total: number }
  remote: string
  proxy: string // host:port that led there; "" when there was none
  tlsVersion: string
  unverified: boolean // nobody checked the certificate
  requestHeaders: Pair[]
  responseHeaders: Pair[]
}

export interface Parameter extends Pair {
  enabled: boolean
  raw?: string // how a query parameter is spelled; it counts while it reads as name and value
  secret?: boolean // the value is sealed on the server; here it is only while it is typed
  field?: string // the name under which it is kept
}

// All that can be seen of a kept secret.
export interface SecretInfo {
  fingerprint: string
  updatedAtUS: number
  lastUsedAtUS: number
  owner: string // the name of who entered it
  mayBind: boolean // whoever is at the page may say where it goes
  targets: string[] // where it may go
  tls: boolean // and over TLS only
  endpoint: string // where it is exchanged for what goes to the targets; "" when it goes itself
  usable: boolean // for the address that the service has
}

export interface Credential {
  kind: string
  plain: Record<string, string>
  secrets: Record<string, SecretInfo>
}

export interface ClientCertificate {
  subject: string
  issuer: string
  notAfterUS: number
}

export interface Service {
  id: string
  name: string
  address: string
  params: Parameter[]
  headers: Parameter[]
  subprotocols: string[]
  credential: Credential
  secrets: Record<string, SecretInfo> // of parameters and headers, by field
  compression: boolean
  caPEM: string
  clientCertPEM: string
  clientCertificate: ClientCertificate | null // what it says
  clientKey: SecretInfo | null // of its key, that it is kept
  skipVerify: boolean
  pingInterval: number // seconds; 0 is off
  pongTimeout: number // seconds; 0 is off
  maxMessageBytes: number
  recordRelay: boolean
  relayOrigins: string[] // of pages that may use the relay
  shared: boolean // with the team; else it is its owner's alone
  owner: string // a name
  mayChange: boolean // whoever is at the page may save and delete it
  demo: string
}

// MessageType is how a message is written.
export type MessageType = "text" | "json" | "xml" | "html" | "hex" | "base64" | "file"

// A message that is kept with a service, without its bytes.
export interface SavedMessage {
  id: string
  name: string
  folder: string
  position: number // in its folder
  type: MessageType
  size: number
}

export type ServerEvent =
  | { type: "state"; state: Session }
  | { type: "rows"; rows: Row[]; lastSeq: number }
  | { type: "sent"; clientID: string; seq: number }
  | { type: "refused"; clientID: string; error: WireError }
  | { type: "bye"; error: WireError | null }

export type ViewerEvent =
  | { type: "send"; client_id: string; opcode: Opcode; text?: string; base64?: string }
  | { type: "close"; code: number; reason: string }

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

// What the server puts into the page for its script.
export interface Boot {
  service: Service | null
  session: Session | null
  kinds: Kind[]
  limits: { maxMessageBytes: number; uploadAbove: number }
  nonce: string
  skipVerify: boolean // whether it may be asked for
}

type Fields = Record<string, unknown>

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {}
}

function string(value: unknown): string {
  return typeof value === "string" ? value : ""
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0
}

function list<T>(value: unknown, parse: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(parse) : []
}

function optional<T>(value: unknown, parse: (item: unknown) => T): T | null {
  return value === undefined || value === null ? null : parse(value)
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((item) => item === value) ?? fallback
}

export function parseRow(value: unknown): Row {
  const f = fields(value)
  const row: Row = {
    seq: number(f.seq),
    atUS: number(f.at_us),
    direction: oneOf<Direction>(f.direction, ["sent", "received", "event"], "event"),
    size: number(f.size),
    preview: string(f.preview),
    asText: f.as_text === true,
    truncated: f.truncated === true,
    invalidUTF8: f.invalid_utf8 === true,
    sender: string(f.sender),
    clientID: string(f.client_id),
    event: string(f.event),
  }
  if (f.opcode === "text" || f.opcode === "binary") row.opcode = f.opcode
  if (f.snippet) row.snippet = parseSnippet(f.snippet)
  return row
}

function parseSnippet(value: unknown): Snippet {
  const f = fields(value)
  return { offset: number(f.offset), before: string(f.before), match: string(f.match), after: string(f.after) }
}

export function parseRows(value: unknown): Row[] {
  return list(value, parseRow)
}

export function parseRowPage(value: unknown): RowPage {
  const f = fields(value)
  return { rows: parseRows(f.messages), next: number(f.next_after), at: number(f.at_seq), slow: number(f.slow_seq) > 0, skipped: number(f.skipped_seq) }
}

// parseSeq reads the answer to a message that was sent.
export function parseSeq(value: unknown): number {
  return number(fields(value).seq)
}

function parseDiagnosis(value: unknown): Diagnosis {
  const f = fields(value)
  return {
    rule: string(f.rule),
    said: string(f.said),
    cause: string(f.cause),
    evidence: list(f.evidence, string),
    fix: string(f.fix),
    action: string(f.action),
    actionValue: string(f.action_value),
  }
}

export function parseError(value: unknown): WireError {
  const f = fields(value)
  return {
    code: string(f.code),
    message: string(f.message),
    field: string(f.field),
    rule: string(f.rule),
    limit: number(f.limit),
    diagnosis: optional(f.diagnosis, parseDiagnosis),
    status: number(f.status),
    body: string(f.body),
    handshake: optional(f.handshake, parseHandshake),
  }
}

function parsePair(value: unknown): Pair {
  const f = fields(value)
  return { name: string(f.name), value: string(f.value) }
}

function parseHandshake(value: unknown): Handshake {
  const f = fields(value)
  const p = fields(f.phases_us)
  return {
    status: number(f.status),
    phasesUS: {
      dns: number(p.dns),
      tcp: number(p.tcp),
      proxy: number(p.proxy),
      tls: number(p.tls),
      upgrade: number(p.upgrade),
      total: number(p.total),
    },
    remote: string(f.remote),
    proxy: string(f.proxy),
    tlsVersion: string(fields(f.tls).version),
    unverified: fields(f.tls).unverified === true,
    requestHeaders: list(f.request_headers, parsePair),
    responseHeaders: list(f.response_headers, parsePair),
  }
}

function parseAccess(value: unknown): Access {
  const f = fields(value)
  return {
    owner: string(f.owner),
    shared: f.shared === true,
    rights: oneOf<Rights>(f.rights, ["watch", "send"], "watch"),
    mine: f.mine === true,
    maySend: f.may_send === true,
    mayManage: f.may_manage === true,
  }
}

export function parseSession(value: unknown): Session {
  const f = fields(value)
  return {
    id: string(f.id),
    state: oneOf<Life>(f.state, ["connecting", "open", "closing", "closed"], "closed"),
    kind: string(f.kind),
    service: string(f.service),
    serviceName: string(f.service_name),
    address: string(f.address),
    subprotocol: string(f.subprotocol),
    openedAtUS: number(f.opened_at_us),
    endedAtUS: number(f.ended_at_us),
    lastSeq: number(f.last_seq),
    sent: number(f.sent),
    received: number(f.received),
    bytesSent: number(f.bytes_sent),
    bytesReceived: number(f.bytes_received),
    closeCode: number(f.close_code),
    closeReason: string(f.close_reason),
    clean: f.clean === true,
    keepUntilUS: number(f.keep_until_us),
    store: oneOf<StoreWord>(f.store, ["away", "full", "lost", "damaged"], ""),
    openedBy: string(f.opened_by),
    access: parseAccess(f.access),
    viewers: list(f.viewers, (item) => {
      const v = fields(item)
      return { id: string(v.id), name: string(v.name), you: v.you === true, same: v.same === true, mayOwn: v.may_own === true }
    }),
    diagnosis: optional(f.diagnosis, parseDiagnosis),
    handshake: optional(f.handshake, parseHandshake),
  }
}

// What one answer of a search over all sessions has come to.
export interface FoundSession {
  session: Session
  found: number // matches, beside those of the answer before
  more: boolean // it was not counted to the end
  messages: Row[]
}

export interface Amount {
  sessions: number
  messages: number
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
  const f = fields(value)
  return {
    sessions: list(f.sessions, (item) => {
      const s = fields(item)
      return { session: parseSession(s.session), found: number(s.found), more: s.more === true, messages: parseRows(s.messages) }
    }),
    searched: parseAmount(f.searched),
    total: optional(f.total, parseAmount),
    next: string(f.next),
    slow: f.slow === true,
    skipped: number(f.skipped),
  }
}

function parseAmount(value: unknown): Amount {
  const f = fields(value)
  return { sessions: number(f.sessions), messages: number(f.messages) }
}

function parseParameter(value: unknown): Parameter {
  const { enabled, raw, secret, field } = fields(value)
  return {
    ...parsePair(value), enabled: enabled !== false, ...(typeof raw === "string" ? { raw } : {}),
    ...(secret === true ? { secret, field: string(field) } : {}),
  }
}

function parseSecrets(value: unknown): Record<string, SecretInfo> {
  const out: Record<string, SecretInfo> = {}
  for (const [name, info] of Object.entries(fields(value))) {
    const secret = parseSecret(info)
    if (secret) out[name] = secret
  }
  return out
}

function parseCredential(value: unknown): Credential {
  const f = fields(value)
  const out: Credential = { kind: string(f.kind) || "none", plain: {}, secrets: {} }
  for (const [name, field] of Object.entries(f)) {
    if (name !== "kind" && typeof field === "string") out.plain[name] = field
  }
  out.secrets = parseSecrets(f.secrets)
  return out
}

// parseSecret is null for one that is not kept.
function parseSecret(value: unknown): SecretInfo | null {
  const s = fields(value)
  if (s.set !== true) return null
  return {
    fingerprint: string(s.fingerprint),
    updatedAtUS: number(s.updated_at_us),
    lastUsedAtUS: number(s.last_used_at_us),
    owner: string(s.owner_name),
    mayBind: s.may_bind === true,
    targets: list(s.targets, string),
    tls: s.tls === true,
    endpoint: string(s.endpoint),
    usable: s.usable !== false,
  }
}

function parseCertificate(value: unknown): ClientCertificate | null {
  const c = fields(value)
  const subject = string(c.subject)
  return c.fingerprint ? { subject, issuer: string(c.issuer), notAfterUS: number(c.not_after_us) } : null
}

export function parseService(value: unknown): Service {
  const f = fields(value)
  return {
    id: string(f.id),
    name: string(f.name),
    address: string(f.address),
    params: list(f.params, parseParameter),
    headers: list(f.headers, parseParameter),
    subprotocols: list(f.subprotocols, string),
    credential: parseCredential(f.credential),
    secrets: parseSecrets(f.secrets),
    compression: f.compression === true,
    caPEM: string(fields(f.tls).ca_pem),
    clientCertPEM: string(fields(f.tls).client_cert_pem),
    clientCertificate: parseCertificate(fields(f.tls).client_certificate),
    clientKey: parseSecret(fields(f.tls).client_key),
    skipVerify: fields(f.tls).skip_verify === true,
    pingInterval: number(f.ping_interval),
    pongTimeout: number(f.pong_timeout),
    maxMessageBytes: number(fields(f.limits).max_message_bytes),
    recordRelay: f.record_relay === true,
    relayOrigins: list(f.relay_origins, string),
    shared: f.shared === true,
    owner: string(f.owner),
    mayChange: f.may_change === true,
    demo: string(f.demo),
  }
}

const messageTypes: readonly MessageType[] = ["text", "json", "xml", "html", "hex", "base64", "file"]

export function parseSavedMessage(value: unknown): SavedMessage {
  const f = fields(value)
  return {
    id: string(f.id),
    name: string(f.name),
    folder: string(f.folder),
    position: number(f.position),
    type: oneOf(f.type, messageTypes, "file"),
    size: number(f.size),
  }
}

// parseServerEvent returns null for an event this page does not know.
export function parseServerEvent(value: unknown): ServerEvent | null {
  const f = fields(value)
  switch (f.type) {
    case "state":
      return { type: "state", state: parseSession(f.state) }
    case "rows":
      return { type: "rows", rows: parseRows(f.rows), lastSeq: number(f.last_seq) }
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
    fields: list(f.fields, (item) => {
      const k = fields(item)
      return {
        name: string(k.name),
        secret: k.secret === true,
        required: k.required === true,
        choices: list(k.choices, string),
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
    kinds: list(f.kinds, parseKind),
    limits: {
      maxMessageBytes: number(limits.max_message_bytes) || 64 << 20,
      uploadAbove: number(limits.upload_above) || 64 << 10,
    },
    nonce: string(f.nonce),
    skipVerify: f.skip_verify === true,
  }
}
