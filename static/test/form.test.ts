import assert from "node:assert/strict"
import { test } from "node:test"
import { addressOf, adHoc, blank, changed, fieldOf, formOf, rowOf, serviceBody, sessionBody } from "../src/forms/form"
import { merge } from "../src/forms/address"
import { parseService } from "../src/wire/wire"
import { settings } from "./settings"

const service = parseService({
  id: "1",
  name: "ASR",
  address: "wss://h/p",
  params: [{ name: "a", value: "1" }, { name: "b", value: "2", enabled: false }],
  credential: { kind: "aksk", access_key: "AK", secrets: { secret_key: { set: true, fingerprint: "ab12cd34" } } },
  ping_interval: 20,
})

test("connecting to a saved service sends only what differs", () => {
  const saved = formOf(service, settings)
  assert.deepEqual(sessionBody(saved, saved), { service: "1" })
  const edited = { ...saved, params: [...saved.params, { name: "c", value: "", enabled: true }] }
  assert.deepEqual(sessionBody(edited, saved), {
    service: "1",
    params: [{ name: "a", value: "1", raw: "a=1" }, { name: "c", value: "", raw: "c=" }],
  })
})

test("disabled rows are saved and not sent", () => {
  const form = formOf(service, settings)
  assert.equal(addressOf(form), "wss://h/p?a=1")
  assert.deepEqual(serviceBody(form).params, [
    { name: "a", value: "1", raw: "a=1", enabled: true },
    { name: "b", value: "2", raw: "b=2", enabled: false },
  ])
})

test("the spelling of a saved service is shown and sent back", () => {
  const params = [{ name: "t", value: "00:00", enabled: true, raw: "t=00%3A00" }, { name: "flag", value: "", enabled: true, raw: "&flag" }]
  const form = formOf(parseService({ id: "1", name: "n", address: "wss://h/p", params, credential: { kind: "none" } }), settings)
  assert.equal(addressOf(form), "wss://h/p?t=00%3A00&&flag")
  assert.deepEqual(serviceBody(form).params, params)
  assert.equal(changed({ ...form, params: [{ ...params[0]!, raw: "t=00:00" }, params[1]!] }, form), true)
})

test("a control character from the table has no spelling, and one from the address has", () => {
  const params = [{ name: "a", value: "b\u0001", enabled: true }, { name: "c", value: "\n", enabled: true, raw: "c=%0A" }]
  assert.deepEqual(sessionBody({ ...blank(settings), base: "ws://h", params }, null).params, [
    { name: "a", value: "b\u0001" },
    { name: "c", value: "\n", raw: "c=%0A" },
  ])
})

test("a kept secret is left out until it is typed again", () => {
  const form = formOf(service, settings)
  assert.deepEqual(serviceBody(form).credential, { kind: "aksk", access_key: "AK" })
  const typed = { ...form, fields: { ...form.fields, secret_key: "s" } }
  assert.equal(changed(typed, form), true)
  assert.deepEqual(serviceBody(typed).credential, { kind: "aksk", access_key: "AK", secret_key: "s" })
})

test("an address that was typed brings its query along", () => {
  assert.deepEqual(adHoc("ws://h/?x=1", settings).params.map((p) => p.name), ["x"])
  assert.equal(changed(blank(settings), blank(settings)), false)
})

test("an error's field leads to its row", () => {
  assert.deepEqual(fieldOf("headers[2].value"), { part: "headers", index: 2, inner: "value" })
  assert.deepEqual(fieldOf("credential.secret_key"), { part: "credential", index: -1, inner: "secret_key" })
  assert.deepEqual(fieldOf("address"), { part: "address", index: -1, inner: "" })
  const rows = [
    { name: "a", value: "", enabled: false },
    { name: "b", value: "", enabled: true },
    { name: "c", value: "", enabled: true },
  ]
  assert.equal(rowOf(rows, 1, true), 2)
  assert.equal(rowOf(rows, 1, false), 1)
})

test("the key of a client certificate is sent when it is typed", () => {
  const tls = { ca_pem: "", client_cert_pem: "CERT", client_certificate: { subject: "CN=a", issuer: "CN=b", fingerprint: "ab", not_after_us: 5 }, client_key: { set: true, fingerprint: "cd" } }
  const form = formOf(parseService({ id: "1", name: "n", address: "wss://h/p", credential: { kind: "none" }, tls }), settings)
  assert.deepEqual([form.clientCertificate?.notAfterUS, form.clientKey?.fingerprint, form.clientKeyPEM], [5, "cd", ""])
  assert.deepEqual(serviceBody(form).tls, { ca_pem: "", skip_verify: false, client_cert_pem: "CERT" })
  assert.deepEqual(sessionBody({ ...form, clientKeyPEM: "KEY" }, form), { service: "1", tls: { ca_pem: "", skip_verify: false, client_cert_pem: "CERT", client_key_pem: "KEY" } })
})

test("a secret row is not in the address, and goes without its kept value", () => {
  const saved = formOf(parseService({
    id: "1", name: "n", address: "wss://h/p", credential: { kind: "none" },
    params: [{ name: "a", value: "1", raw: "a=1" }, { name: "sig", value: "", secret: true, field: "params[sig]" }],
    headers: [{ name: "X-Key", value: "", secret: true, field: "headers[X-Key]" }],
    secrets: { "headers[X-Key]": { set: true, fingerprint: "ab12cd34" } },
  }), settings)
  assert.equal(addressOf(saved), "wss://h/p?a=1")
  assert.equal(saved.keptRows["headers[X-Key]"]?.fingerprint, "ab12cd34")
  assert.deepEqual(serviceBody(saved).headers, [{ name: "X-Key", value: "", secret: true, field: "headers[X-Key]", enabled: true }])
  assert.deepEqual(merge(saved.params, "a=2&b=3").map(({ name, value }) => name + value), ["a2", "sig", "b3"])
  const typed = { ...saved, headers: [{ ...saved.headers[0]!, value: "typed-secret" }] }
  assert.deepEqual(sessionBody(typed, saved), { service: "1", headers: [{ name: "X-Key", value: "typed-secret", secret: true, field: "headers[X-Key]" }] })
  assert.equal(changed(typed, saved), true)
})

test("settings are sent by their names in the API, those of a saved service with it only", () => {
  const saved = formOf(parseService({ id: "1", name: "n", address: "wss://h/p", ping_interval: 0, limits: { max_message_bytes: 7 }, record_relay: true, mine: true }), settings)
  assert.deepEqual([saved.settings, saved.savedSettings], [{ ping_interval: 0, "limits.max_message_bytes": 7, "limits.viewers": 3 }, { record_relay: true }])
  const { ping_interval, limits, record_relay } = serviceBody(saved)
  assert.deepEqual({ ping_interval, limits, record_relay }, { ping_interval: 0, limits: { max_message_bytes: 7, viewers: 3 }, record_relay: true })
  const edited = { ...saved, settings: { ...saved.settings, "limits.viewers": 4 }, savedSettings: { record_relay: false } }
  assert.deepEqual(sessionBody(edited, saved), { service: "1", limits: { max_message_bytes: 7, viewers: 4 } })
  assert.equal(changed(edited, saved), true)
})
