// The second filter: labels of messages, text or binary messages, or events of one name.
// Several labels can be ticked; the menu stays open.

import { count, plural, say, visible } from "../text"
import { element, icon, setText } from "../ui"
import { eventNames, opcodes } from "../wire"
import type { LabelCounts } from "./labels"
import { isMark } from "./sentence"

const events = eventNames.filter((name) => !isMark(name))
const mostListed = 200 // labels

// Chosen is what the menu selects. A kind is an opcode or the name of an event; "" is any.
export interface Chosen {
  kind: string
  labels: readonly string[]
}

export interface ChoiceDeps {
  counts: LabelCounts
  // last returns the newest seq, up to which labels are counted.
  last(): number
  changed(): void
}

// Choice is the button of the menu and the menu.
export class Choice {
  readonly element: HTMLElement
  hasLabels = false // the session has a dialect
  private readonly name = element("span", {})
  private readonly button = element("button", { type: "button", class: "chip flat log-choice", "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "filter-label", title: say("log.choice.title") }, icon("filter"), this.name, icon("chevron-down"))
  private readonly menu = element("div", { class: "pop-menu log-choices", popover: "auto", role: "menu", "aria-label": say("log.choice.title"), "data-testid": "label-menu" })
  private kind = ""
  private labels = new Set<string>()
  private isEvents = false

  constructor(private readonly deps: ChoiceDeps, signal: AbortSignal) {
    this.element = element("span", { class: "log-choice-place" }, this.button, this.menu)
    this.button.addEventListener("click", () => this.open(), { signal })
    this.menu.addEventListener("click", (event) => this.pick((event.target as Element).closest<HTMLElement>("[data-pick]")), { signal })
    this.menu.addEventListener("keydown", (event) => this.key(event), { signal })
    this.menu.addEventListener("toggle", (event) => {
      const on = (event as ToggleEvent).newState === "open"
      this.button.setAttribute("aria-expanded", String(on))
      if (!on && this.menu.contains(document.activeElement)) this.button.focus()
    }, { signal })
    this.show()
  }

  get chosen(): Chosen {
    return { kind: this.kind, labels: [...this.labels] }
  }

  // set shows a choice without running it.
  set({ kind, labels }: Chosen): void {
    this.kind = kind
    this.labels = new Set(labels)
    this.show()
  }

  // update changes what can be chosen; a choice that is gone is dropped.
  update(isEvents: boolean): void {
    if (isEvents !== this.isEvents) {
      this.kind = ""
      if (isEvents) this.labels.clear()
    }
    this.isEvents = isEvents
    this.show()
  }

  // counted draws labels that were counted meanwhile.
  counted(): void {
    if (this.isOpen) this.draw()
  }

  private get isOpen(): boolean {
    return this.menu.matches(":popover-open")
  }

  private get offersLabels(): boolean {
    return this.hasLabels && !this.isEvents
  }

  private open(): void {
    if (this.isOpen) return this.menu.hidePopover()
    this.draw()
    this.menu.showPopover()
    const { left, bottom } = this.button.getBoundingClientRect()
    this.menu.style.left = `${Math.max(4, Math.min(left, innerWidth - this.menu.offsetWidth - 4))}px`
    this.menu.style.top = `${bottom + 2}px`
    this.menu.style.maxHeight = `${Math.max(120, innerHeight - bottom - 16)}px`
    this.items[0]?.focus({ preventScroll: true })
    if (this.offersLabels) void this.deps.counts.upTo(this.deps.last())
  }

  private get items(): HTMLElement[] {
    return [...this.menu.querySelectorAll<HTMLElement>("[data-pick]")]
  }

  private draw(): void {
    const focused = document.activeElement instanceof HTMLElement && this.menu.contains(document.activeElement) ? document.activeElement.dataset.pick : undefined
    const kinds: readonly string[] = this.isEvents ? events : opcodes
    const none = this.kind === "" && this.labels.size === 0
    const parts: HTMLElement[] = [this.item("menuitemradio", "any", say(this.isEvents ? "kind.any.events" : this.hasLabels ? "log.choice.any" : "kind.any.opcodes"), none)]
    if (this.offersLabels) parts.push(element("hr", {}), ...this.labelItems())
    parts.push(element("hr", {}), ...kinds.map((kind) => this.item("menuitemradio", `kind:${kind}`, say(`kind.${kind}`), kind === this.kind)))
    this.menu.replaceChildren(...parts)
    if (focused) this.items.find((item) => item.dataset.pick === focused)?.focus({ preventScroll: true })
  }

  private labelItems(): HTMLElement[] {
    const { counts } = this.deps
    const { list } = counts
    const known = new Map(list)
    for (const label of this.labels) if (!known.has(label)) list.push([label, 0])
    const items = list.slice(0, mostListed).map(([label, n]) => this.item("menuitemcheckbox", `label:${label}`, label ? visible(label) : say("log.choice.no_label"), this.labels.has(label), count(n)))
    const progress = counts.progress(this.deps.last())
    if (counts.failed) items.push(element("p", { class: "quiet", role: "none" }, say("log.choice.failed")))
    else if (progress < 1) items.push(element("p", { class: "quiet", role: "none" }, say("log.choice.counting", { percent: Math.floor(progress * 100) })))
    else if (list.length === 0) items.push(element("p", { class: "quiet", role: "none" }, say("log.choice.none")))
    return items
  }

  private item(role: string, pick: string, name: string, on: boolean, amount = ""): HTMLElement {
    const button = element("button", { type: "button", role, tabindex: -1, "aria-checked": String(on), "data-pick": pick },
      element("span", { class: "pop-check", "aria-hidden": "true" }, ...(on ? [icon("check")] : [])), element("span", { class: "pop-name" }, name))
    if (amount) button.append(element("span", { class: "quiet pop-count" }, amount))
    return button
  }

  private pick(item: HTMLElement | null): void {
    const pick = item?.dataset.pick
    if (pick === undefined) return
    if (pick === "any") {
      this.kind = ""
      this.labels.clear()
    } else if (pick.startsWith("kind:")) {
      const kind = pick.slice(5)
      this.kind = kind === this.kind ? "" : kind
    } else {
      const label = pick.slice(6)
      if (!this.labels.delete(label)) this.labels.add(label)
    }
    this.show()
    this.draw()
    this.deps.changed()
  }

  private key(event: KeyboardEvent): void {
    const { items } = this
    const at = items.findIndex((item) => item === document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    event.stopPropagation() // shortcuts of the page do not apply here
    if (event.key === "Tab") this.menu.hidePopover()
    if (to === undefined) return
    event.preventDefault()
    items.at(to % Math.max(1, items.length))?.focus()
  }

  // show names the choice on the button.
  private show(): void {
    const { kind, labels } = this
    const [first = ""] = labels
    const parts: string[] = []
    if (labels.size === 1) parts.push(first ? visible(first) : say("log.choice.no_label"))
    if (labels.size > 1) parts.push(plural("log.choice.labels", labels.size))
    if (kind) parts.push(say(`kind.${kind}`))
    const any = say(this.isEvents ? "kind.any.events" : this.hasLabels ? "log.choice.any" : "kind.any.opcodes")
    setText(this.name, parts.join(", ") || any)
    this.button.classList.toggle("on", parts.length > 0)
  }
}

// kindQuery returns the query parameter of a kind.
export function kindQuery(kind: string): { opcode?: string; event?: string } {
  if (kind === "") return {}
  return opcodes.some((opcode) => opcode === kind) ? { opcode: kind } : { event: kind }
}
