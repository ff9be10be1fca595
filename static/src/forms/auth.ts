// The Auth tab: a kind of credential and its fields, drawn from the server's own
// table of kinds. A kept secret is never here, only its fingerprint.

import { has, say, stamp } from "../text"
import { element } from "../ui"
import type { Kind, KindField, SecretInfo, WireError } from "../wire"
import { askBinding, type Binding } from "./binding"

export interface AuthValue {
  kind: string
  fields: Record<string, string>
  kept: Record<string, SecretInfo>
  keptKind: string
}

export interface Auth {
  set(value: AuthValue): void
  value(): Pick<AuthValue, "kind" | "fields">
  keep(kept: Record<string, SecretInfo>): void // shows what is known of the kept secrets now
  lock(locked: boolean): void
  fail(field: string, message: string): void
}

// Saves changes where the kept secret of a field may go.
export type Bind = (field: string, binding: Binding) => Promise<WireError | null>

export function createAuth(host: HTMLElement, kinds: readonly Kind[], bind: Bind, changed: () => void): Auth {
  const select = element("select", { class: "select", id: "auth-kind", "data-testid": "auth-kind" })
  for (const { kind } of kinds) select.append(element("option", { value: kind }, say(`auth.kind.${kind}`)))
  const help = element("p", { class: "help" })
  const inputs = element("div", { class: "fields columns" })
  host.append(
    element("div", { class: "field" }, element("label", { for: "auth-kind" }, say("page.auth.kind")), element("div", { class: "field-body" }, select, help)),
    inputs,
  )
  let current: AuthValue = { kind: "none", fields: {}, kept: {}, keptKind: "" }
  let locked = false

  select.addEventListener("change", () => {
    current = { ...current, kind: select.value, fields: shared(current.fields, kindOf(select.value)) }
    draw()
    changed()
  })

  function kindOf(name: string): Kind | undefined {
    return kinds.find((kind) => kind.kind === name)
  }

  // wordsOf is the key of a field's label: a kind may have words of its own.
  function wordsOf(field: KindField): string {
    const own = `auth.field.${current.kind}.${field.name}`
    return has(own) ? own : `auth.field.${field.name}`
  }

  function draw(): void {
    select.value = current.kind
    select.disabled = locked
    help.textContent = say(`auth.kind.${current.kind}.help`)
    inputs.replaceChildren(...(kindOf(current.kind)?.fields ?? []).map(drawField))
  }

  function drawField(field: KindField): HTMLElement {
    const id = `auth-${field.name}`
    const kept = current.kind === current.keptKind ? current.kept[field.name] : undefined
    const control = kept && current.fields[field.name] === undefined ? drawKept(field, kept) : drawInput(field, id)
    const words = wordsOf(field)
    const label = element("label", { for: id }, say(words))
    if (!field.required) label.append(element("span", { class: "optional" }, say("page.optional")))
    const key = `${words}.help`
    const body = element("div", { class: "field-body" }, control)
    if (has(key)) body.append(element("p", { class: "help", id: `${id}-help` }, say(key)))
    body.append(element("p", { class: "field-error", id: `${id}-error` }))
    return element("div", { class: "field", "data-field": field.name }, label, body)
  }

  function drawKept(field: KindField, info: SecretInfo): HTMLElement {
    const replace = element("button", { type: "button", class: "button quiet", id: `auth-${field.name}`, "data-testid": `auth-${field.name}-replace`, disabled: locked }, say("page.secret.replace"))
    replace.addEventListener("click", () => {
      current.fields[field.name] = ""
      draw()
      inputs.querySelector<HTMLInputElement>(`#auth-${field.name}`)?.focus()
    })
    const row = element("p", { class: "kept", "data-testid": `auth-${field.name}-kept` }, element("span", {}, say("page.secret.kept", { fingerprint: info.fingerprint })), replace)
    const about = element("p", { class: "help", "data-testid": `auth-${field.name}-about` }, aboutKept(info))
    if (info.mayBind) about.append(" ", drawBind(field, info))
    const body = element("div", {}, row, about)
    if (!info.usable) body.append(element("p", { class: "kept-elsewhere", "data-testid": `auth-${field.name}-elsewhere` }, say(info.mayBind ? "page.secret.elsewhere.mine" : "page.secret.elsewhere")))
    return body
  }

  function drawBind(field: KindField, info: SecretInfo): HTMLElement {
    const button = element("button", { type: "button", class: "link", "data-testid": `auth-${field.name}-bind` }, say("binding.change"))
    button.addEventListener("click", () => askBinding(say(wordsOf(field)), info, (binding) => bind(field.name, binding)))
    return button
  }

  function drawInput(field: KindField, id: string): HTMLElement {
    const attributes = { id, "data-testid": id, "aria-describedby": `${id}-help ${id}-error`, name: `duplex-${field.name}` }
    const control = field.choices.length > 0 ? drawChoices(field, attributes) : drawText(field, attributes)
    control.addEventListener("input", () => {
      current.fields[field.name] = control.value
      control.removeAttribute("aria-invalid")
      inputs.querySelector(`#${id}-error`)?.replaceChildren()
      changed()
    })
    return control
  }

  function drawChoices(field: KindField, attributes: Record<string, string>): HTMLSelectElement {
    const choices = element("select", { ...attributes, class: "select", disabled: locked })
    for (const choice of field.choices) choices.append(element("option", { value: choice }, choice))
    choices.value = current.fields[field.name] || field.default || (field.choices[0] ?? "")
    return choices
  }

  function drawText(field: KindField, attributes: Record<string, string>): HTMLInputElement {
    const made = element("input", {
      ...attributes,
      class: "input mono",
      type: field.secret ? "password" : "text",
      autocomplete: "off",
      spellcheck: "false",
      "data-1p-ignore": true,
      placeholder: field.default,
      readonly: locked,
    })
    made.value = current.fields[field.name] ?? ""
    return made
  }

  draw()
  return {
    set(value) {
      current = { ...value, fields: { ...value.fields } }
      draw()
    },
    value: () => ({ kind: current.kind, fields: { ...current.fields } }),
    keep(kept) {
      const held = document.activeElement?.id
      current = { ...current, kept }
      draw()
      if (held) document.getElementById(held)?.focus()
    },
    lock(on) {
      if (on === locked) return
      locked = on
      draw()
    },
    fail(field, message) {
      const note = host.querySelector<HTMLElement>(`#auth-${field}-error`)
      const control = host.querySelector<HTMLElement>(`#auth-${field}`)
      if (note) note.textContent = message
      control?.setAttribute("aria-invalid", "true")
      control?.focus()
    },
  }
}

// goesTo is where a kept secret may go, in words.
function goesTo({ targets, tls, endpoint }: SecretInfo): string {
  const hosts = targets.map((host) => (tls ? say("page.secret.over_tls", { host }) : host)).join(", ")
  return endpoint ? say("page.secret.exchanged", { endpoint, hosts }) : hosts
}

// aboutKept is what its owner and those who use it should know of a kept secret.
function aboutKept(info: SecretInfo): string {
  const used = info.lastUsedAtUS ? say("page.secret.used", { at: stamp(info.lastUsedAtUS).slice(0, -7) }) : say("page.secret.unused")
  return say("page.secret.about", { targets: goesTo(info), owner: info.owner, used })
}

// shared keeps what two kinds both have: changing the kind loses no access key.
function shared(fields: Record<string, string>, kind: Kind | undefined): Record<string, string> {
  const names = new Set(kind?.fields.map((field) => field.name))
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => names.has(name) && value !== ""))
}
