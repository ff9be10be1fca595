// The theme: light, dark, or the one of the system. Loaded before the first paint, so
// that the page does not flash.

const key = "duplex.theme"
export const themes = ["auto", "light", "dark"] as const
export type Theme = (typeof themes)[number]

export function theme(): Theme {
  const kept = localStorage.getItem(key)
  return themes.find((name) => name === kept) ?? "auto"
}

export function setTheme(name: Theme): void {
  localStorage.setItem(key, name)
  apply()
}

function apply(): void {
  document.documentElement.dataset.theme = theme()
}

apply()
