// The bar below the message: its type, its problem, its size, and Send; during an upload
// progress and Cancel.

import { say, size } from "../text"
import { element, icon, setText } from "../ui"

export interface BarActions {
  choose(type: string): void
  beautify(): void
  send(): void
  cancel(): void
  // toProblem moves the caret to the place of the problem.
  toProblem(): void
}

export type Level = "error" | "warning" | "note"

const warnFrom = 0.8 // of the limit
const settles = 500 // ms until a button that replaced another one can be pressed
const patience = 250 // ms until Cancel appears: most messages are sent by then
const clearKey = "duplex.composer.clear"

export class Bar {
  readonly element: HTMLElement
  private select = element("select", { class: "select", "data-testid": "composer-type", "aria-label": say("composer.type") })
  private beautify = element("button", { type: "button", class: "button", "data-testid": "beautify" }, icon("wand-sparkles"), say("composer.beautify"))
  private problem = element("p", { class: "composer-problem", role: "status", id: "composer-problem", "data-testid": "composer-problem" })
  private bytes = element("span", { class: "composer-size", "data-testid": "composer-size" })
  private clearing = element("input", { type: "checkbox" })
  private sendButton = element("button", { type: "button", class: "button primary", "data-testid": "send", "aria-describedby": "composer-problem", title: say("composer.send_keys") }, icon("send"), say("composer.send"))
  private cancelButton = element("button", { type: "button", class: "button", hidden: true, "data-testid": "cancel-send" }, icon("x"), say("page.cancel"))
  private progress = element("progress", { max: 1, value: 0, hidden: true, "aria-label": say("composer.progress"), "data-testid": "progress" })
  private timer = 0
  private fresh = false // Send replaced Cancel under the pointer
  private cancelled = false // by a click: the next one is meant for Send
  private focused = false // Send had the focus when it was pressed

  constructor(types: readonly string[], lead: readonly HTMLElement[], tools: readonly HTMLElement[], actions: BarActions, signal: AbortSignal) {
    for (const type of types) this.select.append(element("option", { value: type }, say(`composer.type.${type}`)))
    this.clearing.checked = readSetting(clearKey)
    const clear = element("label", { class: "composer-clear" }, this.clearing, say("composer.clear_after"))
    this.element = element("div", { class: "composer-bar" }, ...lead, this.select, this.beautify, this.problem, this.bytes, clear, ...tools, this.sendButton, this.cancelButton, this.progress)
    this.select.addEventListener("change", () => actions.choose(this.select.value), { signal })
    this.beautify.addEventListener("click", () => actions.beautify(), { signal })
    this.sendButton.addEventListener("click", (event) => { if (event.detail <= 1 && !this.fresh) actions.send() }, { signal }) // a double click sends once
    this.cancelButton.addEventListener("click", () => {
      this.cancelled = true
      actions.cancel()
    }, { signal })
    this.problem.addEventListener("click", () => actions.toProblem(), { signal })
    this.clearing.addEventListener("change", () => writeSetting(clearKey, this.clearing.checked), { signal })
  }

  // clears reports whether a sent message is removed from the composer.
  get clears(): boolean {
    return this.clearing.checked
  }

  showType(type: string): void {
    this.select.value = type
    this.beautify.disabled = type === "binary" || type === "text"
  }

  showSize(bytes: number, limit: number): void {
    const near = bytes > limit * warnFrom
    setText(this.bytes, near ? say("composer.size_of", { size: size(bytes), limit: size(limit) }) : size(bytes))
    this.bytes.classList.toggle("near", near)
    this.bytes.classList.toggle("over", bytes > limit)
  }

  showProblem(text: string, level: Level): void {
    setText(this.problem, text)
    this.problem.title = text
    this.problem.dataset.level = text === "" ? "" : level
  }

  showSendable(on: boolean): void {
    this.sendButton.disabled = !on
  }

  begin(): void {
    this.focused = document.activeElement === this.sendButton
    this.progress.value = 0
    this.cancelButton.disabled = false
    this.timer = window.setTimeout(() => this.showCancel(true), patience)
  }

  // showProgress also disables Cancel when all bytes are sent.
  showProgress(sent: number, total: number): void {
    this.progress.value = total > 0 ? sent / total : 0
    this.cancelButton.disabled = total > 0 && sent >= total
  }

  end(): void {
    window.clearTimeout(this.timer)
    this.showCancel(false)
  }

  // settle ignores clicks on Send at first: they were meant for Cancel. The button stays
  // enabled, since a disabled one loses the focus.
  private settle(): void {
    this.fresh = true
    window.setTimeout(() => { this.fresh = false }, settles)
  }

  private showCancel(on: boolean): void {
    const lost = this.focused && (document.activeElement === document.body || document.activeElement === this.cancelButton)
    const isUnder = !on && !this.cancelButton.hidden && this.cancelButton.matches(":hover")
    this.progress.hidden = this.cancelButton.hidden = !on
    this.sendButton.hidden = on
    if (isUnder && !this.cancelled) this.settle()
    this.cancelled = false
    if (on && this.focused) this.cancelButton.focus()
    else if (!on && lost) this.sendButton.focus()
  }
}

function readSetting(key: string): boolean {
  try {
    return localStorage.getItem(key) === "1"
  } catch {
    return false
  }
}

function writeSetting(key: string, on: boolean): void {
  try {
    localStorage.setItem(key, on ? "1" : "0")
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
