// A row of tabs and their panels, with the keys of the ARIA practices: arrows move,
// Home and End jump.

import type { Component } from "./component"

export class Tabs implements Component<string> {
  private readonly stop = new AbortController()
  private readonly tabs: HTMLButtonElement[]
  private current = ""

  // changed runs when another tab is shown.
  constructor(readonly element: HTMLElement, private readonly changed: (name: string) => void = () => undefined) {
    const { signal } = this.stop
    this.tabs = [...element.querySelectorAll<HTMLButtonElement>("[role=tab]")]
    element.addEventListener("click", (event) => {
      const tab = (event.target as Element).closest<HTMLElement>("[role=tab]")
      if (tab?.dataset.tab) this.update(tab.dataset.tab)
    }, { signal })
    element.addEventListener("keydown", (event) => this.move(event), { signal })
  }

  // shown is the name of the tab that is shown, "" before the first.
  get shown(): string {
    return this.current
  }

  // update shows the panel of the tab with this name.
  update(name: string): void {
    if (name === this.current) return
    this.current = name
    for (const tab of this.tabs) {
      const on = tab.dataset.tab === name
      tab.setAttribute("aria-selected", String(on))
      tab.tabIndex = on ? 0 : -1
      document.getElementById(tab.getAttribute("aria-controls") ?? "")?.toggleAttribute("hidden", !on)
    }
    this.changed(name)
  }

  // badge shows a count or a dot beside a tab's name; label is read in its place.
  badge(name: string, text: string, label: string): void {
    const tab = this.tabs.find((tab) => tab.dataset.tab === name)
    const badge = tab?.querySelector<HTMLElement>(".badge")
    if (!tab || !badge) return
    badge.textContent = text
    badge.classList.toggle("is-dot", text === "•")
    if (label) tab.setAttribute("aria-label", `${tab.firstElementChild?.textContent ?? ""}, ${label}`)
    else tab.removeAttribute("aria-label")
  }

  destroy(): void {
    this.stop.abort()
  }

  private move(event: KeyboardEvent): void {
    const at = this.tabs.findIndex((tab) => tab === document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const next = this.tabs.at(to % this.tabs.length)
    next?.focus()
    this.update(next?.dataset.tab ?? "")
  }
}
