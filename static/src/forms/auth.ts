// The Auth tab: a kind of credential and its fields, from the server's table of kinds, or
// from the dialect. A stored secret is never in the page, only its fingerprint.

import { count, has, lasted, say, stamp, visible } from "../text"
import { element, type Component } from "../ui"
import type { Dialect, Kind, KindField, SecretInfo, WireError } from "../wire"
import { askBinding, type Binding } from "./binding"
import { checkSecret, type Verdict } from "./secret-check"

export interface AuthValue {
  kind: string
  fields: Record<string, string>
  kept: Record<string, SecretInfo>
  keptKind: string
}

// Bind saves the targets that the secret of a field may be sent to.
export type Bind = (field: string, binding: Binding) => Promise<WireError | null>

// ofDialect is the kind of credential whose fields are those of the dialect.
export const ofDialect = "dialect"

export class Auth implements Component<AuthValue> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private drawn = new AbortController() // of the listeners of the drawn fields
  private readonly select = element("select", { class: "select", id: "auth-kind", "data-testid": "auth-kind" })
  private readonly help = element("p", { class: "help" })
  private readonly inputs = element("div", { class: "fields columns" })
  private current: AuthValue = { kind: "none", fields: {}, kept: {}, keptKind: "" }
  private locked = false
  private dialect: Dialect | null = null
  private readonly about = element("section", { class: "auth-dialect", hidden: true, "data-testid": "auth-dialect" })

  constructor(host: HTMLElement, private readonly kinds: readonly Kind[], private readonly bind: Bind, private readonly changed: () => void, private readonly address: () => string) {
    this.element = host
    for (const kind of new Set([...kinds.map(({ kind }) => kind), ofDialect])) this.select.append(element("option", { value: kind }, say(`auth.kind.${kind}`)))
    this.element.append(
      element("div", { class: "field" }, element("label", { for: "auth-kind" }, say("page.auth.kind")), element("div", { class: "field-body" }, this.select, this.help)),
      this.inputs,
      this.about,
    )
    this.select.addEventListener("change", () => {
      const { value } = this.select
      this.current = { ...this.current, kind: value, fields: shared(this.current.fields, this.kindOf(value)) }
      this.draw()
      changed()
    }, { signal: this.stop.signal })
    this.draw()
  }

  update(value: AuthValue): void {
    this.current = { ...value, fields: { ...value.fields } }
    this.draw()
  }

  value(): Pick<AuthValue, "kind" | "fields"> {
    return { kind: this.current.kind, fields: { ...this.current.fields } }
  }

  // keep replaces the facts about stored secrets and leaves typed values alone.
  keep(kept: Record<string, SecretInfo>): void {
    const held = document.activeElement?.id
    this.current = { ...this.current, kept }
    this.draw()
    if (held) document.getElementById(held)?.focus()
  }

  // speak takes the fields of a dialect, and shows below them what it sends.
  speak(dialect: Dialect | null, sends: readonly HTMLElement[]): void {
    if (dialect === this.dialect) return
    this.dialect = dialect
    this.about.hidden = dialect === null
    this.about.replaceChildren(...sends)
    this.draw()
  }

  // missing returns the first required field without a value. A dialect's may come from the
  // environment: the server knows.
  missing(): { field: string; secret: boolean } | null {
    const { kind, fields, kept, keptKind } = this.current
    if (kind === ofDialect) return null
    const found = this.kindOf(kind)?.fields.find(({ name, required, default: usual }) => required && !fields[name]?.trim() && !usual && !(keptKind === kind && kept[name]))
    return found ? { field: found.name, secret: found.secret } : null
  }

  lock(on: boolean): void {
    if (on === this.locked) return
    this.locked = on
    this.draw()
  }

  fail(field: string, message: string): void {
    const note = this.element.querySelector<HTMLElement>(`#${idOf(field)}-error`)
    const control = this.element.querySelector<HTMLElement>(`#${idOf(field)}`)
    if (note) note.textContent = message
    control?.setAttribute("aria-invalid", "true")
    control?.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.drawn.abort()
  }

  private kindOf(name: string): Kind | undefined {
    if (name === ofDialect) return { kind: name, fields: this.dialect ? fieldsOf(this.dialect) : [] }
    return this.kinds.find((kind) => kind.kind === name)
  }

  // wordsOf returns the catalogue key of a field's label; a kind may have its own.
  private wordsOf(field: KindField): string {
    const own = `auth.field.${this.current.kind}.${field.name}`
    return has(own) ? own : `auth.field.${field.name}`
  }

  private labelOf(field: KindField): string {
    const [group, name = ""] = field.name.split(".", 2)
    if (group === "vars") return visible(this.dialect?.vars.find((one) => one.name === name)?.title || name)
    return group === "secrets" ? visible(name) : say(this.wordsOf(field))
  }

  private draw(): void {
    this.select.value = this.current.kind
    this.drawn.abort()
    this.drawn = new AbortController()
    this.select.disabled = this.locked
    this.help.textContent = say(this.current.kind === ofDialect && !this.dialect ? "dialect.choose_first" : `auth.kind.${this.current.kind}.help`)
    const fields = this.kindOf(this.current.kind)?.fields ?? []
    this.inputs.replaceChildren(...fields.map((field) => this.drawField(field)))
    for (const field of fields) if (field.secret) this.judge(field)
  }

  private drawField(field: KindField): HTMLElement {
    const id = idOf(field.name)
    const kept = this.current.kind === this.current.keptKind ? this.current.kept[field.name] : undefined
    const control = kept && this.current.fields[field.name] === undefined ? this.drawKept(field, kept) : this.drawInput(field, id)
    const words = this.wordsOf(field)
    const label = element("label", { for: id, lang: field.name.startsWith("secrets.") ? "zxx" : null }, this.labelOf(field)) // a name is of no language
    if (!field.required) label.append(element("span", { class: "optional" }, say("page.optional")))
    const key = `${words}.help`
    const body = element("div", { class: "field-body" }, control)
    if (has(key)) body.append(element("p", { class: "help", id: `${id}-help` }, say(key)))
    if (field.secret) body.append(element("p", { class: "secret-check", id: `${id}-check`, role: "status", "data-testid": `${id}-check` }))
    body.append(element("p", { class: "field-error", id: `${id}-error` }))
    return element("div", { class: "field", "data-field": field.name }, label, body)
  }

  private drawKept(field: KindField, info: SecretInfo): HTMLElement {
    const replace = element("button", { type: "button", class: "button quiet", id: idOf(field.name), "data-testid": `${idOf(field.name)}-replace`, disabled: this.locked }, say("page.secret.replace"))
    replace.addEventListener("click", () => {
      this.current.fields[field.name] = ""
      this.draw()
      this.inputs.querySelector<HTMLInputElement>(`#${idOf(field.name)}`)?.focus()
    }, { signal: this.drawn.signal })
    const row = element("p", { class: "kept", "data-testid": `${idOf(field.name)}-kept` }, element("span", {}, say("page.secret.kept", { fingerprint: info.fingerprint })), replace)
    const about = element("p", { class: "help", "data-testid": `${idOf(field.name)}-about` }, aboutKept(info))
    if (info.mayBind) about.append(" ", this.drawBind(field, info))
    const body = element("div", {}, row, about)
    if (!info.usable) body.append(element("p", { class: "kept-elsewhere", "data-testid": `${idOf(field.name)}-elsewhere` }, say(info.mayBind ? "page.secret.elsewhere.mine" : "page.secret.elsewhere")))
    return body
  }

  private drawBind(field: KindField, info: SecretInfo): HTMLElement {
    const button = element("button", { type: "button", class: "link", "data-testid": `${idOf(field.name)}-bind` }, say("binding.change"))
    button.addEventListener("click", () => askBinding(this.labelOf(field), info, (binding) => this.bind(field.name, binding)), { signal: this.drawn.signal })
    return button
  }

  private drawInput(field: KindField, id: string): HTMLElement {
    const attributes = { id, "data-testid": id, "aria-describedby": `${id}-help ${id}-error`, name: `duplex-${field.name}` }
    const control = field.choices.length > 0 ? this.drawChoices(field, attributes) : this.drawText(field, attributes)
    control.addEventListener("input", () => {
      this.current.fields[field.name] = control.value
      control.removeAttribute("aria-invalid")
      this.inputs.querySelector(`#${id}-error`)?.replaceChildren()
      if (field.secret) this.judge(field)
      this.changed()
    }, { signal: this.drawn.signal })
    return control
  }

  // judge shows what a typed secret tells about itself.
  private judge(field: KindField): void {
    const note = this.inputs.querySelector<HTMLElement>(`#${idOf(field.name)}-check`)
    const verdict = checkSecret(this.current.kind, field.name, this.current.fields[field.name] ?? "", this.address(), Date.now() * 1000)
    if (!note) return
    note.dataset.tone = verdict?.tone ?? ""
    note.textContent = verdict ? verdictOf(verdict) : ""
  }

  private drawChoices(field: KindField, attributes: Record<string, string>): HTMLSelectElement {
    const choices = element("select", { ...attributes, class: "select", disabled: this.locked })
    for (const choice of field.choices) choices.append(element("option", { value: choice }, choice))
    choices.value = this.current.fields[field.name] || field.default || (field.choices[0] ?? "")
    return choices
  }

  private drawText(field: KindField, attributes: Record<string, string>): HTMLInputElement {
    const made = element("input", {
      ...attributes,
      class: "input mono",
      type: field.secret ? "password" : "text",
      autocomplete: "off",
      spellcheck: "false",
      "data-1p-ignore": true,
      placeholder: field.default,
      readonly: this.locked,
    })
    made.value = this.current.fields[field.name] ?? ""
    return made
  }
}

// idOf returns the id of a field's input.
function idOf(field: string): string {
  return `auth-${field.replaceAll(".", "-")}`
}

// fieldsOf returns the fields that a dialect asks for.
function fieldsOf({ vars, secrets }: Dialect): KindField[] {
  return [
    ...secrets.map(({ name, optional }) => ({ name: `secrets.${name}`, secret: true, required: !optional, choices: [], default: "" })),
    ...vars.map(({ name, required, default: usual }) => ({ name: `vars.${name}`, secret: false, required, choices: [], default: usual })),
  ]
}

// verdictOf says what a secret tells about itself.
function verdictOf(verdict: Verdict): string {
  if ("untilUS" in verdict) {
    const time = lasted(Math.abs(Math.round((verdict.untilUS / 1e6 - Date.now() / 1000) / 60) * 60e6))
    return verdict.project && verdict.says === "valid" ? say("secret.valid.project", { time, project: visible(verdict.project) }) : say(`secret.${verdict.says}`, { time })
  }
  if (verdict.says === "length") return say("secret.length", { count: count(verdict.characters) })
  return say(`secret.${verdict.says}`, { count: count(verdict.characters), project: visible(verdict.project), region: verdict.region })
}

// goesTo lists the targets that a stored secret may be sent to.
function goesTo({ targets, tls, endpoint }: SecretInfo): string {
  const hosts = targets.map((host) => (tls ? say("page.secret.over_tls", { host }) : host)).join(", ")
  return endpoint ? say("page.secret.exchanged", { endpoint, hosts }) : hosts
}

// aboutKept names the targets, the owner and the last use of a stored secret.
function aboutKept(info: SecretInfo): string {
  const used = info.lastUsedAtUS ? say("page.secret.used", { at: stamp(info.lastUsedAtUS).slice(0, -7) }) : say("page.secret.unused")
  return say("page.secret.about", { targets: goesTo(info), owner: info.owner, used })
}

// shared returns the values that a kind has fields for, so that a change of the kind
// keeps an access key.
function shared(fields: Record<string, string>, kind: Kind | undefined): Record<string, string> {
  const names = new Set(kind?.fields.map((field) => field.name))
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => names.has(name) && value !== ""))
}
