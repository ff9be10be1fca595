// The bar above a body: views, tools of the view, and search.

import { count, say } from "../text"
import { element, icon, iconButton, press, setText } from "../ui"
import { maxHits, type Hits } from "../worker"
import { views, type View } from "./body"

export interface BarActions {
  choose(view: View): void
  // refuse shows why a view is not available.
  refuse(why: string): void
  find(): void
  step(by: 1 | -1): void
  openAll(): void
  closeAll(): void
  wrap(): void
}

const typingPause = 150

// Bar draws the bar and passes its events to actions.
export class Bar {
  readonly element: HTMLElement
  logQuery = "" // the log's search when it opened this message
  private timer = 0
  private buttons = new Map<View, HTMLButtonElement>()
  private switch = element("div", { class: "switch low", role: "radiogroup", "data-testid": "detail-view", "aria-label": say("detail.view") })
  private input = element("input", { type: "search", placeholder: say("detail.search"), "aria-label": say("detail.search"), spellcheck: "false", autocomplete: "off", "data-testid": "detail-search" })
  private found = element("span", { class: "find-count", role: "status" })
  private previous = iconButton("chevron-up", say("log.previous"))
  private next = iconButton("chevron-down", say("log.next"))
  private openAll = iconButton("unfold-vertical", say("detail.open_all"), { class: "tool low" })
  private closeAll = iconButton("fold-vertical", say("detail.close_all"), { class: "tool low" })
  private wrapping = iconButton("wrap-text", say("detail.wrap"), { class: "tool low", "aria-pressed": "true" })
  private seeking = iconButton("search", say("detail.search"), { class: "tool low", "aria-expanded": "false", "data-testid": "detail-find" })
  private find = element("div", { class: "detail-find", hidden: true })

  constructor(private readonly actions: BarActions, private readonly signal: AbortSignal) {
    for (const view of views) this.buttons.set(view, this.viewButton(view))
    this.switch.append(...this.buttons.values())
    this.find.append(element("div", { class: "find" }, icon("search"), this.input, this.found, this.previous, this.next))
    this.element = element("div", { class: "detail-bars" },
      element("div", { class: "detail-bar" }, this.switch, element("span", { class: "spring" }), this.openAll, this.closeAll, this.wrapping, this.seeking), this.find)
    this.listen()
    signal.addEventListener("abort", () => window.clearTimeout(this.timer))
  }

  // query is the text to find.
  get query(): string {
    return this.input.value
  }

  // offer enables the available views; the others stay in place and show the reason. Only what
  // has a preview shows that button.
  offer(why: (view: View) => string, hasPreview = false): void {
    const preview = this.buttons.get("preview")
    if (preview) preview.hidden = !hasPreview
    let none = true
    for (const [view, button] of this.buttons) {
      const reason = why(view)
      none &&= reason !== ""
      button.setAttribute("aria-disabled", String(reason !== ""))
      button.title = reason || say("detail.view_key", { key: views.indexOf(view) + 1 })
    }
    for (const tool of [this.input, this.wrapping, this.seeking]) tool.disabled = none
  }

  // press acts as a press on the button of a view.
  press(view: View): void {
    this.buttons.get(view)?.click()
  }

  // show marks the open view and shows its tools.
  show(view: View | null): void {
    for (const [name, button] of this.buttons) {
      button.setAttribute("aria-checked", String(name === view))
      button.tabIndex = name === (view ?? views[0]) ? 0 : -1
    }
    this.openAll.hidden = this.closeAll.hidden = view !== "tree"
    this.wrapping.hidden = view !== "pretty" && view !== "raw" && view !== null
  }

  // setLogQuery fills in the log's search in place of its previous one. Text that a person has
  // typed here stays until the log has a new search.
  setLogQuery(find: string): void {
    if (find !== "" || this.input.value === this.logQuery) this.input.value = find
    this.logQuery = find
    if (find !== "") this.showFind(true)
  }

  // seekText opens the search and moves the focus there.
  seekText(): void {
    if (this.seeking.disabled) return
    this.showFind(true)
    this.input.focus()
    this.input.select()
  }

  private showFind(on: boolean): void {
    this.find.hidden = !on
    this.seeking.setAttribute("aria-expanded", String(on))
  }

  showWrap(on: boolean): void {
    press(this.wrapping, on)
  }

  showFound(hits: Hits, current: number, searched: boolean): void {
    const { length } = hits.from
    const none = searched && this.query !== "" ? "0" : ""
    const more = length === maxHits ? "+" : ""
    setText(this.found, length > 0 ? `${count(current + 1)}/${count(length)}${more}` : none)
    this.previous.disabled = this.next.disabled = length === 0
  }

  private viewButton(view: View): HTMLButtonElement {
    const button = element("button", { type: "button", role: "radio", "data-view": view, "aria-checked": "false" }, say(`detail.view.${view}`))
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") this.actions.refuse(button.title)
      else this.actions.choose(view)
    }, { signal: this.signal })
    return button
  }

  private listen(): void {
    const { actions, signal } = this
    const on = (button: HTMLElement, act: () => void): void => button.addEventListener("click", act, { signal })
    on(this.previous, () => actions.step(-1))
    on(this.next, () => actions.step(1))
    on(this.openAll, () => actions.openAll())
    on(this.closeAll, () => actions.closeAll())
    on(this.wrapping, () => actions.wrap())
    on(this.seeking, () => {
      if (this.find.hidden) return this.seekText()
      this.showFind(false)
      this.seek("")
    })
    this.input.addEventListener("input", () => {
      window.clearTimeout(this.timer)
      this.timer = window.setTimeout(() => actions.find(), typingPause)
    }, { signal })
    this.input.addEventListener("keydown", (event) => this.typed(event), { signal })
    this.switch.addEventListener("keydown", (event) => this.move(event), { signal })
  }

  private typed(event: KeyboardEvent): void {
    if (event.key === "Enter") this.actions.step(event.shiftKey ? -1 : 1)
    else if (event.key === "Escape") {
      if (this.query !== "") this.seek("")
      else this.showFind(false)
      this.seeking.focus()
    } else return
    event.preventDefault()
  }

  private seek(text: string): void {
    window.clearTimeout(this.timer)
    this.input.value = text
    this.actions.find()
  }

  // move handles arrows in a group of radio buttons (ARIA practices): the next one gets
  // the focus and, if enabled, is chosen.
  private move(event: KeyboardEvent): void {
    const all = [...this.buttons.values()]
    const at = all.findIndex((button) => button === document.activeElement)
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault()
    const next = all.at(to % all.length)
    next?.focus()
    next?.click()
  }
}
