// The form of a service: the address row and the tabs, as one thing with one value.

import { merge, normalize, scheme, split, type Param } from "../address"
import { addressOf, blank, fieldOf, rowOf, type Form } from "../form"
import type { Tabs } from "../tabs"
import { say } from "../text"
import type { Boot, Parameter, WireError } from "../wire"
import { createAuth, type Auth } from "./auth"
import { checkHeader } from "./header"
import { createPairs, type Pairs } from "./pairs"
import { createSettings, type SettingsForm } from "./settings"

export class ServiceForm {
  readonly address = byId<HTMLInputElement>("address")
  private readonly note = byId("address-note")
  private readonly field = byId("address-field")
  private readonly scheme = byId("scheme")
  private readonly name = byId<HTMLInputElement>("service-name")
  private readonly params: Pairs<Param>
  private readonly headers: Pairs<Parameter>
  private readonly auth: Auth
  private readonly settings: SettingsForm
  private form: Form
  private locked = false

  constructor(boot: Boot, private readonly tabs: Tabs, private readonly changed: () => void) {
    this.form = blank(boot.limits.maxMessageBytes)
    const edited = () => this.edited()
    this.params = createPairs(byId("panel-params"), { kind: "param", check: () => "", changed: () => this.paramsEdited() })
    this.headers = createPairs(byId("panel-headers"), { kind: "header", check: checkHeader, changed: edited })
    this.auth = createAuth(byId("panel-auth"), boot.kinds, edited)
    this.settings = createSettings(byId("panel-settings"), boot.limits.maxMessageBytes, edited)
    this.name.addEventListener("input", edited)
    this.address.addEventListener("input", (event) => this.addressEdited(event))
    this.address.addEventListener("change", () => this.tidy())
  }

  value(): Form {
    return this.form
  }

  set(form: Form): void {
    this.form = form
    this.address.value = addressOf(form)
    this.name.value = form.name
    this.params.set(form.params)
    this.headers.set(form.headers)
    this.auth.set(form)
    this.settings.set(form, relayOf(form))
    this.say("")
    this.badges()
  }

  // lock makes every input read-only: the target was dialled with what stands here.
  lock(on: boolean): void {
    if (on === this.locked) return
    this.locked = on
    this.address.readOnly = on
    this.params.lock(on)
    this.headers.lock(on)
    this.auth.lock(on)
    this.settings.lock(on)
  }

  // tidy turns an address into what will be dialled, and says what it changed.
  tidy(): void {
    const tidied = normalize(this.address.value)
    if (!tidied) return
    this.address.value = tidied.address
    this.readAddress()
    if (tidied.from) this.say(say("page.address.converted", { from: tidied.from, to: tidied.to }))
  }

  // fail shows an error at the input it names and opens its tab; false when it
  // names none of this form.
  fail(error: WireError, onlyEnabled: boolean): boolean {
    const { part, index, inner } = fieldOf(error.field)
    switch (part) {
      case "address":
        this.say(error.message, true)
        this.address.focus()
        return true
      case "name":
        this.name.setAttribute("aria-invalid", "true")
        this.name.title = error.message
        this.name.focus()
        return true
      case "params":
      case "headers":
        this.tabs.show(part)
        this[part].fail(rowOf(this.form[part], index, onlyEnabled), inner, error.message)
        return true
      case "credential":
        this.tabs.show("auth")
        this.auth.fail(inner, error.message)
        return true
      case "tls":
      case "subprotocols":
      case "ping_interval":
      case "limits":
        this.tabs.show("settings")
        this.settings.fail({ tls: "ca_pem", limits: "max_message" }[part as string] ?? part, error.message)
        return true
      default:
        return false
    }
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
    this.params.set(this.form.params)
    this.finish()
  }

  private paramsEdited(): void {
    this.form = { ...this.form, params: this.params.rows() }
    this.address.value = addressOf(this.form)
    this.finish()
  }

  private edited(): void {
    const { kind, fields } = this.auth.value()
    this.name.removeAttribute("aria-invalid")
    this.name.title = ""
    this.form = { ...this.form, ...this.settings.value(), kind, fields, name: this.name.value, headers: this.headers.rows() }
    this.finish()
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

  private badges(): void {
    const known = scheme(this.address.value)
    this.scheme.textContent = known
    this.scheme.dataset.scheme = known
    this.scheme.title = known ? say(`page.scheme.${known}`) : ""
    this.countBadge("params", this.form.params)
    this.countBadge("headers", this.form.headers)
    const { kind, subprotocols, caPEM, compression } = this.form
    this.tabs.badge("auth", kind === "none" ? "" : "•", kind === "none" ? "" : say(`auth.kind.${kind}`))
    const set = subprotocols.length > 0 || caPEM !== "" || compression
    this.tabs.badge("settings", set ? "•" : "", set ? say("page.tab.set") : "")
  }

  private countBadge(name: string, rows: readonly Parameter[]): void {
    const enabled = rows.filter((row) => row.enabled && row.name).length
    this.tabs.badge(name, enabled > 0 ? String(enabled) : "", enabled > 0 ? String(enabled) : "")
  }
}

function relayOf(form: Form): string {
  if (!form.service) return ""
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  return `${scheme}://${location.host}/relay/${encodeURIComponent(form.service)}/`
}

function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T
}
