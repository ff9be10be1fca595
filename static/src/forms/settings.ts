// The Settings tab: subprotocols, pings, limits, TLS and the relay.

import { say, stamp } from "../text"
import { element, type Component } from "../ui"
import type { ClientCertificate, SecretInfo } from "../wire"

export interface SettingsValue {
  subprotocols: string[]
  compression: boolean
  caPEM: string
  clientCertPEM: string
  clientKeyPEM: string
  skipVerify: boolean
  pingInterval: number
  pongTimeout: number
  maxMessageBytes: number
  recordRelay: boolean
  relayOrigins: string[]
  shared: boolean
}

// Kept holds the facts about a stored client certificate and its key.
interface Kept {
  clientCertificate: ClientCertificate | null
  clientKey: SecretInfo | null
}

const MiB = 1 << 20

export class Settings implements Component<SettingsValue & Kept & { relay: string }> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly protocols = text("subprotocols", { type: "text", class: "input mono", placeholder: "v1.realtime, chat" })
  private readonly ping = text("ping_interval", { type: "number", class: "input short", min: 0, max: 600, step: 1, inputmode: "numeric" })
  private readonly pong = text("pong_timeout", { type: "number", class: "input short", min: 0, max: 3600, step: 1, inputmode: "numeric" })
  private readonly most: HTMLInputElement
  private readonly compression = check("compression")
  private readonly record = check("record_relay")
  private readonly origins = text("relay_origins", { type: "text", class: "input mono", placeholder: "https://app.example" })
  private readonly shared = check("shared")
  private readonly skip = check("skip_verify")
  private readonly skipField = field("skip_verify", this.skip)
  private readonly ca = element("textarea", { ...named("ca_pem"), class: "input mono pem", rows: 4, placeholder: "-----BEGIN CERTIFICATE-----" })
  private readonly certificate = element("textarea", { ...named("client_cert_pem"), class: "input mono pem", rows: 4, placeholder: "-----BEGIN CERTIFICATE-----" })
  private readonly key = element("textarea", { ...named("client_key_pem"), class: "input mono pem concealed", rows: 2, "data-1p-ignore": true })
  private readonly about = element("p", { class: "help", "data-testid": "setting-client_cert_pem-about" })
  private readonly keyAbout = element("p", { class: "kept-elsewhere", "data-testid": "setting-client_key_pem-about" })
  private readonly relay = element("code", { class: "relay mono", id: "setting-relay", tabindex: 0 })
  private readonly relayField = field("relay", this.relay)

  constructor(host: HTMLElement, private readonly mostBytes: number, private readonly maySkipVerify: boolean, changed: () => void) {
    this.element = host
    const { signal } = this.stop
    const { protocols, ping, pong, compression, record, origins, shared, skip, ca, certificate, key } = this
    const most = this.most = text("max_message", { type: "number", class: "input short", min: 0.001, max: mostBytes / MiB, step: "any", inputmode: "decimal" })
    this.element.append(
      element("div", { class: "fields columns" },
        field("subprotocols", protocols),
        field("shared", shared),
        field("ping_interval", unit(ping, "page.unit.seconds")),
        field("pong_timeout", unit(pong, "page.unit.seconds")),
        field("max_message", unit(most, "page.unit.mib")),
        field("compression", compression),
        field("ca_pem", ca),
        this.skipField,
        field("client_cert_pem", certificate, this.about),
        field("client_key_pem", key, this.keyAbout),
        field("record_relay", record),
        this.relayField,
        field("relay_origins", origins),
      ),
    )
    // A file often holds certificate and key: the key moves to the concealed field.
    certificate.addEventListener("input", () => {
      const [, found] = keyInPEM.exec(certificate.value) ?? []
      if (!found) return
      key.value = found
      certificate.value = certificate.value.replace(keyInPEM, "").trim()
    }, { signal })
    for (const control of [protocols, ping, pong, most, compression, record, origins, shared, skip, ca, certificate, key]) {
      control.addEventListener("input", () => {
        control.removeAttribute("aria-invalid")
        this.element.querySelector(`#${control.id}-error`)?.replaceChildren()
        changed()
      }, { signal })
    }
    protocols.addEventListener("change", () => this.hintProtocols(), { signal })
  }

  update(value: SettingsValue & Kept & { relay: string }): void {
    this.protocols.value = value.subprotocols.join(", ")
    this.ping.value = String(value.pingInterval)
    this.pong.value = String(value.pongTimeout)
    this.most.value = String(value.maxMessageBytes / MiB)
    this.compression.checked = value.compression
    this.record.checked = value.recordRelay
    this.origins.value = value.relayOrigins.join(", ")
    this.shared.checked = value.shared
    this.ca.value = value.caPEM
    this.certificate.value = value.clientCertPEM
    this.key.value = value.clientKeyPEM
    this.key.placeholder = value.clientKey ? say("page.secret.kept", { fingerprint: value.clientKey.fingerprint }) : "-----BEGIN PRIVATE KEY-----"
    this.keyAbout.textContent = value.clientKey && !value.clientKey.usable ? say("page.secret.elsewhere") : ""
    describe(this.about, value.clientCertificate)
    this.skip.checked = value.skipVerify
    this.skipField.hidden = !this.maySkipVerify && !value.skipVerify
    this.relay.textContent = value.relay
    this.relayField.hidden = value.relay === ""
    clearErrors(this.element)
    this.hintProtocols()
  }

  value(): SettingsValue {
    return {
      subprotocols: this.protocols.value.split(/[\s,]+/).filter(Boolean),
      pingInterval: Math.max(0, Number(this.ping.value) || 0),
      pongTimeout: Math.max(0, Number(this.pong.value) || 0),
      maxMessageBytes: Math.max(1, Math.round((Number(this.most.value) || this.mostBytes / MiB) * MiB)),
      compression: this.compression.checked,
      recordRelay: this.record.checked,
      relayOrigins: this.origins.value.split(/[\s,]+/).filter(Boolean),
      shared: this.shared.checked,
      caPEM: this.ca.value,
      clientCertPEM: this.certificate.value,
      clientKeyPEM: this.key.value,
      skipVerify: this.skip.checked,
    }
  }

  lock(on: boolean): void {
    for (const control of [this.protocols, this.ping, this.pong, this.most, this.origins, this.ca, this.certificate, this.key]) control.readOnly = on
    for (const control of [this.compression, this.record, this.shared, this.skip]) control.disabled = on
  }

  fail(part: string, message: string): void {
    const note = this.element.querySelector<HTMLElement>(`#setting-${part}-error`)
    const control = this.element.querySelector<HTMLElement>(`#setting-${part}`)
    if (note) note.textContent = message
    control?.setAttribute("aria-invalid", "true")
    control?.focus()
  }

  destroy(): void {
    this.stop.abort()
  }

  // hintProtocols warns of a key among the subprotocols, which are stored in plain text;
  // the Auth tab seals it.
  private hintProtocols(): void {
    const note = this.element.querySelector("#setting-subprotocols-error")
    if (note && looksSecret(this.protocols.value)) note.textContent = say("page.setting.subprotocols.secret")
  }
}

const keyInPEM = /(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----)\s*/

// describe shows the subject, issuer and expiry of a stored certificate.
function describe(about: HTMLElement, certificate: ClientCertificate | null): void {
  const ended = certificate !== null && certificate.notAfterUS < Date.now() * 1000
  about.textContent = certificate
    ? say(ended ? "page.certificate.ended" : "page.certificate.about", { subject: certificate.subject, issuer: certificate.issuer, until: stamp(certificate.notAfterUS).slice(0, 16) })
    : ""
  about.classList.toggle("danger", ended)
}

// looksSecret reports whether a subprotocol holds a key, as sign.MaskSubprotocols does
// for the forms that are common: "openai-insecure-api-key.SECRET", "token, SECRET",
// "sk-...".
function looksSecret(list: string): boolean {
  return /(^|[\s,])([\w.-]*(key|token|bearer|secret|authorization)\w*\.[^\s,]{6,}|(token|bearer|authorization|access_token|key)\s*,\s*[^\s,]{16,}|sk-[^\s,]{10,})/i.test(list)
}

function named(name: string): Record<string, string> {
  return { id: `setting-${name}`, "data-testid": `setting-${name}`, "aria-describedby": `setting-${name}-help setting-${name}-error`, spellcheck: "false", autocomplete: "off" }
}

function text(name: string, attributes: Record<string, string | number>): HTMLInputElement {
  return element("input", { ...named(name), ...attributes })
}

function check(name: string): HTMLInputElement {
  return element("input", { ...named(name), type: "checkbox", class: "check" })
}

function unit(control: HTMLElement, key: string): HTMLElement {
  return element("span", { class: "with-unit" }, control, element("span", { class: "unit" }, say(key)))
}

function field(name: string, control: HTMLElement, ...below: HTMLElement[]): HTMLElement {
  return element(
    "div",
    { class: "field" },
    element("label", { for: `setting-${name}` }, say(`page.setting.${name}`)),
    element(
      "div",
      { class: "field-body" },
      control,
      element("p", { class: "help", id: `setting-${name}-help` }, say(`page.setting.${name}.help`)),
      ...below,
      element("p", { class: "field-error", id: `setting-${name}-error` }),
    ),
  )
}

function clearErrors(host: HTMLElement): void {
  for (const note of host.querySelectorAll<HTMLElement>(".field-error")) note.textContent = ""
  for (const control of host.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid")
}
