// A text that is too long to edit: it is sent unchanged, and its beginning is shown. The
// text of the editor stays in the editor.

import { say, size, visible } from "../text"
import { element, icon } from "../ui"

export interface AttachedActions {
  edit(): void
  remove(): void
}

const shown = 2000 // bytes

export class Attached {
  readonly element = element("div", { class: "composer-attached", hidden: true, "data-testid": "attached" })
  // body is the attached text, or null.
  body: Blob | null = null

  constructor(private readonly actions: AttachedActions, private readonly signal: AbortSignal) {}

  hold(body: Blob, name: string): void {
    this.body = body
    const edit = element("button", { type: "button", class: "link", "data-testid": "attached-edit" }, say("composer.edit_as_text"))
    edit.addEventListener("click", () => {
      edit.disabled = true
      this.actions.edit()
    }, { signal: this.signal })
    const remove = element("button", { type: "button", class: "link", "data-testid": "attached-remove" }, say("composer.remove"))
    remove.addEventListener("click", () => this.actions.remove(), { signal: this.signal })
    const title = name === "" ? [element("strong", {}, say("composer.attached", { size: size(body.size) }))] : [element("strong", {}, visible(name)), size(body.size)]
    const preview = element("p", { class: "attached-preview", "data-testid": "attached-preview" })
    this.element.replaceChildren(
      element("div", { class: "attachment" }, icon("file"), ...title, edit, remove),
      preview,
    )
    void this.preview(body, preview)
  }

  dropFile(): void {
    this.body = null
    this.element.replaceChildren()
  }

  focus(): void {
    this.element.querySelector("button")?.focus()
  }

  private async preview(body: Blob, into: HTMLElement): Promise<void> {
    const bytes = await body.slice(0, shown).arrayBuffer().catch(() => null)
    if (!bytes || body !== this.body) return
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true })
    into.textContent = visible(text.slice(0, 400)) + (text.length > 400 || body.size > shown ? " …" : "")
  }
}
