// Drafts in the storage of this tab: the form of a service and the message in the
// composer. A secret is never stored; the page asks to type it again.

import type { Written } from "../composer"
import { soundsSecret, type Form, type Param } from "../forms"
import type { Kind, Parameter } from "../wire"

// Kept identifies a draft of a service that was never saved.
export interface Kept {
  key: string
  title: string // its address, or the beginning of its message
}

export interface Draft {
  form: Form | null // null when it equals the saved service
  message: Written | null
  left: boolean // a typed secret was left out
}

// Store is the used part of sessionStorage.
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">

type KeptRow = Parameter & { asSaved?: boolean } // the value equals the saved one, and is not stored

type KeptForm = Omit<Form, "service" | "demo" | "kept" | "keptKind" | "keptRows" | "clientKey" | "clientCertificate" | "params" | "headers"> & { params: KeptRow[]; headers: KeptRow[] }

const newPrefix = "new." // prefix of the keys of unsaved services, one for each page
const mostNew = 10 // drafts of unsaved services
const longest = 1_000_000 // characters of a message; a longer one is not stored

// unsavedDrafts lists the drafts of unsaved services of this tab, newest first, with the keys
// of their pages.
export function unsavedDrafts(): Kept[] {
  return new Drafts(sessionStorage, []).ofNew().map(({ key, title }) => ({ key: key.slice(newPrefix.length), title }))
}

// newKey reads the key of an unsaved service from the page's address. An address without
// a key gets one, so that a reload finds the draft.
export function newKey(page: URL, fresh: () => string): { key: string; address: string } {
  const asked = page.searchParams.get("draft") ?? ""
  if (!/^[\w-]{1,64}$/.test(asked)) page.searchParams.set("draft", fresh())
  return { key: newPrefix + page.searchParams.get("draft"), address: page.pathname + page.search }
}

// Drafts stores one draft for each key: the id of a service, of a session without one, or
// the key of an unsaved service.
export class Drafts {
  constructor(private readonly store: Store, private readonly kinds: readonly Kind[]) {}

  readDraft(key: string, saved: Form): Draft | null {
    const kept = parse(this.store.getItem(name(key)))
    if (!kept) return null
    return { ...kept, form: kept.form && restored(kept.form, saved) }
  }

  // write reports whether the whole draft was stored.
  write(key: string, { form, message }: Omit<Draft, "left">, saved: Form): boolean {
    const kept = form && this.stripped(form, saved)
    const short = message && message.text.length + message.hex.length + message.base64.length <= longest ? message : null
    if (!kept && !short) {
      this.dropDraft(key)
      return message === null
    }
    const cut = kept?.params.concat(kept.headers).some((row) => row.asSaved === false) ?? false
    const left = cut || (form !== null && (form.clientKeyPEM !== "" || this.secrets(form).some((field) => form.fields[field])))
    try {
      this.store.setItem(name(key), JSON.stringify({ form: kept, message: short, left, at: Date.now() }))
      return !left && short === message
    } catch {
      return false // the storage is full or closed
    }
  }

  // ofNew lists the drafts of unsaved services, newest first, and drops surplus ones.
  ofNew(): Kept[] {
    const found = Object.keys(this.store)
      .filter((stored) => stored.startsWith(name(newPrefix)))
      .map((stored) => ({ key: stored.slice(name("").length), ...told(this.store.getItem(stored)) }))
      .sort((a, b) => b.at - a.at)
    for (const { key } of found.slice(mostNew)) this.dropDraft(key)
    return found.slice(0, mostNew).filter(({ title }) => title !== "")
  }

  dropDraft(key: string): void {
    this.store.removeItem(name(key))
  }

  private stripped(form: Form, saved: Form): KeptForm {
    const { service: _service, demo: _demo, kept: _kept, keptKind: _keptKind, keptRows: _keptRows, clientKey: _key, clientCertificate: _certificate, ...rest } = form
    const secrets = new Set(this.secrets(form))
    return {
      ...rest,
      clientKeyPEM: "",
      base: form.base.replace(/\/\/[^/]*@/, "//"),
      fields: Object.fromEntries(Object.entries(form.fields).filter(([field]) => !secrets.has(field))),
      params: form.params.map((row) => strippedRow(row, saved.params)),
      headers: form.headers.map((row) => strippedRow(row, saved.headers)),
    }
  }

  private secrets(form: Form): string[] {
    if (form.kind === "dialect") return Object.keys(form.fields).filter((field) => field.startsWith("secrets."))
    const kind = this.kinds.find(({ kind }) => kind === form.kind)
    return (kind?.fields ?? []).filter((field) => field.secret).map((field) => field.name)
  }
}

// strippedRow removes the value of a header or parameter that sounds like a secret.
function strippedRow(row: Param, saved: readonly Parameter[]): KeptRow {
  if (row.value === "") return row
  if (row.secret) return { name: row.name, value: "", enabled: row.enabled, secret: true, field: row.field ?? "", asSaved: false }
  if (!soundsSecret(row.name)) return row
  const asSaved = saved.some(({ name, value }) => name === row.name && value === row.value)
  return { name: row.name, value: "", enabled: row.enabled, asSaved }
}

function restored(kept: KeptForm, saved: Form): Form {
  const { service, demo, kept: secrets, keptKind, keptRows, clientKey, clientCertificate } = saved
  return {
    ...saved, ...kept, service, demo, kept: secrets, keptKind, keptRows, clientKey, clientCertificate,
    settings: { ...saved.settings, ...kept.settings },
    savedSettings: { ...saved.savedSettings, ...kept.savedSettings },
    params: kept.params.map((row) => restoredRow(row, saved.params)),
    headers: kept.headers.map((row) => restoredRow(row, saved.headers)),
  }
}

function restoredRow({ asSaved, ...row }: KeptRow, saved: readonly Parameter[]): Parameter {
  if (!asSaved) return row
  const { value = "", raw } = saved.find(({ name }) => name === row.name) ?? {}
  return { ...row, value, ...(raw === undefined ? {} : { raw }) }
}

// told returns the title and the time of a draft for a notice.
function told(text: string | null): { title: string; at: number } {
  const kept = parse(text)
  const title = kept?.form?.base || kept?.message?.text.trim().slice(0, 80) || ""
  try {
    const { at } = JSON.parse(text ?? "{}") as { at?: unknown }
    return { title, at: typeof at === "number" ? at : 0 }
  } catch {
    return { title, at: 0 }
  }
}

function name(key: string): string {
  return `duplex.draft.${key}`
}

// parse returns null for a draft of an older version in another shape.
function parse(text: string | null): { form: KeptForm | null; message: Written | null; left: boolean } | null {
  try {
    const { form, message, left } = JSON.parse(text ?? "null") as Record<string, unknown>
    const isForm = (value: unknown): value is KeptForm => holds(value, ["params", "headers", "subprotocols"], Array.isArray)
    const isWritten = (value: unknown): value is Written => holds(value, ["type", "text", "hex", "base64"], (part) => typeof part === "string")
    return { form: isForm(form) ? form : null, message: isWritten(message) ? message : null, left: left === true }
  } catch {
    return null
  }
}

function holds(value: unknown, names: string[], check: (part: unknown) => boolean): boolean {
  return typeof value === "object" && value !== null && names.every((name) => check((value as Record<string, unknown>)[name]))
}
