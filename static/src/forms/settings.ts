// The Settings tab: subprotocols, the settings of the server's list, TLS and the relay.

import { say, stamp } from "../text"
import { element, type Component } from "../ui"
import type { ClientCertificate, SecretInfo, Setting, SettingValues } from "../wire"
import { check, field, named, SettingInput, text } from "./setting-field"

export interface SettingsValue {
  subprotocols: string[]
  caPEM: string
  clientCertPEM: string
  clientKeyPEM: string
  skipVerify: boolean
  settings: SettingValues
  savedSettings: SettingValues
  relayOrigins: string[]
  shared: boolean
}

// Kept holds the facts about a stored client certificate and its key.
interface Kept {
  clientCertificate: ClientCertificate | null
  clientKey: SecretInfo | null
}

export class Settings implements Component<SettingsValue & Kept & { relay: string }> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly protocols = text("subprotocols", { type: "text", class: "input mono", placeholder: "v1.realtime, chat" })
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

  private readonly inputs: readonly SettingInput[]

  constructor(host: HTMLElement, settings: readonly Setting[], private readonly maySkipVerify: boolean, changed: () => void) {
    this.element = host
    const { signal } = this.stop
    const { protocols, origins, shared, skip, ca, certificate, key } = this
    const inputs = this.inputs = settings.map((setting) => new SettingInput(setting))
    const fields = (savedOnly: boolean) => inputs.filter(({ setting }) => setting.savedOnly === savedOnly).map((input) => input.field)
    this.element.append(
      element("div", { class: "fields columns" },
        field("subprotocols", protocols),
        field("shared", shared),
        ...fields(false),
        field("ca_pem", ca),
        this.skipField,
        field("client_cert_pem", certificate, this.about),
        field("client_key_pem", key, this.keyAbout),
        ...fields(true),
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
    for (const control of [protocols, ...inputs.map((input) => input.control), origins, shared, skip, ca, certificate, key]) {
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
    for (const input of this.inputs) {
      const { name, savedOnly, default: usual } = input.setting
      input.update((savedOnly ? value.savedSettings : value.settings)[name] ?? usual)
    }
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
      settings: this.values(false),
      savedSettings: this.values(true),
      relayOrigins: this.origins.value.split(/[\s,]+/).filter(Boolean),
      shared: this.shared.checked,
      caPEM: this.ca.value,
      clientCertPEM: this.certificate.value,
      clientKeyPEM: this.key.value,
      skipVerify: this.skip.checked,
    }
  }

  lock(on: boolean): void {
    for (const input of this.inputs) input.lock(on)
    for (const control of [this.protocols, this.origins, this.ca, this.certificate, this.key]) control.readOnly = on
    for (const control of [this.shared, this.skip]) control.disabled = on
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

  private values(savedOnly: boolean): SettingValues {
    return Object.fromEntries(this.inputs.filter(({ setting }) => setting.savedOnly === savedOnly).map((input) => [input.setting.name, input.value()]))
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

function clearErrors(host: HTMLElement): void {
  for (const note of host.querySelectorAll<HTMLElement>(".field-error")) note.textContent = ""
  for (const control of host.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid")
}
