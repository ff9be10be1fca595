// A table of names and values: query parameters, headers. An empty row at the end takes
// typing; a row is never rebuilt while a person types in it.

import { say } from "../text"
import { element, iconButton, press, type Component } from "../ui"
import type { Parameter, SecretInfo } from "../wire"
import { soundsSecret } from "./form"

interface Options {
  kind: "param" | "header"
  check(row: Parameter): string // the mistake in a row, or ""
  kept(field: string): SecretInfo | undefined // the facts about a stored secret
  changed(): void
}

interface Line<T> {
  row: T
  dom: HTMLTableRowElement
  enabled: HTMLInputElement
  name: HTMLInputElement
  value: HTMLInputElement
  secret: HTMLButtonElement // keeps the value sealed
  hint: HTMLButtonElement // offers that for a value that looks like a secret
  note: HTMLElement
  joined: boolean // a paste of several lines is about to become one
}

const shortestSecret = 6 // bytes; the server accepts no shorter secret

let noted = 0

export class Pairs<T extends Parameter> implements Component<readonly T[]> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly body = element("tbody")
  private readonly table: HTMLElement
  private lines: Line<T>[] = []
  private locked = false

  constructor(host: HTMLElement, private readonly options: Options) {
    this.element = host
    const { kind } = options
    this.table = this.element.appendChild(element("table", { class: "pairs", "data-testid": `${kind}s` }, heading(kind), this.body))
    this.element.append(element("p", { class: "pairs-none" }, say(`page.${kind}.none`)))
    this.update([])
  }

  lock(on: boolean): void {
    this.locked = on
    this.table.classList.toggle("locked-table", on)
    for (const line of this.lines) this.show(line)
  }

  fail(index: number, inner: string, message: string): void {
    const line = this.lines[index]
    if (!line) return
    this.mark(line, message, inner)
    ;(inner === "value" ? line.value : line.name).focus()
  }

  destroy(): void {
    this.stop.abort()
  }

  private addLine(row: T): Line<T> {
    const line = this.draw(row)
    this.lines.push(line)
    this.body.append(line.dom)
    return line
  }

  private draw(row: T): Line<T> {
    const { kind } = this.options
    const line: Line<T> = {
      row,
      dom: element("tr"),
      enabled: element("input", { type: "checkbox", class: "check", "data-testid": `${kind}-enabled`, "aria-label": say(`page.${kind}.enabled`) }),
      name: input(`${kind}-name`, say(`page.${kind}.name`)),
      value: input(`${kind}-value`, say(`page.${kind}.value`)),
      secret: iconButton("lock", say("page.pair.secret"), { "data-testid": `${kind}-secret` }),
      hint: element("button", { type: "button", class: "pair-hint link", title: say("page.pair.seal.help"), "data-testid": `${kind}-seal` }, say("page.pair.seal")),
      note: element("span", { class: "pair-note", id: `pair-note-${++noted}`, "data-testid": `${kind}-error` }),
      joined: false,
    }
    for (const field of [line.name, line.value]) field.setAttribute("aria-describedby", line.note.id)
    const remove = iconButton("x", say(`page.${kind}.remove`), { "data-testid": `${kind}-remove` })
    line.dom.append(
      element("td", { class: "pair-check" }, line.enabled),
      element("td", { class: "pair-name" }, line.name),
      element("td", { class: "pair-value" }, line.value, line.hint, line.note),
      element("td", { class: "pair-secret" }, line.secret),
      element("td", { class: "pair-remove" }, remove),
    )
    line.enabled.addEventListener("change", () => this.edit(line, { enabled: line.enabled.checked }), { signal: this.stop.signal })
    line.name.addEventListener("input", () => this.edit(line, { name: line.name.value }), { signal: this.stop.signal })
    line.value.addEventListener("input", () => this.edit(line, { value: line.value.value }), { signal: this.stop.signal })
    line.name.addEventListener("paste", (event) => this.paste(line, event), { signal: this.stop.signal })
    line.value.addEventListener("paste", (event) => {
      line.joined = /[\r\n]/.test((event.clipboardData?.getData("text/plain") ?? "").trim())
    }, { signal: this.stop.signal })
    line.secret.addEventListener("click", () => this.seal(line, !line.row.secret), { signal: this.stop.signal })
    line.hint.addEventListener("click", () => this.seal(line, true), { signal: this.stop.signal })
    remove.addEventListener("click", () => this.dropLine(line), { signal: this.stop.signal })
    this.show(line)
    return line
  }

  private edit(line: Line<T>, part: Partial<Parameter>): void {
    line.row = { ...line.row, ...part }
    if (line === this.lines.at(-1)) this.addLine(empty<T>())
    this.show(line)
    this.options.changed()
    if (line.joined) this.mark(line, say("page.pair.joined"), "value")
    line.joined = false
  }

  // seal makes a row secret, or plain and empty: the page does not have a stored value.
  private seal(line: Line<T>, secret: boolean): void {
    if (this.locked) return
    const { raw: _raw, ...row } = line.row // the spelling of a value reveals it
    line.row = row as T
    this.edit(line, secret ? { secret } : { secret, value: "" })
    if (line.value.value === "") line.value.focus()
    else line.secret.focus()
  }

  private dropLine(line: Line<T>): void {
    if (this.locked || line === this.lines.at(-1)) return
    const at = this.lines.indexOf(line)
    this.lines.splice(at, 1)
    line.dom.remove()
    this.lines[Math.min(at, this.lines.length - 1)]?.name.focus()
    this.options.changed()
  }

  // paste turns lines of "name: value" or "name=value" into a row each.
  private paste(line: Line<T>, event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    const pasted = text.split(/\r?\n/).map((part) => /^\s*([^:=\s]+)\s*[:=]\s*(.*?)\s*$/.exec(part))
    if (this.locked || pasted.some((match) => !match)) return
    event.preventDefault()
    const before = this.rows()
    const at = this.lines.indexOf(line)
    const fresh = pasted.map((match) => ({ name: match?.[1] ?? "", value: match?.[2] ?? "", enabled: true }) as T)
    this.update([...before.slice(0, at), ...fresh, ...before.slice(at + 1)])
    this.options.changed()
  }

  private show(line: Line<T>): void {
    const { row } = line
    const last = line === this.lines.at(-1) || !this.lines.includes(line)
    line.enabled.checked = row.enabled
    if (line.name.value !== row.name) line.name.value = row.name
    if (line.value.value !== row.value) line.value.value = row.value
    line.dom.classList.toggle("off", !row.enabled)
    line.dom.classList.toggle("fresh", last && !row.name && !row.value)
    const kept = row.secret && row.field ? this.options.kept(row.field) : undefined
    const type = row.secret ? "password" : "text"
    if (line.value.type !== type) line.value.type = type
    line.value.placeholder = kept ? say("page.secret.kept", { fingerprint: kept.fingerprint }) : say(`page.${this.options.kind}.value`)
    press(line.secret, row.secret === true)
    const problem = row.name || row.value ? this.options.check(row) : ""
    this.mark(line, problem || (kept && !kept.usable && row.value === "" ? say("page.secret.elsewhere") : ""), problem ? "name" : "value")
    line.hint.hidden = problem !== "" || row.secret === true || this.locked || row.value.length < shortestSecret || !soundsSecret(row.name)
    line.name.readOnly = line.value.readOnly = this.locked
    line.enabled.disabled = line.secret.disabled = this.locked
  }

  private mark(line: Line<T>, message: string, inner: string): void {
    line.note.textContent = message
    line.note.title = message
    line.name.toggleAttribute("aria-invalid", false)
    line.value.toggleAttribute("aria-invalid", false)
    if (message) (inner === "value" ? line.value : line.name).setAttribute("aria-invalid", "true")
  }

  rows(): T[] {
    return this.lines.slice(0, -1).map((line) => line.row)
  }

  update(next: readonly T[]): void {
    const want = [...next, empty<T>()]
    while (this.lines.length > want.length) this.lines.pop()?.dom.remove()
    want.forEach((row, at) => {
      const line = this.lines[at]
      if (!line) return void this.addLine(row)
      line.row = row
      this.show(line)
    })
    for (const line of this.lines) this.show(line)
  }
}

function empty<T extends Parameter>(): T {
  return { name: "", value: "", enabled: true } as T
}

function heading(kind: string): HTMLTableSectionElement {
  const hidden = (key: string) => element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, say(key)))
  return element(
    "thead",
    {},
    element(
      "tr",
      {},
      hidden(`page.${kind}.enabled`),
      element("th", { scope: "col" }, say(`page.${kind}.name`)),
      element("th", { scope: "col" }, say(`page.${kind}.value`)),
      hidden("page.pair.secret"),
      hidden(`page.${kind}.remove`),
    ),
  )
}

function input(testid: string, label: string): HTMLInputElement {
  return element("input", { type: "text", class: "input mono", spellcheck: "false", autocomplete: "off", "data-testid": testid, "aria-label": label, placeholder: label })
}
