// In a narrow window the side list is a drawer over the page. The focus stays inside it
// until it closes, and then returns to the button that opened it.

import { byId } from "../ui"

const narrow = "(max-width: 900px)"

export function startDrawer(signal: AbortSignal): void {
  const { body } = document
  const media = window.matchMedia(narrow)

  function others(): Element[] {
    return [...body.querySelectorAll(":scope > .skip, .frame > :not(.sidebar)")]
  }
  function set(open: boolean): void {
    if (open === (body.dataset.drawer === "open")) return
    if (open) body.dataset.drawer = "open"
    else delete body.dataset.drawer
    for (const other of others()) other.toggleAttribute("inert", open)
    for (const button of body.querySelectorAll("#drawer-open")) button.setAttribute("aria-expanded", String(open))
    if (open) byId("drawer-close").focus()
    else body.querySelector<HTMLElement>("#drawer-open")?.focus()
  }

  document.addEventListener("click", (event) => {
    const target = event.target as Element
    if (target.closest("#drawer-open")) set(media.matches)
    else if (target.closest("#drawer-close")) set(false)
    else if (body.dataset.drawer === "open" && !target.closest(".sidebar, dialog, [popover], .toast")) set(false)
  }, { signal })
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || body.dataset.drawer !== "open") return
    if (document.querySelector("dialog[open], [popover]:popover-open, details.menu[open]")) return
    set(false)
  }, { signal })
  media.addEventListener("change", () => set(false), { signal })
}
