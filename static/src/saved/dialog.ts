// The dialog for the name and the folder of a saved message.

import { count, say } from "../text"
import { element, openDialog, setText } from "../ui"
import type { WireError } from "../wire"

export interface Question {
  title: string
  detail: string
  action: string
  name: string
  folder: string
  folders: readonly string[]
  // taken reports whether this name would replace another message.
  taken(name: string, folder: string): boolean
  // save saves; an error is shown and the dialog stays.
  save(name: string, folder: string, signal: AbortSignal): Promise<WireError | null>
}

const longest = 100 // characters of a name

// ask shows the dialog; it resolves with true when the message was saved.
export async function ask(question: Question): Promise<boolean> {
  const dialog = new NameDialog(question)
  const closed = openDialog(dialog.element, dialog.stop)
  dialog.begin()
  return (await closed) === "saved"
}

type Field = { input: HTMLInputElement; error: HTMLElement }

class NameDialog {
  readonly element: HTMLDialogElement
  private name = field("name")
  private folder = field("folder")
  private note = element("p", { class: "saved-problem", role: "status", "data-testid": "saved-problem" })
  private submit: HTMLButtonElement
  readonly stop = new AbortController() // aborts when the dialog closes

  constructor(private readonly question: Question) {
    const { signal } = this.stop
    const { title, detail, action, folders } = question
    this.submit = element("button", { class: "button primary", "data-testid": "saved-submit" }, action)
    const cancel = element("button", { type: "button", class: "button", "data-testid": "saved-cancel" }, say("page.cancel"))
    const list = element("datalist", { id: "saved-folders" }, ...folders.map((folder) => element("option", { value: folder })))
    this.folder.input.setAttribute("list", list.id)
    this.name.input.value = question.name
    this.folder.input.value = question.folder
    const form = element("form", { novalidate: true },
      element("h2", { id: "saved-title" }, title),
      element("p", {}, detail),
      ...row("name", this.name), ...row("folder", this.folder), list, this.note,
      element("div", { class: "dialog-buttons" }, cancel, this.submit),
    )
    this.element = element("dialog", { class: "dialog saved-dialog", "aria-labelledby": "saved-title", "data-testid": "saved-dialog" }, form)
    cancel.addEventListener("click", () => this.element.close(), { signal })
    form.addEventListener("input", () => this.look(), { signal })
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.save()
    }, { signal })
  }

  begin(): void {
    this.look()
    this.name.input.select()
  }

  // look shows at each key whether saving replaces a message, and mistakes in the names.
  private look(): void {
    const { name, folder } = this.values()
    fail(this.name, tooLong(name))
    fail(this.folder, tooLong(folder))
    const replaces = this.question.taken(name, folder)
    setText(this.submit, replaces ? say("saved.replace") : this.question.action)
    setText(this.note, replaces ? say("saved.replaces") : "")
    this.note.classList.remove("failed")
  }

  private values(): { name: string; folder: string } {
    return { name: this.name.input.value.trim(), folder: this.folder.input.value.trim() }
  }

  private async save(): Promise<void> {
    const { name, folder } = this.values()
    if (name === "") fail(this.name, say("saved.name.missing"))
    const wrong = [this.name, this.folder].find(({ error }) => error.textContent !== "")
    if (wrong) return wrong.input.focus()
    this.submit.disabled = true
    const error = await this.question.save(name, folder, this.stop.signal)
    this.submit.disabled = false
    if (!error) return this.element.close("saved")
    if (this.stop.signal.aborted) return
    const at = error.field === "name" ? this.name : error.field === "folder" ? this.folder : null
    if (at) fail(at, error.message)
    else setText(this.note, error.message)
    this.note.classList.toggle("failed", at === null)
    ;(at?.input ?? this.submit).focus()
  }
}

function field(name: string): Field {
  const error = element("p", { class: "field-error", id: `saved-${name}-error`, role: "status", "data-testid": `saved-${name}-error` })
  const input = element("input", {
    id: `saved-${name}`, class: "input", type: "text", "data-testid": `saved-${name}`, autocomplete: "off", spellcheck: "false", "aria-describedby": error.id,
  })
  return { input, error }
}

function row(name: "name" | "folder", { input, error }: Field): HTMLElement[] {
  const label = element("label", { for: input.id }, say(`saved.${name}`))
  if (name === "folder") label.append(element("span", { class: "optional" }, say("page.optional")))
  return [element("div", { class: "saved-field" }, label, input, error)]
}

function fail({ input, error }: Field, text: string): void {
  setText(error, text)
  input.setAttribute("aria-invalid", String(text !== ""))
}

function tooLong(text: string): string {
  const { length } = [...text.slice(0, 100_000)]
  return length > longest ? say("saved.too_long", { limit: longest, count: count(length) }) : ""
}
