// A row of tabs and their panels, by the keyboard habits of the ARIA practices:
// arrows move, Home and End jump.

export interface Tabs {
  show(name: string): void
  current(): string
  badge(name: string, text: string, label: string): void
}

export function createTabs(list: HTMLElement, shown?: (name: string) => void): Tabs {
  const tabs = [...list.querySelectorAll<HTMLButtonElement>("[role=tab]")]
  const panelOf = (tab: HTMLElement) => document.getElementById(tab.getAttribute("aria-controls") ?? "")
  let current = ""

  function show(name: string): void {
    if (name === current) return
    current = name
    for (const tab of tabs) {
      const on = tab.dataset.tab === name
      tab.setAttribute("aria-selected", String(on))
      tab.tabIndex = on ? 0 : -1
      panelOf(tab)?.toggleAttribute("hidden", !on)
    }
    shown?.(name)
  }

  function move(event: KeyboardEvent): void {
    const at = tabs.findIndex((tab) => tab === document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const next = tabs.at(to % tabs.length)
    next?.focus()
    show(next?.dataset.tab ?? "")
  }

  list.addEventListener("click", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("[role=tab]")
    if (tab?.dataset.tab) show(tab.dataset.tab)
  })
  list.addEventListener("keydown", move)
  return {
    show,
    current: () => current,
    badge(name, text, label) {
      const tab = tabs.find((tab) => tab.dataset.tab === name)
      const badge = tab?.querySelector<HTMLElement>(".badge")
      if (!tab || !badge) return
      badge.textContent = text
      badge.classList.toggle("is-dot", text === "•")
      if (label) tab.setAttribute("aria-label", `${tab.firstElementChild?.textContent ?? ""}, ${label}`)
      else tab.removeAttribute("aria-label")
    },
  }
}
