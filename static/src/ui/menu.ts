// Menus in the server's HTML are <details>, which open without script. This closes them
// on a click or focus outside, on a choice, and on Escape.

export function startMenus(signal: AbortSignal): void {
  document.addEventListener("click", (event) => {
    const inside = (event.target as Element).closest("details.menu")
    const item = (event.target as Element).closest(".menu-items > *")
    for (const menu of openMenus()) if (menu !== inside || item) menu.open = false
  }, { signal })
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return
    for (const menu of openMenus()) {
      menu.open = false
      menu.querySelector("summary")?.focus()
    }
  }, { signal })
  document.addEventListener("focusin", (event) => {
    const inside = (event.target as Element).closest("details.menu")
    for (const menu of openMenus()) if (menu !== inside) menu.open = false
  }, { signal })
}

function openMenus(): NodeListOf<HTMLDetailsElement> {
  return document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")
}
