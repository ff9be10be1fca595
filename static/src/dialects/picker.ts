// The choice of a dialect and an environment, beside the name of the service. A dialect that
// knows the address is suggested, and never applied by itself.

import { say, visible } from "../text"
import { element, icon, iconButton, openMenu, placeBelow, setText, type Component, type MenuItem } from "../ui"
import { listDialects, listEnvironments, type DialectSummary } from "../wire"

export interface PickerDeps {
  // choose uses another dialect; "" is none.
  choose(name: string): void
  chooseEnvironment(name: string): void
  show(name: string): void
  edit(name: string): void
  editEnvironments(): void
}

export interface Picked {
  dialect: string
  title: string // "" when only the list knows it
  address: string
  environment: string
  mayChange: boolean
  mayChangeEnvironment: boolean
}

const pause = 500 // ms without a change of the address until dialects are suggested

export class Picker implements Component<Picked> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly select = element("select", { class: "dialect-select", "data-testid": "dialect", "aria-label": say("dialect.label"), title: say("dialect.label") })
  private readonly environments = element("select", { class: "environment-select", "data-testid": "environment", "aria-label": say("environment.label"), title: say("environment.label") })
  private readonly environmentChip = this.chip("braces", this.environments)
  private readonly suggested = element("span", {})
  private readonly suggestion = element("button", { type: "button", class: "button quiet dialect-suggestion", hidden: true, "data-testid": "dialect-suggested" }, this.suggested)
  private readonly more: HTMLButtonElement
  private picked: Picked = { dialect: "", title: "", address: "", environment: "", mayChange: true, mayChangeEnvironment: true }
  private list: readonly DialectSummary[] = []
  private names: readonly string[] = [] // of environments
  private asked: string | null = null // the address of the list
  private timer = 0
  private drawn = ""

  constructor(host: HTMLElement, private readonly deps: PickerDeps) {
    const { signal } = this.stop
    this.element = host
    this.more = iconButton("ellipsis", say("dialect.more"), { class: "tool low", "data-testid": "dialect-more", "aria-haspopup": "menu" })
    host.append(this.chip("align-left", this.select), this.environmentChip, this.suggestion, this.more)
    this.select.addEventListener("change", () => deps.choose(this.select.value), { signal })
    this.environments.addEventListener("change", () => deps.chooseEnvironment(this.environments.value), { signal })
    this.suggestion.addEventListener("click", () => deps.choose(this.suggestion.value), { signal })
    this.more.addEventListener("click", () => this.openMenu(), { signal })
    this.draw()
    void this.readEnvironments()
  }

  update(picked: Picked): void {
    const { address } = picked
    this.picked = picked
    if (this.asked === null) void this.read()
    else if (address !== this.asked) {
      window.clearTimeout(this.timer)
      this.timer = window.setTimeout(() => void this.read(), pause)
    }
    this.draw()
  }

  // refresh reads the lists again.
  refresh(): void {
    void this.read()
    void this.readEnvironments()
  }

  destroy(): void {
    this.stop.abort()
    window.clearTimeout(this.timer)
    this.element.replaceChildren()
  }

  // chip draws a choice as a chip with a picture.
  private chip(picture: string, select: HTMLSelectElement): HTMLElement {
    return element("span", { class: "chip flat select-chip" }, icon(picture), select, icon("chevron-down"))
  }

  private async read(): Promise<void> {
    const { address } = this.picked
    this.asked = address
    const { ok } = await listDialects(address)
    if (!ok || this.asked !== address) return
    this.list = ok
    this.draw()
  }

  private async readEnvironments(): Promise<void> {
    const { ok } = await listEnvironments()
    if (!ok) return
    this.names = ok.map(({ name }) => name)
    this.draw()
  }

  private openMenu(): void {
    const { dialect, mayChange } = this.picked
    const items: MenuItem[] = []
    const known = this.list.find(({ name }) => name === dialect)
    if (dialect) items.push({ name: say("dialect.show"), picture: "scroll-text", run: () => this.deps.show(dialect) })
    if (dialect) items.push({ name: say(known?.builtin === false && mayChange ? "dialect.edit" : "dialect.copy"), picture: "pencil-line", run: () => this.deps.edit(dialect) })
    items.push({ name: say("dialect.new"), picture: "plus", run: () => this.deps.edit("") })
    items.push({ name: say("environment.edit"), picture: "braces", run: () => this.deps.editEnvironments() })
    openMenu(say("dialect.more"), items, placeBelow(this.more), document.body)
  }

  private draw(): void {
    const { picked, list, names } = this
    const key = JSON.stringify([picked.dialect, picked.title, picked.environment, list, names])
    this.select.disabled = !picked.mayChange
    this.environments.disabled = !picked.mayChangeEnvironment
    if (key === this.drawn) return
    this.drawn = key
    this.drawDialects()
    this.drawEnvironments()
    const suggested = picked.dialect === "" ? list.find((item) => item.suggested) : undefined
    this.suggestion.hidden = !suggested
    this.suggestion.value = suggested?.name ?? ""
    this.suggestion.title = suggested ? say("dialect.suggest", { title: visible(suggested.title) }) : ""
    setText(this.suggested, this.suggestion.title)
  }

  private drawDialects(): void {
    const { dialect, title } = this.picked
    const { list } = this
    const group = (key: string, items: readonly DialectSummary[]) =>
      items.length > 0 ? [element("optgroup", { label: say(key) }, ...items.map(optionOf))] : []
    const rest = list.filter(({ suggested }) => !suggested)
    this.select.replaceChildren(
      element("option", { value: "" }, say("dialect.none")),
      ...group("dialect.group.suggested", list.filter(({ suggested }) => suggested)),
      ...group("dialect.group.own", rest.filter(({ builtin }) => !builtin)),
      ...group("dialect.group.builtin", rest.filter(({ builtin }) => builtin)),
    )
    if (dialect !== "" && !list.some(({ name }) => name === dialect)) this.select.append(optionOf({ name: dialect, title: title || dialect }))
    this.select.value = dialect
    this.select.title = dialect === "" ? say("dialect.label") : `${say("dialect.label")}: ${this.select.selectedOptions[0]?.textContent ?? ""}`
    this.select.classList.toggle("chosen", dialect !== "")
  }

  private drawEnvironments(): void {
    const { environment } = this.picked
    const names = environment !== "" && !this.names.includes(environment) ? [environment, ...this.names] : this.names
    this.environmentChip.hidden = names.length === 0
    this.environments.replaceChildren(element("option", { value: "" }, say("environment.none")), ...names.map((name) => element("option", { value: name }, visible(name))))
    this.environments.value = environment
  }
}

function optionOf({ name, title }: { name: string; title: string }): HTMLElement {
  return element("option", { value: name }, visible(title))
}
