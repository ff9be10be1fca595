// The Settings tab: what the connection offers, how it is kept alive, how much it takes.

import { say, stamp } from "../text"
import { element } from "../ui"
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

// What is kept of a client certificate.
interface Kept {
  clientCertificate: ClientCertificate | null
  clientKey: SecretInfo | null
}

export interface SettingsForm {
  set(value: SettingsValue & Kept, relay: string): void
  value(): SettingsValue
  lock(locked: boolean): void
  fail(part: string, message: string): void
}

const MiB = 1 << 20

export function createSettings(host: HTMLElement, mostBytes: number, maySkipVerify: boolean, changed: () => void): SettingsForm {
  const protocols = text("subprotocols", { type: "text", class: "input mono", placeholder: "v1.realtime, chat" })
  const ping = text("ping_interval", { type: "number", class: "input short", min: 0, max: 600, step: 1, inputmode: "numeric" })
  const pong = text("pong_timeout", { type: "number", class: "input short", min: 0, max: 3600, step: 1, inputmode: "numeric" })
  const most = text("max_message", { type: "number", class: "input short", min: 0.001, max: mostBytes / MiB, step: "any", inputmode: "decimal" })
  const compression = check("compression")
  const record = check("record_relay")
  const origins = text("relay_origins", { type: "text", class: "input mono", placeholder: "https://app.example" })
  const shared = check("shared")
  const skip = check("skip_verify")
  const skipField = field("skip_verify", skip)
  const ca = element("textarea", { ...named("ca_pem"), class: "input mono pem", rows: 4, placeholder: "-----BEGIN CERTIFICATE-----" })
  const certificate = element("textarea", { ...named("client_cert_pem"), class: "input mono pem", rows: 4, placeholder: "-----BEGIN CERTIFICATE-----" })
  const key = element("textarea", { ...named("client_key_pem"), class: "input mono pem concealed", rows: 2, "data-1p-ignore": true })
  const about = element("p", { class: "help", "data-testid": "setting-client_cert_pem-about" })
  const keyAbout = element("p", { class: "kept-elsewhere", "data-testid": "setting-client_key_pem-about" })
  const relay = element("code", { class: "relay mono", id: "setting-relay", tabindex: 0 })
  const relayField = field("relay", relay)
  host.append(
    element("div", { class: "fields columns" },
      field("subprotocols", protocols),
      field("shared", shared),
      field("ping_interval", unit(ping, "page.unit.seconds")),
      field("pong_timeout", unit(pong, "page.unit.seconds")),
      field("max_message", unit(most, "page.unit.mib")),
      field("compression", compression),
      field("ca_pem", ca),
      skipField,
      field("client_cert_pem", certificate, about),
      field("client_key_pem", key, keyAbout),
      field("record_relay", record),
      relayField,
      field("relay_origins", origins),
    ),
  )
  // A file often holds both: the key moves to where nobody reads it.
  certificate.addEventListener("input", () => {
    const [, found] = keyInPEM.exec(certificate.value) ?? []
    if (!found) return
    key.value = found
    certificate.value = certificate.value.replace(keyInPEM, "").trim()
  })
  for (const control of [protocols, ping, pong, most, compression, record, origins, shared, skip, ca, certificate, key]) {
    control.addEventListener("input", () => {
      control.removeAttribute("aria-invalid")
      host.querySelector(`#${control.id}-error`)?.replaceChildren()
      changed()
    })
  }

  // A key among the subprotocols is stored in plain: the Auth tab seals it.
  const hintProtocols = () => {
    const note = host.querySelector("#setting-subprotocols-error")
    if (note && looksSecret(protocols.value)) note.textContent = say("page.setting.subprotocols.secret")
  }
  protocols.addEventListener("change", hintProtocols)

  return {
    set(value, relayAddress) {
      protocols.value = value.subprotocols.join(", ")
      ping.value = String(value.pingInterval)
      pong.value = String(value.pongTimeout)
      most.value = String(value.maxMessageBytes / MiB)
      compression.checked = value.compression
      record.checked = value.recordRelay
      origins.value = value.relayOrigins.join(", ")
      shared.checked = value.shared
      ca.value = value.caPEM
      certificate.value = value.clientCertPEM
      key.value = value.clientKeyPEM
      key.placeholder = value.clientKey ? say("page.secret.kept", { fingerprint: value.clientKey.fingerprint }) : "-----BEGIN PRIVATE KEY-----"
      keyAbout.textContent = value.clientKey && !value.clientKey.usable ? say("page.secret.elsewhere") : ""
      describe(about, value.clientCertificate)
      skip.checked = value.skipVerify
      skipField.hidden = !maySkipVerify && !value.skipVerify
      relay.textContent = relayAddress
      relayField.hidden = relayAddress === ""
      clearErrors(host)
      hintProtocols()
    },
    value: () => ({
      subprotocols: protocols.value.split(/[\s,]+/).filter(Boolean),
      pingInterval: Math.max(0, Number(ping.value) || 0),
      pongTimeout: Math.max(0, Number(pong.value) || 0),
      maxMessageBytes: Math.max(1, Math.round((Number(most.value) || mostBytes / MiB) * MiB)),
      compression: compression.checked,
      recordRelay: record.checked,
      relayOrigins: origins.value.split(/[\s,]+/).filter(Boolean),
      shared: shared.checked,
      caPEM: ca.value,
      clientCertPEM: certificate.value,
      clientKeyPEM: key.value,
      skipVerify: skip.checked,
    }),
    lock(on) {
      for (const control of [protocols, ping, pong, most, origins, ca, certificate, key]) control.readOnly = on
      for (const control of [compression, record, shared, skip]) control.disabled = on
    },
    fail(part, message) {
      const note = host.querySelector<HTMLElement>(`#setting-${part}-error`)
      const control = host.querySelector<HTMLElement>(`#setting-${part}`)
      if (note) note.textContent = message
      control?.setAttribute("aria-invalid", "true")
      control?.focus()
    },
  }
}

const keyInPEM = /(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----)\s*/

// describe says what a saved certificate is, and whether it has ended.
function describe(about: HTMLElement, certificate: ClientCertificate | null): void {
  const ended = certificate !== null && certificate.notAfterUS < Date.now() * 1000
  about.textContent = certificate
    ? say(ended ? "page.certificate.ended" : "page.certificate.about", { subject: certificate.subject, issuer: certificate.issuer, until: stamp(certificate.notAfterUS).slice(0, 16) })
    : ""
  about.classList.toggle("danger", ended)
}

// looksSecret tells whether a subprotocol holds a key, as sign.MaskSubprotocols does for
// the forms that are common: "openai-insecure-api-key.SECRET", "token, SECRET", "sk-...".
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
