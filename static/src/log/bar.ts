// The toolbar above the log: filter, search, pause, and a menu.

import { count, say } from "../text"
import { element, icon, iconButton, openMenu, placeBelow, press, setIcon, setText, type MenuItem } from "../ui"
import { Choice, type Chosen } from "./choice"
import type { LabelCounts } from "./labels"

export type Filter = "all" | "sent" | "received" | "event"

export interface Search extends Chosen {
  filter: Filter
  text: string
  regex: boolean
  matchCase: boolean
}

export interface BarActions {
  search(search: Search): void
  step(by: 1 | -1): void
  pause(on: boolean): void
  showAll(): void
  // menu lists what the menu offers now.
  menu(): MenuItem[]
  // last returns the newest seq.
  last(): number
}

const filters: readonly Filter[] = ["all", "sent", "received", "event"]
const typingPause = 250 // ms after the last key until the search begins

// Bar is the toolbar; it holds the current search.
export class Bar {
  readonly element: HTMLElement
  private state: Search = { filter: "all", kind: "", labels: [], text: "", regex: false, matchCase: false }
  private filters = filters.map((filter) =>
    element("button", { type: "button", role: "radio", "data-value": filter, value: filter }, say(`log.filter.${filter}`)),
  )
  private group = element("div", { class: "switch low", role: "radiogroup", "data-testid": "filter", "aria-label": say("log.filter") }, ...this.filters)
  readonly choice: Choice
  private input = element("input", {
    type: "search", "data-testid": "search", placeholder: say("log.search"), "aria-label": say("log.search"),
    spellcheck: "false", autocomplete: "off",
  })
  private regex = iconButton("regex", say("log.regex"), { "aria-pressed": "false", "data-testid": "search-regex" })
  private matchCase = iconButton("case-sensitive", say("log.match_case"), { "aria-pressed": "false", "data-testid": "search-case" })
  private found = element("span", { class: "find-count", role: "status", "data-testid": "search-count" })
  private previous = iconButton("chevron-up", say("log.previous"))
  private next = iconButton("chevron-down", say("log.next"))
  private hidden = element("button", { type: "button", class: "log-hidden", hidden: true })
  private pauseIcon = icon("pause")
  private pause = element("button", { type: "button", class: "tool low", "aria-pressed": "false", "aria-label": say("log.pause"), title: say("log.pause"), "data-testid": "log-pause" }, this.pauseIcon)
  private more = iconButton("ellipsis", say("log.more"), { class: "tool low", "aria-haspopup": "menu", "data-testid": "log-more" })
  private timer = 0
  private told = "" // by showFound

  constructor(private readonly actions: BarActions, counts: LabelCounts, signal: AbortSignal) {
    this.choice = new Choice({ counts, last: () => actions.last(), changed: () => this.submit() }, signal)
    const find = element("div", { class: "find" }, icon("search"), this.input, this.found, this.regex, this.matchCase, this.previous, this.next, element("kbd", { "aria-hidden": "true" }, "/"))
    this.element = element("div", { class: "log-bar" }, this.group, this.choice.element, this.hidden, element("span", { class: "spring" }), find, this.pause, this.more)
    this.showFilter()
    this.listenToSearch(signal)
    const on = (button: HTMLElement, act: () => void): void => button.addEventListener("click", act, { signal })
    on(this.previous, () => actions.step(-1))
    on(this.next, () => actions.step(1))
    on(this.hidden, () => actions.showAll())
    on(this.pause, () => actions.pause(this.pause.getAttribute("aria-pressed") !== "true"))
    on(this.more, () => openMenu(say("log.more"), actions.menu(), placeBelow(this.more), this.element))
    signal.addEventListener("abort", () => window.clearTimeout(this.timer))
  }

  get search(): Search {
    return this.state
  }

  get isSearching(): boolean {
    return this.state.text !== ""
  }

  focus(): void {
    this.input.focus()
    this.input.select()
  }

  // set shows a search without running it.
  set(search: Search): void {
    window.clearTimeout(this.timer)
    this.state = search
    this.input.value = search.text
    press(this.regex, search.regex)
    press(this.matchCase, search.matchCase)
    this.showFilter()
    this.choice.set(search)
    this.showFound("")
  }

  // reset clears the search and the filter without running the search.
  reset(): void {
    this.set({ ...this.state, filter: "all", kind: "", labels: [], text: "" })
  }

  showPaused(on: boolean): void {
    press(this.pause, on)
    const label = say(on ? "log.resume" : "log.pause")
    this.pause.setAttribute("aria-label", label)
    this.pause.title = label
    setIcon(this.pauseIcon, on ? "play" : "pause")
  }

  // showFound shows the number of matches, or why the search failed.
  showFound(text: string, failed = false): void {
    const key = `${failed} ${this.isSearching} ${text}`
    if (key === this.told) return // it is told at each drawing
    this.told = key
    setText(this.found, text)
    this.found.classList.toggle("failed", failed)
    this.input.setAttribute("aria-invalid", String(failed))
    this.found.title = failed ? text : ""
    this.previous.hidden = this.next.hidden = !this.isSearching
  }

  showHidden(rows: number): void {
    this.hidden.hidden = rows === 0
    setText(this.hidden, rows === 0 ? "" : say("log.hidden", { count: count(rows) }))
  }

  private listenToSearch(signal: AbortSignal): void {
    this.input.addEventListener("input", () => this.submitLater(), { signal })
    this.input.addEventListener("keydown", (event) => this.inputKey(event), { signal })
    for (const button of [this.regex, this.matchCase]) {
      button.addEventListener("click", () => { this.toggle(button); this.submit() }, { signal })
    }
    this.group.addEventListener("click", (event) => {
      const value = (event.target as Element).closest<HTMLElement>("[data-value]")?.dataset.value
      const filter = filters.find((known) => known === value)
      if (filter) this.choose(filter)
    }, { signal })
    this.group.addEventListener("keydown", (event) => this.groupKey(event), { signal })
  }

  private inputKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault()
      this.input.value = ""
      this.submit()
    } else if (event.key === "Enter") {
      event.preventDefault()
      if (this.input.value !== this.state.text) this.submit()
      else this.actions.step(event.shiftKey ? -1 : 1)
    }
  }

  private groupKey(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const at = (filters.indexOf(this.state.filter) + by + filters.length) % filters.length
    this.choose(filters[at] ?? "all")
    this.filters[at]?.focus()
  }

  private choose(filter: Filter): void {
    this.state = { ...this.state, filter }
    this.showFilter()
    this.submit()
  }

  private showFilter(): void {
    this.choice.update(this.state.filter === "event")
    this.group.dataset.value = this.state.filter
    for (const button of this.filters) {
      const on = button.value === this.state.filter
      button.setAttribute("aria-checked", String(on))
      button.tabIndex = on ? 0 : -1
    }
  }

  private submitLater(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.submit(), typingPause)
  }

  private submit(): void {
    window.clearTimeout(this.timer)
    const pressed = (button: HTMLElement): boolean => button.getAttribute("aria-pressed") === "true"
    this.state = { ...this.state, ...this.choice.chosen, text: this.input.value, regex: pressed(this.regex), matchCase: pressed(this.matchCase) }
    this.actions.search(this.state)
  }

  private toggle(button: HTMLElement): boolean {
    const on = button.getAttribute("aria-pressed") !== "true"
    press(button, on)
    return on
  }
}
