// Keyboard shortcuts of the whole page. Ctrl+N, T, W, L and R stay with the browser.

import { showShortcuts } from "../ui"

export interface Targets {
  focusAddress(): void
  focusSearch(): void
  askWhere(): void
  goToSession(n: number): void
  save(): void
  showCommands(): void
}

export function startShortcuts(targets: Targets, signal: AbortSignal): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return
    const run = chord(event, targets) ?? plain(event, targets)
    if (!run || document.querySelector("dialog[open]")) return
    event.preventDefault()
    run()
  }, { signal })
}

function chord(event: KeyboardEvent, targets: Targets): (() => void) | null {
  const key = event.key.toLowerCase()
  const mod = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
  if (mod && key === "s") return targets.save
  if (mod && key === "g") return targets.askWhere
  if (mod && key === "k") return targets.showCommands
  const alt = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey
  if (alt && event.code === "KeyL") return targets.focusAddress
  const digit = alt ? /^Digit([1-9])$/.exec(event.code)?.[1] : undefined
  return digit ? () => targets.goToSession(Number(digit)) : null
}

function plain(event: KeyboardEvent, targets: Targets): (() => void) | null {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return null
  if (event.key === "/") return targets.focusSearch
  if (event.key === "?") return showShortcuts
  return null
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
