// The bar above a message: views, facts, search and tools.

import { count, say, size, stamp, visible } from "../text"
import { element, icon, iconButton, press, setText } from "../ui"
import type { Row } from "../wire"
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
  copy(): void
  save(): void
  again(): void
  close: (() => void) | undefined
}

const typingPause = 150

// Bar draws the bar and passes its events to actions.
export class Bar {
  readonly element: HTMLElement
  logQuery = "" // the log's search when it opened this message
  private timer = 0
  private buttons = new Map<View, HTMLButtonElement>()
  private switch = element("div", { class: "switch", role: "radiogroup", "data-testid": "detail-view", "aria-label": say("detail.view") })
  private facts = element("p", { class: "detail-facts" })
  private input = element("input", { type: "search", placeholder: say("detail.search"), "aria-label": say("detail.search"), spellcheck: "false", autocomplete: "off", "data-testid": "detail-search" })
  private found = element("span", { class: "find-count", role: "status" })
  private previous = iconButton("chevron-up", say("log.previous"))
  private next = iconButton("chevron-down", say("log.next"))
  private openAll = iconButton("unfold-vertical", say("detail.open_all"))
  private closeAll = iconButton("fold-vertical", say("detail.close_all"))
  private wrapping = iconButton("wrap-text", say("detail.wrap"), { "aria-pressed": "true" })
  private copying = iconButton("copy", say("detail.copy"), { "data-testid": "detail-copy" })
  private download = element("a", { class: "tool", "aria-label": say("detail.download"), title: say("detail.download"), "data-testid": "detail-download" }, icon("download"))
  private saving = iconButton("pencil-line", say("detail.save_as_message"), { "data-testid": "detail-save" })

  private again = element("button", { type: "button", class: "button detail-again", hidden: true, "data-testid": "detail-again" }, icon("rotate-cw"), say("row.again"))

  constructor(private readonly actions: BarActions, private readonly signal: AbortSignal) {
    for (const view of views) this.buttons.set(view, this.viewButton(view))
    this.switch.append(...this.buttons.values())
    const find = element("div", { class: "find" }, icon("search"), this.input, this.found, this.previous, this.next)
    this.element = element("div", { class: "detail-bar" }, this.switch, this.facts, find, this.openAll, this.closeAll, this.wrapping, this.copying, this.download, this.saving, this.again)
    if (actions.close) this.element.append(this.closeButton(actions.close))
    this.listen()
    signal.addEventListener("abort", () => window.clearTimeout(this.timer))
  }

  // query is the text to find.
  get query(): string {
    return this.input.value
  }

  // describe shows the facts of a message; kind is that of its content, once known.
  describe(row: Row | null, kind = ""): void {
    const parts = row ? partsOf(row, kind) : []
    setText(this.facts, parts.join(" · "))
    this.facts.title = parts.join(" · ")
    if (row) this.facts.dataset.direction = row.direction
  }

  // offer enables the available views; the others stay in place and show the reason.
  offer(why: (view: View) => string): void {
    let none = true
    for (const [view, button] of this.buttons) {
      const reason = why(view)
      none &&= reason !== ""
      button.setAttribute("aria-disabled", String(reason !== ""))
      button.title = reason || say("detail.view_key", { key: views.indexOf(view) + 1 })
    }
    for (const tool of [this.copying, this.input, this.wrapping]) tool.disabled = none
  }

  // allowAgain enables "send again", or disables it for a reason; undefined hides it.
  allowAgain(blocked: string | null | undefined): void {
    this.again.hidden = blocked === undefined
    this.again.setAttribute("aria-disabled", String(Boolean(blocked)))
    this.again.title = blocked ?? ""
  }

  // press acts as a press on the button of a view.
  press(view: View): void {
    this.buttons.get(view)?.click()
  }

  // allowSave enables editing the message as a new one.
  allowSave(on: boolean): void {
    this.saving.disabled = !on
  }

  // link sets the address and file name of the download.
  link(href: string, name: string): void {
    this.download.href = href
    this.download.download = name
    this.download.removeAttribute("aria-disabled")
  }

  unlink(): void {
    this.download.removeAttribute("href")
    this.download.setAttribute("aria-disabled", "true")
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

  // showCopied shows for a moment that the copy succeeded.
  showCopied(): void {
    this.copying.classList.add("done")
    this.copying.setAttribute("aria-label", say("detail.copied"))
    window.setTimeout(() => {
      this.copying.classList.remove("done")
      this.copying.setAttribute("aria-label", say("detail.copy"))
    }, 1200)
  }

  private viewButton(view: View): HTMLButtonElement {
    const button = element("button", { type: "button", role: "radio", "data-view": view, "aria-checked": "false" }, say(`detail.view.${view}`))
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") this.actions.refuse(button.title)
      else this.actions.choose(view)
    }, { signal: this.signal })
    return button
  }

  private closeButton(close: () => void): HTMLButtonElement {
    const button = iconButton("x", say("detail.close"), { "data-testid": "detail-close" })
    button.addEventListener("click", () => close(), { signal: this.signal })
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
    on(this.copying, () => actions.copy())
    on(this.saving, () => actions.save())
    on(this.again, () => actions.again())
    this.input.addEventListener("input", () => {
      window.clearTimeout(this.timer)
      this.timer = window.setTimeout(() => actions.find(), typingPause)
    }, { signal })
    this.input.addEventListener("keydown", (event) => this.typed(event), { signal })
    this.switch.addEventListener("keydown", (event) => this.move(event), { signal })
  }

  private typed(event: KeyboardEvent): void {
    if (event.key === "Enter") this.actions.step(event.shiftKey ? -1 : 1)
    else if (event.key === "Escape" && this.query !== "") this.seek("")
    else return
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

function partsOf(row: Row, kind: string): string[] {
  const parts = [say(`log.${row.direction}`), `#${count(row.seq)}`]
  if (row.direction !== "event") parts.push(say(`detail.opcode.${row.opcode ?? "text"}`), ...(kind ? [kind] : []), size(row.size))
  parts.push(stamp(row.atUS))
  if (row.sender) parts.push(visible(row.sender))
  return parts
}
