// The one row of tabs: the views of a session, and the panels of its set-up.

import { say } from "../text"
import { byId, Tabs } from "../ui"
import type { ViewName } from "./places"

// ViewPart is one view of a session. Its tools stand in the row of tabs while it is shown.
export interface ViewPart {
  readonly tools: readonly HTMLElement[]
  show(): void
  hide(): void
}

const names: readonly string[] = ["turns", "messages", "timing"]

export function isView(name: string): name is ViewName {
  return names.includes(name)
}

export interface ViewsDeps {
  // chosen runs when a person chooses a view.
  chosen(view: ViewName): void
  // changed runs when another tab is shown; null is the set-up.
  changed(view: ViewName | null): void
}

export class Views {
  readonly tabs: Tabs
  private readonly stop = new AbortController()
  private readonly parts = new Map<ViewName, ViewPart>()
  private readonly place = byId("view-tools")
  private isOpening = true // no person chose the view
  private last: ViewName = "messages"
  private shown: ViewName | null = null

  constructor(private readonly main: HTMLElement, private readonly deps: ViewsDeps) {
    this.tabs = new Tabs(byId("tabs"), (name) => this.changed(name))
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-setup]")) {
      button.addEventListener("click", () => this.tabs.update(button.dataset.setup ?? ""), { signal: this.stop.signal })
    }
  }

  // current is the view that is shown, or was before the set-up.
  get current(): ViewName {
    return this.last
  }

  // isSetup reports whether a panel of the set-up is shown.
  get isSetup(): boolean {
    return this.shown === null
  }

  add(name: ViewName, part: ViewPart): void {
    this.parts.set(name, part)
    if (name === this.shown) this.enter(name)
  }

  // show shows a view that the page chooses; no choice is kept.
  show(name: ViewName): void {
    this.isOpening = true
    this.tabs.update(name)
    this.isOpening = false
  }

  // open shows the view of another session; a panel of the set-up stays in front of it.
  open(name: ViewName): void {
    if (this.isSetup && this.tabs.shown !== "") this.last = name
    else this.show(name)
  }

  // back leaves the set-up.
  back(): void {
    if (this.isSetup) this.show(this.last)
  }

  destroy(): void {
    this.stop.abort()
    this.tabs.destroy()
  }

  private changed(name: string): void {
    if (this.shown) this.parts.get(this.shown)?.hide()
    this.place.replaceChildren()
    const view = isView(name) ? name : null
    this.shown = view
    this.main.dataset.view = view ?? "setup"
    byId("setup-menu").dataset.on = String(view === null)
    byId("setup-name").textContent = view ? say("page.setup") : say(`page.tab.${name}`)
    if (view) {
      this.last = view
      this.enter(view)
      if (!this.isOpening) this.deps.chosen(view)
    }
    this.deps.changed(view)
  }

  private enter(view: ViewName): void {
    const part = this.parts.get(view)
    if (!part) return
    this.place.replaceChildren(...part.tools)
    part.show()
  }
}
