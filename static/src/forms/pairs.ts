// A table of names and values: query parameters, headers. There is always one empty
// row at the end to type into; a row that is being typed in is never rebuilt.

import { say } from "../text"
import { element, iconButton, press } from "../ui"
import type { Parameter, SecretInfo } from "../wire"
import { soundsSecret } from "./form"

export interface Pairs<T extends Parameter> {
  rows(): T[]
  set(rows: readonly T[]): void
  lock(locked: boolean): void
  fail(index: number, inner: string, message: string): void
}

interface Options {
  kind: "param" | "header"
  check(row: Parameter): string // what is wrong with it, or ""
  kept(field: string): SecretInfo | undefined // a secret on the server, without its value
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

const shortestSecret = 6 // bytes that the server takes as one

let noted = 0

export function createPairs<T extends Parameter>(host: HTMLElement, options: Options): Pairs<T> {
  const { kind } = options
  const body = element("tbody")
  const table = element("table", { class: "pairs", "data-testid": `${kind}s` }, heading(kind), body)
  host.append(table)
  let lines: Line<T>[] = []
  let locked = false

  function add(row: T): Line<T> {
    const line = draw(row)
    lines.push(line)
    body.append(line.dom)
    return line
  }

  function draw(row: T): Line<T> {
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
    line.enabled.addEventListener("change", () => edit(line, { enabled: line.enabled.checked }))
    line.name.addEventListener("input", () => edit(line, { name: line.name.value }))
    line.value.addEventListener("input", () => edit(line, { value: line.value.value }))
    line.name.addEventListener("paste", (event) => paste(line, event))
    line.value.addEventListener("paste", (event) => {
      line.joined = /[\r\n]/.test((event.clipboardData?.getData("text/plain") ?? "").trim())
    })
    line.secret.addEventListener("click", () => seal(line, !line.row.secret))
    line.hint.addEventListener("click", () => seal(line, true))
    remove.addEventListener("click", () => drop(line))
    show(line)
    return line
  }

  function edit(line: Line<T>, part: Partial<Parameter>): void {
    line.row = { ...line.row, ...part }
    if (line === lines.at(-1)) add(empty())
    show(line)
    options.changed()
    if (line.joined) mark(line, say("page.pair.joined"), "value")
    line.joined = false
  }

  // seal makes a row secret, or plain: a kept secret is not here to go on in plain.
  function seal(line: Line<T>, secret: boolean): void {
    if (locked) return
    const { raw: _raw, ...row } = line.row // how a value is spelled gives it away
    line.row = row as T
    edit(line, secret ? { secret } : { secret, value: "" })
    if (line.value.value === "") line.value.focus()
    else line.secret.focus()
  }

  function drop(line: Line<T>): void {
    if (locked || line === lines.at(-1)) return
    const at = lines.indexOf(line)
    lines.splice(at, 1)
    line.dom.remove()
    lines[Math.min(at, lines.length - 1)]?.name.focus()
    options.changed()
  }

  // Several lines of "name: value" or "name=value" become as many rows.
  function paste(line: Line<T>, event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    const pasted = text.split(/\r?\n/).map((part) => /^\s*([^:=\s]+)\s*[:=]\s*(.*?)\s*$/.exec(part))
    if (locked || pasted.some((match) => !match)) return
    event.preventDefault()
    const before = rows()
    const at = lines.indexOf(line)
    const fresh = pasted.map((match) => ({ name: match?.[1] ?? "", value: match?.[2] ?? "", enabled: true }) as T)
    set([...before.slice(0, at), ...fresh, ...before.slice(at + 1)])
    options.changed()
  }

  function show(line: Line<T>): void {
    const { row } = line
    const last = line === lines.at(-1) || !lines.includes(line)
    line.enabled.checked = row.enabled
    if (line.name.value !== row.name) line.name.value = row.name
    if (line.value.value !== row.value) line.value.value = row.value
    line.dom.classList.toggle("off", !row.enabled)
    line.dom.classList.toggle("fresh", last && !row.name && !row.value)
    const kept = row.secret && row.field ? options.kept(row.field) : undefined
    const type = row.secret ? "password" : "text"
    if (line.value.type !== type) line.value.type = type
    line.value.placeholder = kept ? say("page.secret.kept", { fingerprint: kept.fingerprint }) : say(`page.${kind}.value`)
    press(line.secret, row.secret === true)
    const problem = row.name || row.value ? options.check(row) : ""
    mark(line, problem || (kept && !kept.usable && row.value === "" ? say("page.secret.elsewhere") : ""), problem ? "name" : "value")
    line.hint.hidden = problem !== "" || row.secret === true || locked || row.value.length < shortestSecret || !soundsSecret(row.name)
    line.name.readOnly = line.value.readOnly = locked
    line.enabled.disabled = line.secret.disabled = locked
  }

  function mark(line: Line<T>, message: string, inner: string): void {
    line.note.textContent = message
    line.note.title = message
    line.name.toggleAttribute("aria-invalid", false)
    line.value.toggleAttribute("aria-invalid", false)
    if (message) (inner === "value" ? line.value : line.name).setAttribute("aria-invalid", "true")
  }

  function rows(): T[] {
    return lines.slice(0, -1).map((line) => line.row)
  }

  function set(next: readonly T[]): void {
    const want = [...next, empty()]
    while (lines.length > want.length) lines.pop()?.dom.remove()
    want.forEach((row, at) => {
      const line = lines[at]
      if (!line) return void add(row)
      line.row = row
      show(line)
    })
    for (const line of lines) show(line)
  }

  set([])
  return {
    rows,
    set,
    lock(on) {
      locked = on
      table.classList.toggle("locked-table", on)
      for (const line of lines) show(line)
    },
    fail(index, inner, message) {
      const line = lines[index]
      if (!line) return
      mark(line, message, inner)
      ;(inner === "value" ? line.value : line.name).focus()
    },
  }

  function empty(): T {
    return { name: "", value: "", enabled: true } as T
  }
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
