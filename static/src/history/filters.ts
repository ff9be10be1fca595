// The form above the list: search field, menus, and the address that holds their values.

import { say, when } from "../text"
import { element, setText } from "../ui"
import type { SessionFilter } from "../wire"

// HistoryQuery holds the values of the form.
export interface HistoryQuery {
  text: string
  inAnswers: boolean
  regex: boolean
  matchCase: boolean
  filter: SessionFilter
  hasDays: boolean // only sessions of some days are searched
}

const pause = 250 // ms without a key before a search begins

// Filters calls changed with each new query.
export class Filters {
  private timer = 0
  private search: HTMLInputElement

  constructor(private readonly form: HTMLFormElement, private readonly changed: (query: HistoryQuery) => void, signal: AbortSignal) {
    this.search = this.field("q")
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.closeMenus()
      this.apply()
    }, { signal })
    form.addEventListener("input", (event) => {
      const input = event.target as HTMLInputElement
      if (input.type === "radio" || input.type === "checkbox") return
      if (input.name === "service" || input.name === "by") this.narrow(input)
      if (input.name === "q") this.form.querySelector<HTMLElement>("#history-clear")?.toggleAttribute("hidden", !input.value)
      clearTimeout(this.timer)
      this.timer = window.setTimeout(() => this.apply(), pause)
    }, { signal })
    form.addEventListener("change", (event) => {
      const input = event.target as HTMLInputElement
      if (input.name === "days" && input.value) for (const time of this.times) time.value = ""
      if ((input.name === "from" || input.name === "to") && input.value) this.radio("days", "")
      if (input.type === "radio" || input.type === "checkbox" || input.type === "datetime-local") this.apply()
    }, { signal })
    form.addEventListener("click", (event) => this.press(event), { signal })
    form.addEventListener("keydown", (event) => this.move(event), { signal })
    for (const list of form.querySelectorAll<HTMLElement>("[data-choices]")) makeChoices(list)
    this.draw()
    form.dataset.ready = "1"
  }

  get query(): HistoryQuery {
    const days = Number(this.value("days"))
    const filter: SessionFilter = { service: this.value("service"), state: this.value("state"), by: this.value("by") }
    const [from, to] = this.times.map(({ value }) => (value ? new Date(value).getTime() * 1000 : 0))
    if (days > 0) filter.from_us = daysAgo(days)
    else if (from) filter.from_us = from
    if (to && !days) filter.to_us = to
    return {
      text: this.search.value.trim(), inAnswers: this.value("in") !== "messages", regex: this.isOn("regex"), matchCase: this.isOn("case"),
      filter, hasDays: Boolean(filter.from_us ?? filter.to_us),
    }
  }

  // sameSearch returns the search as the address of a session has it.
  get sameSearch(): URLSearchParams {
    const { text, regex, matchCase } = this.query
    const out = new URLSearchParams({ q: text })
    if (regex) out.set("regex", "1")
    if (matchCase) out.set("case", "1")
    return out
  }

  // nameOf returns the page's name of a service; those of the demo have one in each language.
  nameOf(service: string): string {
    return this.form.querySelector(`[data-choices=service] button[data-value="${CSS.escape(service)}"]`)?.textContent ?? service
  }

  searchMessages(): void {
    this.radio("in", "messages")
    this.apply()
    this.search.focus()
  }

  focus(): void {
    this.search.focus()
  }

  // explain shows an error at the search field; "" removes it.
  explain(message: string): void {
    if (message) this.search.setAttribute("aria-invalid", "true")
    else this.search.removeAttribute("aria-invalid")
    const note = document.getElementById("history-note")
    if (note) setText(note, message)
  }

  private apply(): void {
    clearTimeout(this.timer)
    this.draw()
    history.replaceState(null, "", `/history${this.address()}`)
    this.explain("")
    this.changed(this.query)
  }

  // address is the query of the page's address, without empty fields.
  private address(): string {
    const out = new URLSearchParams()
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value !== "string" || value === "" || (name === "in" && value === "answers")) continue
      out.set(name, value)
    }
    return out.size > 0 ? `?${out}` : ""
  }

  // draw names the chosen values on the buttons of the menus.
  private draw(): void {
    const { search } = this
    const hint = (this.value("in") === "messages" ? search.dataset.messages : search.dataset.answers) ?? ""
    search.placeholder = hint
    search.setAttribute("aria-label", hint)
    this.form.querySelector<HTMLElement>("#history-clear")?.toggleAttribute("hidden", !search.value)
    const chosen: Record<string, string> = { service: this.nameOf(this.value("service")), state: this.labelOf("state"), by: this.value("by"), days: this.labelOf("days") || this.timesLabel() }
    for (const menu of this.menus) {
      const summary = menu.querySelector("summary")
      const name = menu.querySelector<HTMLElement>(".chip-name")
      const label = chosen[menu.dataset.filter ?? ""] ?? ""
      if (!summary || !name) continue
      summary.dataset.set = String(label !== "")
      setText(name, label || (summary.dataset.any ?? ""))
    }
  }

  private timesLabel(): string {
    const [from, to] = this.times.map(({ value }) => (value ? when(new Date(value).getTime() * 1000) : ""))
    if (from && to) return say("history.days.between", { from, to })
    if (from) return say("history.days.since", { from })
    return to ? say("history.days.until", { to }) : ""
  }

  private press(event: MouseEvent): void {
    const target = event.target as Element
    if (target.closest("#history-clear")) {
      this.search.value = ""
      this.apply()
      return this.search.focus()
    }
    const choice = target.closest<HTMLElement>("button[data-value]")
    const field = choice?.closest("[data-choices]")?.getAttribute("data-choices")
    if (choice && field) {
      this.field(field).value = choice.dataset.value ?? ""
      this.closeMenus()
      return this.apply()
    }
    // A press chooses and closes; the arrow keys, which also click a radio, only choose.
    if (event.detail > 0 && target.closest(".menu-choice") && target.matches("input")) this.closeMenus()
    const summary = target.closest("summary")
    if (summary) queueMicrotask(() => this.opened(summary.parentElement as HTMLDetailsElement))
  }

  // opened puts the focus into a menu that was just opened.
  private opened(menu: HTMLDetailsElement): void {
    requestAnimationFrame(() => {
      if (!menu.open) return
      const field = menu.querySelector<HTMLInputElement>("input[type=text]")
      if (field) {
        field.select()
        this.narrow(field, "")
      } else menu.querySelector<HTMLInputElement>("input:checked")?.focus()
    })
  }

  private move(event: KeyboardEvent): void {
    const menu = (event.target as Element).closest<HTMLDetailsElement>("details[open]")
    if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return
    const items = [...menu.querySelectorAll<HTMLElement>("input[type=text], button[data-value]:not([hidden])")]
    const at = items.indexOf(document.activeElement as HTMLElement)
    if (at < 0) return
    event.preventDefault()
    items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus()
  }

  // narrow shows the choices that contain what is typed.
  private narrow(input: HTMLInputElement, text = input.value): void {
    const part = text.trim().toLocaleLowerCase()
    for (const choice of this.form.querySelectorAll<HTMLElement>(`[data-choices=${input.name}] button`)) {
      choice.hidden = !`${choice.dataset.value} ${choice.textContent}`.toLocaleLowerCase().includes(part)
    }
  }

  private closeMenus(): void {
    for (const menu of this.menus) {
      if (!menu.open) continue
      menu.open = false
      menu.querySelector("summary")?.focus()
    }
  }

  private get menus(): HTMLDetailsElement[] { return [...this.form.querySelectorAll("details")] }
  private get times(): HTMLInputElement[] { return [this.field("from"), this.field("to")] }
  private field(name: string): HTMLInputElement { return this.form.querySelector<HTMLInputElement>(`[name=${name}]`) as HTMLInputElement }
  private isOn(name: string): boolean { return this.field(name).checked }
  private value(name: string): string { return String(new FormData(this.form).get(name) ?? "").trim() }

  private radio(name: string, value: string): void {
    const input = this.form.querySelector<HTMLInputElement>(`[name=${name}][value="${value}"]`)
    if (input) input.checked = true
  }

  private labelOf(name: string): string {
    const value = this.value(name)
    return value ? (this.form.querySelector(`[name=${name}][value="${value}"]`)?.parentElement?.textContent?.trim() ?? value) : ""
  }
}

function makeChoices(list: HTMLElement): void {
  for (const item of list.querySelectorAll<HTMLElement>("li")) {
    const { value = "" } = item.dataset
    item.replaceChildren(element("button", { type: "button", class: "menu-choice", "data-value": value }, item.textContent ?? value))
    delete item.dataset.value
  }
  list.dataset.ready = "1"
}

// daysAgo is the midnight before the last few days, today among them.
function daysAgo(days: number): number {
  const now = new Date()
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).getTime() * 1000
}
