// A menu that opens at a row or a button. It is a popover, so it shifts nothing on the
// page, and it returns the focus when it closes.

import { element } from "./element"
import { icon } from "./icons"

export interface MenuItem {
  name: string
  picture?: string
  keys?: string // the shortcut for the same action
  danger?: boolean
  apart?: boolean // a line separates it from those above
  checked?: boolean // of an item that is on or off
  // blocked is the reason to show when the action is not possible now.
  blocked?: string | null
  run(): void
}

export interface Place {
  x: number
  y: number
  end?: boolean // x is the right edge
}

let made = 0

// openMenu appends a menu to host: a popover that contains it stays open.
export function openMenu(label: string, items: readonly MenuItem[], place: Place, host: Element): void {
  const back = document.activeElement instanceof HTMLElement ? document.activeElement : null
  const menu = element("div", { class: "pop-menu", popover: "auto", role: "menu", "aria-label": label, "data-testid": "menu" })
  const stop = new AbortController() // the menu is closed
  const { signal } = stop
  for (const item of items) {
    if (item.apart) menu.append(element("hr"))
    menu.append(itemOf(item, () => close(item), signal))
  }

  function close(item: MenuItem): void {
    menu.hidePopover()
    item.run()
  }

  menu.addEventListener("keydown", (event) => move(menu, event), { signal })
  menu.addEventListener("contextmenu", (event) => event.preventDefault(), { signal })
  menu.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return
    const within = menu.contains(document.activeElement) || document.activeElement === document.body
    menu.remove()
    if (within) back?.focus({ preventScroll: true })
    stop.abort()
  }, { signal })
  host.append(menu)
  menu.showPopover()
  put(menu, place)
  itemsIn(menu)[0]?.focus({ preventScroll: true })
}

// placeBelow returns the place of a menu below its button.
export function placeBelow(button: HTMLElement): Place {
  const { left, bottom } = button.getBoundingClientRect()
  return { x: left, y: bottom + 2 }
}

// placeAtEnd is placeBelow for a menu that ends with its button.
export function placeAtEnd(button: HTMLElement): Place {
  const { right, bottom } = button.getBoundingClientRect()
  return { x: right, y: bottom + 2, end: true }
}

function itemOf({ name, picture, keys, danger, checked, blocked }: MenuItem, run: () => void, signal: AbortSignal): HTMLElement {
  const reason = blocked ? element("span", { class: "pop-reason", id: `pop-reason-${++made}` }, blocked) : null
  const button = element("button", {
    type: "button", role: checked === undefined ? "menuitem" : "menuitemcheckbox", tabindex: -1, "aria-checked": checked === undefined ? null : String(checked), class: danger ? "danger" : null,
    "aria-disabled": reason ? "true" : null, "aria-describedby": reason?.id ?? null,
  }, ...(checked === undefined ? (picture ? [icon(picture)] : []) : [checked ? icon("check") : element("span", {})]), element("span", { class: "pop-name" }, name))
  if (reason) button.append(reason)
  else if (keys) button.append(element("kbd", { "aria-hidden": "true" }, keys))
  button.addEventListener("click", () => { if (!reason) run() }, { signal })
  return button
}

function itemsIn(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")]
}

function move(menu: HTMLElement, event: KeyboardEvent): void {
  const items = itemsIn(menu)
  const at = items.findIndex((item) => item === document.activeElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
  if (event.key === "Tab") menu.hidePopover()
  if (to === undefined) return event.stopPropagation() // shortcuts of the page do not apply here
  event.preventDefault()
  event.stopPropagation()
  items.at(to % items.length)?.focus()
}

// put places the menu inside the window.
function put(menu: HTMLElement, { x, y, end = false }: Place): void {
  const { width, height } = menu.getBoundingClientRect()
  menu.style.left = `${Math.max(4, Math.min(end ? x - width : x, innerWidth - width - 4))}px`
  menu.style.top = `${y + height + 4 > innerHeight ? Math.max(4, y - height) : y}px`
}
