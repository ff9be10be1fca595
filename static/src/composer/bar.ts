// The bar below the message: its type, its problem, its size, and Send; during an upload
// progress and Cancel.

import { exactSize, sizeLimit, say, size, sizeWithin } from "../text"
import { element, icon, iconButton, modifier, press, setText } from "../ui"

export interface BarActions {
  choose(type: string): void
  beautify(): void
  // attach opens a file to send.
  attach(): void
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
  // slot is the place of the switch between the ways to write.
  readonly slot = element("span", { class: "mode-slot" })
  readonly toolSlot = element("span", { class: "tool-slot" })
  private select = element("select", { class: "write-type", "data-testid": "composer-type", "aria-label": say("composer.type"), title: say("composer.type.help") })
  private beautify = element("button", { type: "button", class: "button ghost low", "data-testid": "beautify", title: say("composer.beautify.help") }, icon("wand-sparkles"), element("span", {}, say("composer.beautify")))
  private problem = element("p", { class: "composer-problem", role: "status", id: "composer-problem", "data-testid": "composer-problem" })
  private bytes = element("span", { class: "composer-size", "data-testid": "composer-size" })
  private clearing = iconButton("eraser", say("composer.clear_after"), { class: "tool low", "data-testid": "clear-after", "aria-pressed": "false" })
  private sendButton = sendButton("composer-problem")
  private cancelButton = element("button", { type: "button", class: "button send", hidden: true, "data-testid": "cancel-send" }, say("page.cancel"))
  private progress = element("progress", { max: 1, value: 0, hidden: true, "aria-label": say("composer.progress"), "data-testid": "progress" })
  private timer = 0
  private fresh = false // Send replaced Cancel under the pointer
  private cancelled = false // by a click: the next one is meant for Send
  private focused = false // Send had the focus when it was pressed

  constructor(types: readonly string[], actions: BarActions, signal: AbortSignal) {
    for (const type of types) this.select.append(element("option", { value: type }, say(`composer.type.${type}`)))
    press(this.clearing, readSetting(clearKey))
    const attach = attachButton(() => actions.attach(), signal)
    const chosen = element("span", { class: "write-chosen" }, this.select, icon("chevron-down"))
    this.element = element("div", { class: "composer-bar" }, this.slot, chosen, this.beautify, this.problem, this.bytes, this.clearing, this.toolSlot, attach, sendKeys(), this.sendButton, this.cancelButton, this.progress)
    this.select.addEventListener("change", () => actions.choose(this.select.value), { signal })
    this.beautify.addEventListener("click", () => actions.beautify(), { signal })
    this.sendButton.addEventListener("click", (event) => { if (event.detail <= 1 && !this.fresh) actions.send() }, { signal }) // a double click sends once
    this.cancelButton.addEventListener("click", () => {
      this.cancelled = true
      actions.cancel()
    }, { signal })
    this.problem.addEventListener("click", () => actions.toProblem(), { signal })
    this.clearing.addEventListener("click", () => {
      press(this.clearing, !this.clears)
      writeSetting(clearKey, this.clears)
    }, { signal })
  }

  // clears reports whether a sent message is removed from the composer.
  get clears(): boolean {
    return this.clearing.getAttribute("aria-pressed") === "true"
  }

  showType(type: string): void {
    this.select.value = type
    this.beautify.disabled = type === "binary" || type === "text"
  }

  showSize(bytes: number, limit: number): void {
    const near = bytes > limit * warnFrom
    setText(this.bytes, near ? say("composer.size_of", { size: sizeWithin(bytes, limit), limit: sizeLimit(limit) }) : size(bytes))
    this.bytes.title = near ? say("composer.size_of", { size: exactSize(bytes), limit: exactSize(limit) }) : exactSize(bytes)
    this.bytes.classList.toggle("near", near)
    this.bytes.classList.toggle("over", bytes > limit)
  }

  showProblem(text: string, level: Level): void {
    setText(this.problem, text)
    this.problem.title = text
    this.problem.dataset.level = text === "" ? "" : level
  }

  // showSendable enables Send, or disables it with a reason.
  showSendable(reason: string | null): void {
    this.sendButton.disabled = reason !== null
    this.sendButton.title = reason ?? say("composer.send_keys", { modifier })
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

// sendButton makes the Send of a writer; problem is the id of its reason.
export function sendButton(problem: string): HTMLButtonElement {
  return element("button", { type: "button", class: "button primary send", "data-testid": "send", "aria-describedby": problem, "aria-keyshortcuts": "Control+Enter Meta+Enter" }, say("composer.send"))
}

// sendKeys shows the keys of Send.
export function sendKeys(): HTMLElement {
  return element("kbd", { class: "send-keys", "aria-hidden": "true" }, `${modifier} Enter`)
}

// attachButton makes the paper clip.
export function attachButton(run: () => void, signal: AbortSignal): HTMLButtonElement {
  const button = iconButton("paperclip", say("composer.attach"), { class: "tool low", "data-testid": "attach" })
  button.addEventListener("click", run, { signal })
  return button
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
