// Menus are <details>: they open without script. This closes them again.

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const inside = (event.target as Element).closest("details.menu")
    const item = (event.target as Element).closest(".menu-items > *")
    for (const menu of openMenus()) if (menu !== inside || item) menu.open = false
  })
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return
    for (const menu of openMenus()) {
      menu.open = false
      menu.querySelector("summary")?.focus()
    }
  })
  document.addEventListener("focusin", (event) => {
    const inside = (event.target as Element).closest("details.menu")
    for (const menu of openMenus()) if (menu !== inside) menu.open = false
  })
}

function openMenus(): NodeListOf<HTMLDetailsElement> {
  return document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")
}
