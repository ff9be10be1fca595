// The choice of the language. The form works without script; this adds the current
// address and asks first when a reload would lose something.

import { say } from "../text"
import { confirm } from "../ui"

export interface Choice {
  name: string // in its own language
  run(): void
}

// startLanguages takes keep, which stores drafts and reports whether all was stored.
export function startLanguages(keep: () => boolean, signal: AbortSignal): void {
  let sure = false
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement
    const button = event.submitter
    if (!form.matches("[data-languages]") || !button) return
    if (chosen(button)) return event.preventDefault()
    form.querySelector("input")?.setAttribute("value", location.pathname + location.search)
    if (keep() || sure) return
    event.preventDefault()
    void ask(button.textContent ?? "").then((yes) => {
      sure = yes
      if (yes) form.requestSubmit(button)
    })
  }, { signal })
}

// choices lists the other languages of the page.
export function choices(): Choice[] {
  const form = document.querySelector<HTMLFormElement>("form[data-languages]")
  const buttons = [...(form?.querySelectorAll("button") ?? [])].filter((button) => !chosen(button))
  return buttons.map((button) => ({ name: button.textContent ?? "", run: () => form?.requestSubmit(button) }))
}

function ask(language: string): Promise<boolean> {
  const question = say("page.language.question", { language })
  return confirm(question, say("page.language.detail"), say("page.language.switch"))
}

function chosen(button: HTMLElement): boolean {
  return button.getAttribute("aria-current") === "true"
}
