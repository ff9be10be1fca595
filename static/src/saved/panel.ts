// The panel of saved messages: filtered by typing, loaded by a click. It decides nothing;
// clicks and keys call its actions.

import { say, size, visible } from "../text"
import { element, icon, iconButton, openMenu, placeBelow, problemLine, setText, type Component, type MenuItem } from "../ui"
import type { SavedMessage } from "../wire"
import { behind, found, grouped } from "./group"

export interface PanelActions {
  opened(): void
  load(message: SavedMessage): void
  keep(): void
  replace(message: SavedMessage): void
  rename(message: SavedMessage): void
  move(message: SavedMessage, by: 1 | -1): void
  remove(message: SavedMessage): void
  // name focuses the field for the name of the service.
  name(): void
}

const width = 380
const gap = 4

export class Panel implements Component<SavedMessage[]> {
  private readonly stop = new AbortController()
  readonly button = iconButton("bookmark", say("saved.title"), { class: "tool low saved-button", "data-testid": "saved", "aria-haspopup": "dialog" })
  private input = element("input", { type: "search", placeholder: say("saved.filter"), "aria-label": say("saved.filter"), spellcheck: "false", autocomplete: "off", "data-testid": "saved-filter" })
  private keep = element("button", { type: "button", class: "button", "data-testid": "saved-keep" }, icon("bookmark-plus"), say("saved.keep"))
  private head: HTMLElement
  private note = element("p", { class: "saved-note", role: "status", "data-testid": "saved-note" })
  private problem = problemLine()
  private name = element("button", { type: "button", class: "button primary", hidden: true, "data-testid": "saved-name-service" }, say("saved.name_service"))
  private list = element("div", { class: "saved-list" })
  readonly element: HTMLElement
  private all: SavedMessage[] = []

  constructor(private readonly actions: PanelActions) {
    const { signal } = this.stop
    const find = element("form", { class: "find" }, icon("search"), this.input)
    this.head = element("div", { class: "saved-head" }, find, this.keep)
    this.element = element("div", { class: "saved-panel", popover: "auto", role: "dialog", "aria-labelledby": "saved-heading", "data-testid": "saved-panel" },
      element("h2", { class: "visually-hidden", id: "saved-heading" }, say("saved.title")), this.head, this.problem.element, this.note, this.name, this.list,
    )
    document.body.append(this.element)
    this.button.popoverTargetElement = this.element
    this.element.addEventListener("beforetoggle", (event) => { if ((event as ToggleEvent).newState === "open") this.place() }, { signal })
    this.element.addEventListener("toggle", (event) => { if ((event as ToggleEvent).newState === "open") this.opened() }, { signal })
    this.element.addEventListener("toggle", (event) => { if ((event as ToggleEvent).newState === "closed") this.problem.tell("") }, { signal })
    this.element.addEventListener("keydown", (event) => this.key(event), { signal })
    this.element.addEventListener("contextmenu", (event) => this.context(event), { signal })
    this.input.addEventListener("input", () => this.draw(), { signal })
    find.addEventListener("submit", (event) => {
      event.preventDefault()
      this.loads()[0]?.click()
    }, { signal })
    this.keep.addEventListener("click", () => this.leave(() => actions.keep()), { signal })
    this.name.addEventListener("click", () => this.leave(() => actions.name()), { signal })
    window.addEventListener("resize", () => this.close(), { signal })
  }

  get isOpen(): boolean {
    return this.element.matches(":popover-open")
  }

  open(): void {
    if (!this.isOpen) this.element.showPopover()
  }

  close(): void {
    if (this.isOpen) this.element.hidePopover()
  }

  // tell opens the panel with the reason why something was not done; "" with none.
  tell(sentence: string): void {
    this.open()
    this.problem.tell(sentence)
  }

  // update lists messages; the focus stays on its message, or moves to focus.
  update(all: SavedMessage[], focus = ""): void {
    const held = focus || this.focused()?.dataset.id || ""
    this.all = all
    this.setEmpty(null)
    this.draw()
    if (held) this.item(held)?.focus()
  }

  // setEmpty shows a sentence in place of the list; an unnamed service gets a button.
  setEmpty(sentence: string | null, unnamed = false): void {
    this.head.hidden = unnamed
    this.name.hidden = !unnamed
    setText(this.note, sentence ?? "")
    this.note.hidden = sentence === null
    this.list.hidden = sentence !== null
    if (unnamed) this.name.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private opened(): void {
    this.input.value = ""
    this.head.hidden = false
    this.input.focus()
    this.actions.opened()
  }

  private leave(then: () => void): void {
    this.close()
    then()
  }

  // place puts the panel above or below its button, on the larger side.
  private place(): void {
    const { top, bottom, right } = this.button.getBoundingClientRect()
    const { style } = this.element
    const below = innerHeight - bottom > top
    style.left = `${Math.max(gap, Math.min(right, innerWidth - gap) - width)}px`
    style.top = below ? `${bottom + gap}px` : "auto"
    style.bottom = below ? "auto" : `${innerHeight - top + gap}px`
    style.maxHeight = `${Math.min(460, (below ? innerHeight - bottom : top) - 3 * gap)}px`
  }

  private draw(): void {
    const shown = found(this.all, this.input.value)
    const none = this.all.length === 0 ? say("saved.empty") : say("saved.none_found")
    setText(this.note, shown.length === 0 ? none : "")
    this.note.hidden = shown.length > 0
    this.list.hidden = shown.length === 0
    this.list.replaceChildren(...grouped(shown).map(({ folder, messages }) => {
      const items = element("ul", {}, ...messages.map((message) => this.row(message)))
      const title = folder === "" ? [] : [element("h3", {}, icon("folder"), element("span", {}, visible(folder)))]
      return element("section", {}, ...title, items)
    }))
  }

  private row(message: SavedMessage): HTMLElement {
    const load = element("button", { type: "button", class: "saved-load", "data-id": message.id, "data-testid": "saved-item", title: say("saved.load") },
      element("span", { class: "saved-name" }, visible(message.name)),
      element("span", { class: "kind" }, say(`saved.type.${message.type}`)),
      element("span", { class: "number" }, size(message.size)),
    )
    load.addEventListener("click", () => this.leave(() => this.actions.load(message)), { signal: this.stop.signal })
    const more = iconButton("ellipsis", say("saved.more", { name: visible(message.name) }), { "aria-haspopup": "menu", "data-testid": "saved-more" })
    more.addEventListener("click", () => this.menu(message, more), { signal: this.stop.signal })
    return element("li", { class: "saved-item" }, load, more)
  }

  private menu(message: SavedMessage, more: HTMLElement): void {
    this.item(message.id)?.focus()
    openMenu(say("saved.more", { name: visible(message.name) }), this.itemsFor(message), placeBelow(more), this.element)
  }

  private itemsFor(message: SavedMessage): MenuItem[] {
    const { actions } = this
    const leave = (then: () => void) => () => this.leave(then)
    const fixed = this.input.value === "" ? null : say("saved.fixed")
    return [
      { name: say("saved.load"), picture: "pencil-line", keys: "Enter", run: leave(() => actions.load(message)) },
      { name: say("saved.replace_by_written"), picture: "save", run: leave(() => actions.replace(message)) },
      { name: say("saved.rename"), picture: "folder", keys: "F2", run: leave(() => actions.rename(message)) },
      { name: say("saved.up"), picture: "arrow-up", keys: "Alt+↑", blocked: fixed ?? (message.position === 0 ? say("saved.first") : null), run: () => actions.move(message, -1) },
      { name: say("saved.down"), picture: "arrow-down", keys: "Alt+↓", blocked: fixed ?? (behind(this.all, message) === 0 ? say("saved.last") : null), run: () => actions.move(message, 1) },
      { name: say("saved.delete"), picture: "trash-2", keys: "Del", danger: true, run: leave(() => actions.remove(message)) },
    ]
  }

  private key(event: KeyboardEvent): void {
    const message = this.all.find(({ id }) => id === this.focused()?.dataset.id)
    if (event.ctrlKey || event.metaKey) return
    if (event.altKey ? this.moves(event.key, message) : this.acts(event, message) || this.walks(event.key)) event.preventDefault()
  }

  private moves(key: string, message: SavedMessage | undefined): boolean {
    const by = ({ ArrowUp: -1, ArrowDown: 1 } as const)[key]
    if (!message || by === undefined || this.input.value !== "") return false
    if (by === 1 ? behind(this.all, message) > 0 : message.position > 0) this.actions.move(message, by)
    return true
  }

  private acts(event: KeyboardEvent, message: SavedMessage | undefined): boolean {
    const { key, shiftKey } = event
    if (!message) return false
    if (key === "F2") this.leave(() => this.actions.rename(message))
    else if (key === "Delete") this.leave(() => this.actions.remove(message))
    else if (key === "ContextMenu" || key === "ArrowRight" || (key === "F10" && shiftKey)) this.menu(message, this.moreOf(message.id))
    else return false
    return true
  }

  // walks moves the focus through the list, from the filter on.
  private walks(key: string): boolean {
    const loads = this.loads()
    const at = loads.findIndex((item) => item === document.activeElement)
    const to = at < 0 ? { ArrowDown: 0 }[key] : { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: loads.length - 1 }[key]
    if (to === undefined) return false
    if (to < 0) this.input.focus()
    else loads[Math.min(to, loads.length - 1)]?.focus()
    return true
  }

  private context(event: Event): void {
    const id = (event.target as Element).closest(".saved-item")?.querySelector<HTMLElement>(".saved-load")?.dataset.id
    const message = this.all.find((other) => other.id === id)
    if (!message) return
    event.preventDefault()
    this.menu(message, this.moreOf(message.id))
  }

  private loads(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(".saved-load")]
  }

  private item(id: string): HTMLElement | undefined {
    return this.loads().find((item) => item.dataset.id === id)
  }

  private moreOf(id: string): HTMLElement {
    return this.item(id)?.nextElementSibling as HTMLElement
  }

  private focused(): HTMLElement | null {
    const { activeElement } = document
    return activeElement instanceof HTMLElement && this.list.contains(activeElement) ? activeElement : null
  }
}
