// One sentence about something that is done, at the lower right for six seconds, with an
// action that takes it back or goes on. It stays while the pointer or the focus is on it.
// Errors stay where their cause is.

import { element } from "./element"

const lasts = 6000 // ms

export interface ToastAction {
  name: string
  run(): void
}

let ending = new AbortController() // of the shown one

export function toast(sentence: string, action?: ToastAction): void {
  const host = document.getElementById("toast")
  if (!host) return
  ending.abort()
  ending = new AbortController()
  const { signal } = ending
  host.replaceChildren(element("span", {}, sentence))
  host.style.bottom = aboveComposer()
  if (action) {
    const button = element("button", { type: "button", "data-testid": "toast-action" }, action.name)
    button.addEventListener("click", () => {
      end()
      action.run()
    }, { signal })
    host.append(button)
  }

  let timer = 0
  function end(): void {
    ending.abort()
    host?.replaceChildren()
  }
  function wait(): void {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => (host?.matches(":hover, :focus-within") ? wait() : end()), lasts)
  }
  signal.addEventListener("abort", () => window.clearTimeout(timer), { once: true })
  host.addEventListener("pointerleave", wait, { signal })
  wait()
}

// aboveComposer keeps the toast off Send; "" is the place of the style sheet.
function aboveComposer(): string {
  const dock = document.getElementById("dock")?.getBoundingClientRect()
  return dock && dock.height > 0 && dock.top > innerHeight / 2 ? `${innerHeight - dock.top + 8}px` : ""
}
