// The form of a service: the address row and the tabs, with one value.

import { has, say } from "../text"
import { byId, type Component } from "../ui"
import type { Boot, Dialect, Parameter, SecretInfo, Setting, WireError } from "../wire"
import { merge, normalize, scheme, split, type Param, type Tidied } from "./address"
import { Auth, ofDialect, type Bind } from "./auth"
import { addressOf, blank, fieldOf, rowOf, type Form } from "./form"
import { checkHeader } from "./header"
import { Pairs } from "./pairs"
import { PanelLock } from "./panel-lock"
import { Settings } from "./settings"

// Parts shows the part of the form with a name, and how much it holds.
export interface Parts {
  update(name: string): void
  badge(name: string, text: string, label: string): void
}

export class ServiceForm implements Component<Form> {
  readonly element = byId("main")
  readonly address = byId<HTMLInputElement>("address")
  private readonly note = byId("address-note")
  private readonly field = byId("address-field")
  private readonly scheme = byId("scheme")
  private readonly name = byId<HTMLInputElement>("service-name")
  private readonly params: Pairs<Param>
  private readonly headers: Pairs<Parameter>
  private readonly auth: Auth
  private readonly settings: Settings
  private readonly nameNote = byId("name-note")
  private readonly settingList: readonly Setting[]
  private readonly usual: Form
  private form: Form
  private readonly stop = new AbortController()
  private locked = false
  private locks: PanelLock[] = []

  // naming.save runs on Enter in the name; naming.saved returns the name that Escape restores, and
  // naming.shown the page's words for the name of a form.
  constructor(boot: Boot, private readonly tabs: Parts, bind: Bind, private readonly changed: () => void, private readonly naming: { save(): void; saved(): string; shown(form: Form): string }) {
    this.settingList = boot.settings
    this.form = this.usual = blank(boot.settings)
    const { signal } = this.stop
    const edited = () => this.edited()
    const kept = (field: string) => this.form.keptRows[field]
    this.params = new Pairs<Param>(byId("panel-params"), { kind: "param", check: () => "", kept, changed: () => this.paramsEdited() })
    this.headers = new Pairs<Parameter>(byId("panel-headers"), { kind: "header", check: checkHeader, kept, changed: edited })
    this.auth = new Auth(byId("panel-auth"), boot.kinds, bind, edited, () => this.address.value)
    this.settings = new Settings(byId("panel-settings"), boot.settings, boot.skipVerify, edited)
    const unlock = document.getElementById("edit")
    if (unlock) this.locks = ["params", "headers", "auth", "settings"].map((name) => new PanelLock(byId(`panel-${name}`), unlock))
    this.name.addEventListener("input", edited, { signal })
    this.name.addEventListener("keydown", (event) => this.nameKey(event), { signal })
    this.address.addEventListener("input", (event) => this.addressEdited(event), { signal })
    this.address.addEventListener("change", () => this.tidy(), { signal })
  }

  value(): Form {
    return this.form
  }

  update(form: Form): void {
    this.form = form
    this.address.value = addressOf(form)
    this.name.value = this.naming.shown(form)
    this.params.update(form.params)
    this.headers.update(form.headers)
    this.auth.update(form)
    this.settings.update({ ...form, relay: relayOf(form) })
    this.say("")
    this.sayName("")
    this.badges()
  }

  // keep replaces the facts about stored secrets and leaves the rest alone.
  keep(kept: Record<string, SecretInfo>): void {
    this.form = { ...this.form, kept }
    this.auth.keep(kept)
  }

  // choose sets the dialect. Where the credential may change, the dialect's values take the
  // place of none.
  choose(dialect: Dialect | null, isForm: boolean): void {
    const asks = dialect !== null && dialect.vars.length + dialect.secrets.length > 0
    const { kind } = this.form
    const next = !isForm ? kind : kind === "none" && asks ? ofDialect : kind === ofDialect && !asks ? "none" : kind
    this.form = { ...this.form, dialect: dialect?.name ?? "", kind: next }
    this.auth.update(this.form)
    this.finish()
  }

  // setCredential sets the kind of the credential and its fields.
  setCredential(kind: string, fields: Record<string, string>): void {
    this.form = { ...this.form, kind, fields: { ...fields } }
    this.auth.update(this.form)
    this.finish()
  }

  // isMissing reports whether a required field of the credential has no value.
  isMissing(): boolean {
    return this.auth.missing() !== null
  }

  chooseEnvironment(environment: string): void {
    this.form = { ...this.form, environment }
    this.finish()
  }

  // speak shows the fields and the messages of the dialect on the Auth tab.
  speak(dialect: Dialect | null, sends: readonly HTMLElement[]): void {
    this.auth.speak(dialect, sends)
  }

  // checkForm shows the first mistake that the page can find; true when there is none.
  checkForm(): boolean {
    const { base, headers } = this.form
    const missing = this.auth.missing()
    const wrong = headers.findIndex((row) => row.enabled && (row.name || row.value) && checkHeader(row))
    const header = headers[wrong]
    if (!base.trim()) this.failAddress(say("page.address.missing"))
    else if (header) this.failRow("headers", wrong, checkHeader({ ...header, value: "" }) ? "name" : "value", checkHeader(header))
    else if (missing) this.failAuth(missing.field, say(missing.secret ? "page.wrong.missing_secret" : "page.wrong.missing_field"))
    else return true
    return false
  }

  // lock makes every input read-only: the target was dialled with these values, or for a
  // reason of its own.
  lock(on: boolean, reason = ""): void {
    for (const line of this.locks) line.update(on, reason)
    if (on === this.locked) return
    this.locked = on
    this.address.readOnly = on
    this.params.lock(on)
    this.headers.lock(on)
    this.auth.lock(on)
    this.settings.lock(on)
  }

  destroy(): void {
    this.stop.abort()
    for (const part of [this.params, this.headers, this.auth, this.settings, ...this.locks]) part.destroy()
  }

  // tidy rewrites the address as it will be dialled and names the change.
  tidy(): void {
    const tidied = normalize(this.address.value)
    if (!tidied) return
    this.address.value = tidied.address
    this.readAddress()
    this.say(told(tidied))
  }

  // fail shows an error at the input that its field names and opens the tab; false when
  // this form has no such input.
  fail(error: WireError, onlyEnabled: boolean): boolean {
    const { part, inner } = fieldOf(error.field)
    switch (part) {
      case "address":
        this.failAddress(error.message)
        return true
      case "name":
        this.sayName(error.message)
        this.name.focus()
        return true
      case "params":
      case "headers":
        return this.failRows(part, error, onlyEnabled)
      case "credential":
        if (!inner) return false
        this.failAuth(inner, wordsOf(error, part))
        return true
      case "tls":
      case "subprotocols":
      case "relay_origins":
        this.failSetting(part === "tls" ? inner || "ca_pem" : part, wordsOf(error, part))
        return true
    }
    const setting = this.settingList.find(({ name }) => name === error.field)
    if (setting) this.failSetting(setting.key, wordsOfSetting(error, setting))
    return setting !== undefined
  }

  private nameKey(event: KeyboardEvent): void {
    if (event.isComposing) return
    if (event.key === "Enter") this.naming.save()
    else if (event.key === "Escape" && this.name.value !== this.naming.saved()) {
      this.name.value = this.naming.saved()
      this.edited()
    } else return
    event.preventDefault()
  }

  private failAddress(message: string): void {
    this.say(message, true)
    this.address.focus()
  }

  // failRows shows an error at a row, found by its index or by the field of its secret.
  private failRows(part: "params" | "headers", error: WireError, onlyEnabled: boolean): boolean {
    const { index, inner } = fieldOf(error.field)
    const rows = this.form[part]
    const row = index < 0 ? rows.findIndex(({ field }) => field === error.field) : rowOf(rows, index, onlyEnabled)
    if (row < 0) return false
    this.failRow(part, row, index < 0 ? "value" : inner, wordsOf(error, part))
    return true
  }

  private failRow(part: "params" | "headers", row: number, inner: string, message: string): void {
    this.tabs.update(part)
    this[part].fail(row, inner, message)
  }

  private failAuth(field: string, message: string): void {
    this.tabs.update("auth")
    this.auth.fail(field, message)
  }

  private failSetting(key: string, message: string): void {
    this.tabs.update("settings")
    this.settings.fail(key, message)
  }

  private addressEdited(event: globalThis.Event): void {
    const pasted = event instanceof InputEvent && event.inputType === "insertFromPaste"
    this.say("")
    if (pasted) this.tidy()
    this.readAddress()
  }

  private readAddress(): void {
    const { base, query } = split(this.address.value)
    this.form = { ...this.form, base, params: merge(this.form.params, query) }
    this.params.update(this.form.params)
    this.finish()
  }

  private paramsEdited(): void {
    this.form = { ...this.form, params: this.params.rows() }
    this.address.value = addressOf(this.form)
    this.finish()
  }

  private edited(): void {
    const { kind, fields } = this.auth.value()
    this.sayName("")
    this.form = { ...this.form, ...this.settings.value(), kind, fields, name: this.typedName, headers: this.headers.rows() }
    this.finish()
  }

  // typedName is the name of the form: that of a service stays until other words are typed.
  private get typedName(): string {
    const { value } = this.name
    return value === this.naming.shown(this.form) ? this.form.name : value
  }

  private finish(): void {
    this.badges()
    this.changed()
  }

  private say(note: string, wrong = false): void {
    this.note.textContent = note
    this.note.title = note
    this.field.classList.toggle("invalid", wrong)
    this.address.toggleAttribute("aria-invalid", false)
    if (wrong) this.address.setAttribute("aria-invalid", "true")
  }

  private sayName(note: string): void {
    this.nameNote.textContent = note
    if (note) this.name.setAttribute("aria-invalid", "true")
    else this.name.removeAttribute("aria-invalid")
  }

  private badges(): void {
    const known = scheme(this.address.value)
    this.scheme.textContent = known
    this.scheme.dataset.scheme = known
    this.scheme.title = known ? say(`page.scheme.${known}`) : ""
    this.countBadge("params", this.form.params)
    this.countBadge("headers", this.form.headers)
    const { kind } = this.form
    this.tabs.badge("auth", kind === "none" ? "" : "•", kind === "none" ? "" : say(`auth.kind.${kind}`))
    const set = (["subprotocols", "caPEM", "clientCertPEM", "skipVerify", "relayOrigins", "settings", "savedSettings"] as const)
      .some((name) => JSON.stringify(this.form[name]) !== JSON.stringify(this.usual[name]))
    this.tabs.badge("settings", set ? "•" : "", set ? say("page.tab.set") : "")
  }

  private countBadge(name: string, rows: readonly Parameter[]): void {
    const enabled = rows.filter((row) => row.enabled && row.name).length
    this.tabs.badge(name, enabled > 0 ? String(enabled) : "", enabled > 0 ? String(enabled) : "")
  }
}

// told names the changes to an address; "" when only spaces around it went.
function told({ from, to, cut }: Tidied): string {
  const words = []
  if (to) words.push(from ? say("page.address.converted", { from, to }) : say("page.address.completed", { to }))
  if (cut) words.push(say("page.address.cut"))
  return words.join(" ")
}

// wordsOf names the input as the page does; the server's message names it as the API does.
function wordsOf({ code, message, rule, limit }: WireError, part: string): string {
  const key = [`page.wrong.${code}.${rule}`, `page.wrong.${code}.${part}`, `page.wrong.${code}`].find(has)
  return key ? say(key, { limit }) : message
}

// wordsOfSetting returns the sentence of a setting, or of its kind with its bounds.
function wordsOfSetting(error: WireError, { key, kind, least, most }: Setting): string {
  const own = [key, kind].map((name) => `page.wrong.${error.code}.${name}`).find(has)
  return own ? say(own, { least, limit: most }) : error.message
}

function relayOf(form: Form): string {
  if (!form.service) return ""
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  return `${scheme}://${location.host}/relay/${encodeURIComponent(form.service)}/`
}
