// The form of a service as data: its fields, the request bodies made from it, its changes.

import type { ClientCertificate, Parameter, SecretInfo, Service } from "../wire"
import { isFilled, join, merge, spell, split, type Param } from "./address"

export interface Form {
  service: string // id; "" for one that is not saved
  name: string
  demo: string
  base: string // the address without query
  params: Param[]
  headers: Parameter[]
  subprotocols: string[]
  kind: string
  fields: Record<string, string> // of the credential as typed, plain and secret
  kept: Record<string, SecretInfo> // stored secrets of keptKind
  keptKind: string
  keptRows: Record<string, SecretInfo> // stored secrets of params and headers
  compression: boolean
  caPEM: string
  clientCertPEM: string
  clientKeyPEM: string // as typed; "" keeps the stored key
  clientCertificate: ClientCertificate | null // the stored one
  clientKey: SecretInfo | null
  skipVerify: boolean
  pingInterval: number // seconds; 0 is off
  pongTimeout: number // seconds; 0 is off
  maxMessageBytes: number
  recordRelay: boolean
  relayOrigins: string[] // of pages that may use the relay
  shared: boolean // with the team
  owner: string // "" for one that is not saved
  mayChange: boolean
}

const defaultPing = 20

export function blank(maxMessageBytes: number): Form {
  return {
    service: "",
    name: "",
    demo: "",
    base: "",
    params: [],
    headers: [],
    subprotocols: [],
    kind: "none",
    fields: {},
    kept: {},
    keptKind: "",
    keptRows: {},
    compression: false,
    caPEM: "",
    clientCertPEM: "",
    clientKeyPEM: "",
    clientCertificate: null,
    clientKey: null,
    skipVerify: false,
    pingInterval: defaultPing,
    pongTimeout: 0,
    maxMessageBytes,
    recordRelay: false,
    relayOrigins: [],
    shared: true,
    owner: "",
    mayChange: true,
  }
}

export function formOf(s: Service, maxMessageBytes: number): Form {
  const { base, query } = split(s.address)
  return {
    service: s.id,
    name: s.name,
    demo: s.demo,
    base,
    params: query === null ? s.params : s.params.concat(merge([], query)),
    headers: s.headers,
    subprotocols: s.subprotocols,
    kind: s.credential.kind,
    fields: { ...s.credential.plain },
    kept: s.credential.secrets,
    keptKind: s.credential.kind,
    keptRows: s.secrets,
    compression: s.compression,
    caPEM: s.caPEM,
    clientCertPEM: s.clientCertPEM,
    clientKeyPEM: "",
    clientCertificate: s.clientCertificate,
    clientKey: s.clientKey,
    skipVerify: s.skipVerify,
    pingInterval: s.pingInterval,
    pongTimeout: s.pongTimeout,
    maxMessageBytes: s.maxMessageBytes || maxMessageBytes,
    recordRelay: s.recordRelay,
    relayOrigins: s.relayOrigins,
    shared: s.shared,
    owner: s.owner,
    mayChange: s.mayChange,
  }
}

// adHoc makes the form of an address without a service.
export function adHoc(address: string, maxMessageBytes: number): Form {
  const { base, query } = split(address)
  return { ...blank(maxMessageBytes), base, params: merge([], query) }
}

export function addressOf(form: Form): string {
  return join(form.base, form.params)
}

type Body = Record<string, unknown>

// serviceBody makes the request body that saves a service. An omitted secret is kept.
export function serviceBody(form: Form): Body {
  return {
    name: form.name.trim(),
    ...common(form, form.params.filter(isFilled).map((p) => ({ ...param(p), enabled: p.enabled })), form.headers.filter(isFilled).map((p) => ({ ...pair(p), enabled: p.enabled }))),
    record_relay: form.recordRelay,
    relay_origins: form.relayOrigins,
    shared: form.shared,
  }
}

// copyBody makes the request body that saves a copy; the server copies the secrets.
export function copyBody(form: Form, of: string): Body {
  return { ...serviceBody(form), copy_secrets_from: of }
}

// sessionBody makes the request body that opens a session: the whole form, or its
// differences from the saved service.
export function sessionBody(form: Form, saved: Form | null): Body {
  const body = common(form, form.params.filter(sent).map(param), form.headers.filter(sent).map(pair))
  if (!form.service || !saved) return body
  const before = common(saved, saved.params.filter(sent).map(param), saved.headers.filter(sent).map(pair))
  const out: Body = { service: form.service }
  for (const [key, value] of Object.entries(body)) {
    if (JSON.stringify(value) !== JSON.stringify(before[key])) out[key] = value
  }
  return out
}

function common(form: Form, params: unknown[], headers: unknown[]): Body {
  return {
    address: form.base.trim(),
    params,
    headers,
    subprotocols: form.subprotocols,
    credential: { kind: form.kind, ...filled(form.fields) },
    compression: form.compression,
    tls: {
      ca_pem: form.caPEM,
      skip_verify: form.skipVerify,
      client_cert_pem: form.clientCertPEM,
      ...(form.clientKeyPEM ? { client_key_pem: form.clientKeyPEM } : {}),
    },
    ping_interval: form.pingInterval,
    pong_timeout: form.pongTimeout,
    limits: { max_message_bytes: form.maxMessageBytes },
  }
}

function filled(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""))
}

function sent(p: Parameter): boolean {
  return p.enabled && isFilled(p)
}

interface Sent {
  name: string
  value: string
  raw?: string
  secret?: true
  field?: string
}

function pair(p: Parameter): Sent {
  return { name: p.name, value: p.value, ...(p.secret ? { secret: true, ...(p.field ? { field: p.field } : {}) } : {}) }
}

// param keeps the spelling that the address row shows. Control characters are sent only
// when spelled with %: in the table they are a mistake, which the server names.
function param(p: Param): Sent {
  if (p.secret) return pair(p)
  const raw = spell(p)
  return raw !== p.raw && /\p{Cc}/u.test(p.name + p.value) ? pair(p) : { ...pair(p), raw }
}

// changed reports whether saving would change the service.
export function changed(form: Form, saved: Form): boolean {
  return JSON.stringify(serviceBody(form)) !== JSON.stringify(serviceBody(saved))
}

// soundsSecret guesses from the name of a header or parameter that its value is a secret.
export function soundsSecret(name: string): boolean {
  return /(token|secret|key|password|passwd|auth|authorization|cookie|credential|sig|signature|appcode|jwt)$/i.test(name)
}

// rowOf maps the index in an error's field ("headers[2].value") to a row of the form:
// only some rows were sent.
export function rowOf(rows: readonly Parameter[], index: number, onlyEnabled: boolean): number {
  const pass = onlyEnabled ? sent : isFilled
  let left = index
  return rows.findIndex((row) => pass(row) && left-- === 0)
}

// fieldOf splits an error's field: "headers[2].value" -> headers, 2, value.
export function fieldOf(field: string): { part: string; index: number; inner: string } {
  const match = /^([a-z_]+)(?:\[(\d+)\])?(?:\.([a-z_]+))?/.exec(field)
  return { part: match?.[1] ?? "", index: Number(match?.[2] ?? -1), inner: match?.[3] ?? "" }
}
