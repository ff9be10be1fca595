// The input that goes to a message by its number or its time.

import { say } from "../text"
import { element, setText } from "../ui"

// GoTo asks for a place; go returns an error sentence, or "" once the list shows it.
export class GoTo {
  readonly element: HTMLFormElement
  private input = element("input", {
    type: "text", class: "input", "data-testid": "goto", placeholder: say("goto.hint"), "aria-label": say("goto"),
    "aria-describedby": "goto-note", spellcheck: "false", autocomplete: "off",
  })
  private note = element("p", { class: "goto-note", id: "goto-note", role: "status", "data-testid": "goto-note" })

  constructor(private readonly go: (typed: string) => Promise<string>, private readonly leave: () => void, signal: AbortSignal) {
    this.element = element("form", { class: "goto", hidden: true },
      element("div", { class: "goto-row" }, this.input, element("button", { class: "button primary" }, say("goto.go"))),
      this.note)
    this.element.addEventListener("submit", (event) => { event.preventDefault(); void this.submit() }, { signal })
    this.input.addEventListener("input", () => this.explain(""), { signal })
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      event.preventDefault()
      this.close()
      this.leave()
    }, { signal })
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null) && document.hasFocus()) this.close()
    }, { signal })
  }

  get isOpen(): boolean {
    return !this.element.hidden
  }

  open(): void {
    this.element.hidden = false
    this.explain("")
    this.input.focus()
    this.input.select()
  }

  close(): void {
    this.element.hidden = true
  }

  private async submit(): Promise<void> {
    const error = await this.go(this.input.value)
    this.explain(error)
    if (error) return this.input.select()
    this.close()
    this.leave()
  }

  // explain shows the accepted formats, or an error.
  private explain(error: string): void {
    setText(this.note, error || say("goto.takes"))
    this.note.classList.toggle("failed", error !== "")
    this.input.setAttribute("aria-invalid", String(error !== ""))
  }
}
