// The form of a service as data: its fields, the request bodies made from it, its changes.

import type { ClientCertificate, Parameter, SecretInfo, Service, Setting, SettingValues } from "../wire"
import { isFilled, join, merge, spell, split, type Param } from "./address"

export interface Form {
  service: string // id; "" for one that is not saved
  name: string
  demo: string
  base: string // the address without query
  params: Param[]
  headers: Parameter[]
  subprotocols: string[]
  dialect: string // its name; "" for none
  environment: string // its name; "" for none
  kind: string
  fields: Record<string, string> // of the credential as typed, plain and secret
  kept: Record<string, SecretInfo> // stored secrets of keptKind
  keptKind: string
  keptRows: Record<string, SecretInfo> // stored secrets of params and headers
  caPEM: string
  clientCertPEM: string
  clientKeyPEM: string // as typed; "" keeps the stored key
  clientCertificate: ClientCertificate | null // the stored one
  clientKey: SecretInfo | null
  skipVerify: boolean
  settings: SettingValues // a session may be opened with others
  savedSettings: SettingValues // those that belong to the saved service only
  relayOrigins: string[] // of pages that may use the relay
  shared: boolean // with the team
  owner: string // "" for one that is not saved
  mayChange: boolean
}

export function blank(settings: readonly Setting[]): Form {
  return {
    service: "",
    name: "",
    demo: "",
    base: "",
    params: [],
    headers: [],
    subprotocols: [],
    dialect: "",
    environment: "",
    kind: "none",
    fields: {},
    kept: {},
    keptKind: "",
    keptRows: {},
    caPEM: "",
    clientCertPEM: "",
    clientKeyPEM: "",
    clientCertificate: null,
    clientKey: null,
    skipVerify: false,
    ...settingsOf(settings, {}),
    relayOrigins: [],
    shared: true,
    owner: "",
    mayChange: true,
  }
}

export function formOf(s: Service, settings: readonly Setting[]): Form {
  const { base, query } = split(s.address)
  return {
    service: s.id,
    name: s.name,
    demo: s.demo,
    base,
    params: query === null ? s.params : s.params.concat(merge([], query)),
    headers: s.headers,
    subprotocols: s.subprotocols,
    dialect: s.dialect,
    environment: s.environment,
    kind: s.credential.kind,
    fields: { ...s.credential.plain },
    kept: s.credential.secrets,
    keptKind: s.credential.kind,
    keptRows: s.secrets,
    caPEM: s.caPEM,
    clientCertPEM: s.clientCertPEM,
    clientKeyPEM: "",
    clientCertificate: s.clientCertificate,
    clientKey: s.clientKey,
    skipVerify: s.skipVerify,
    ...settingsOf(settings, s.values),
    relayOrigins: s.relayOrigins,
    shared: s.shared,
    owner: s.owner,
    mayChange: s.mayChange,
  }
}

// settingsOf picks the settings of a form among values; one without a value has its default.
function settingsOf(settings: readonly Setting[], values: SettingValues): Pick<Form, "settings" | "savedSettings"> {
  const pick = (savedOnly: boolean) => Object.fromEntries(settings.filter((s) => s.savedOnly === savedOnly).map((s) => [s.name, values[s.name] ?? s.default]))
  return { settings: pick(false), savedSettings: pick(true) }
}

// adHoc makes the form of an address without a service.
export function adHoc(address: string, settings: readonly Setting[]): Form {
  return { ...blank(settings), ...partsOf(address) }
}

// partsOf splits an address into the fields that it fills.
export function partsOf(address: string): Pick<Form, "base" | "params"> {
  const { base, query } = split(address)
  return { base, params: merge([], query) }
}

// amountOf returns the number of a setting; 0 for one that is unknown.
export function amountOf(form: Form, name: string): number {
  return Number(form.settings[name] ?? 0)
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
    ...nested(form.savedSettings),
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
    dialect: form.dialect,
    environment: form.environment,
    credential: { kind: form.kind, ...credentialOf(filled(form.fields)) },
    tls: {
      ca_pem: form.caPEM,
      skip_verify: form.skipVerify,
      client_cert_pem: form.clientCertPEM,
      ...(form.clientKeyPEM ? { client_key_pem: form.clientKeyPEM } : {}),
    },
    ...nested(form.settings),
  }
}

// nested returns values as the API has them: {"limits.a": 1} is {limits: {a: 1}}.
function nested(values: SettingValues): Body {
  const out: Record<string, object | number | boolean> = {}
  for (const [name, value] of Object.entries(values)) {
    const [group = "", member] = name.split(".")
    out[group] = member === undefined ? value : { ...Object(out[group]), [member]: value }
  }
  return out
}

// credentialOf returns the fields as the API has them: {"vars.a": 1} is {vars: {a: 1}}.
function credentialOf(values: Record<string, string>): Body {
  const out: Record<string, string | Record<string, string>> = {}
  for (const [name, value] of Object.entries(values)) {
    const [, group, member] = /^(vars|secrets)\.(.+)$/.exec(name) ?? []
    if (!group || !member) out[name] = value
    else out[group] = { ...Object(out[group]), [member]: value }
  }
  return out
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
  const match = /^([a-z_]+)(?:\[(\d+)\])?(?:\.([\w.]+))?/.exec(field)
  return { part: match?.[1] ?? "", index: Number(match?.[2] ?? -1), inner: match?.[3] ?? "" }
}
