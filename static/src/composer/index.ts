// The composer: writes the next message and sends it exactly as it stands.

import type { Written } from "../draft"
import { element, setText } from "../element"
import { count, size } from "../format"
import { icon } from "../icons"
import { say } from "../text"
import { visible } from "../visible"
import { Workshop } from "../workshop"
import { BinaryPane } from "./binary"
import type { Editor } from "./editor"
import { utf8Length } from "./encode"
import { Past } from "./past"

export type ComposerType = "text" | "json" | "xml" | "html" | "binary"

export interface Outgoing {
  opcode: "text" | "binary"
  payload: string | Uint8Array | File
}

export interface ComposerDeps {
  // send resolves when the message was taken; it rejects with an Error that is shown.
  send(message: Outgoing, onProgress?: (sent: number, total: number) => void): Promise<void>
  // limit is how many bytes a message may have; 0 is no limit.
  limit(): number
  nonce: string
  // changed is told after each change of what written returns.
  changed?(): void
}

export interface Composer {
  // enable(null) lets messages be sent; a reason says why they cannot be.
  enable(reason: string | null): void
  set(type: ComposerType, text: string): void
  // written is the message as it stands, without a file; null when it is too long to keep.
  written(): Written | null
  // keeps is whether written holds all that there is.
  keeps(): boolean
  restore(written: Written): void
  focus(): void
  destroy(): void
}

export function createComposer(host: HTMLElement, deps: ComposerDeps): Composer {
  return new ComposerPane(host, deps)
}

const types: readonly ComposerType[] = ["text", "json", "xml", "html", "binary"]
const largestEdited = 4_000_000 // UTF-16 units; a longer text is attached instead
const largestKept = 1_000_000 // UTF-16 units that are kept when the page is left
const checkPause = 400 // ms without a key until JSON is checked
const warnFrom = 0.8 // of the limit
const clearKey = "duplex.composer.clear"

class ComposerPane implements Composer {
  private stop = new AbortController()
  private workshop = new Workshop()
  private past = new Past(sessionStorage)
  private editor: Editor | null = null
  private attached: { text: string; bytes: number } | null = null
  private type: ComposerType = "json"
  private reason: string | null = null
  private uploading = false
  private version = 0 // of the text; an answer about an older one is dropped
  private timer = 0
  private fault: { text: string; line: number; column: number } | null = null
  private failure = ""

  private plain = element("textarea", { class: "composer-plain", "aria-label": say("composer.label"), placeholder: say("composer.hint"), spellcheck: "false", autocomplete: "off" })
  private surface = element("div", { class: "composer-editor" })
  private chip = element("div", { class: "composer-attached", hidden: true })
  private binary: BinaryPane
  private select = element("select", { class: "select", "data-testid": "composer-type", "aria-label": say("composer.type") })
  private beautify = element("button", { type: "button", class: "button", "data-testid": "beautify" }, icon("wand-sparkles"), say("composer.beautify"))
  private problem = element("p", { class: "composer-problem", role: "status", id: "composer-problem", "data-testid": "composer-problem" })
  private bytes = element("span", { class: "composer-size", "data-testid": "composer-size" })
  private clearing = element("input", { type: "checkbox" })
  private sendButton = element("button", { type: "button", class: "button primary", "data-testid": "send", "aria-describedby": "composer-problem", title: say("composer.send_keys") }, icon("send"), say("composer.send"))
  private progress = element("progress", { max: 1, value: 0, hidden: true, "aria-label": say("composer.progress") })

  constructor(private readonly host: HTMLElement, private readonly deps: ComposerDeps) {
    const { signal } = this.stop
    host.classList.add("composer")
    host.dataset.testid ??= "composer"
    host.tabIndex = -1
    this.binary = new BinaryPane(() => { this.refresh(); this.deps.changed?.() }, signal)
    for (const type of types) this.select.append(element("option", { value: type }, say(`composer.type.${type}`)))
    this.select.value = this.type
    this.clearing.checked = readSetting(clearKey)
    const clear = element("label", { class: "composer-clear" }, this.clearing, say("composer.clear_after"))
    this.surface.append(this.plain)
    const bar = element("div", { class: "composer-bar" }, this.select, this.beautify, this.problem, this.bytes, clear, this.sendButton, this.progress)
    host.append(element("div", { class: "composer-surface" }, this.surface, this.chip, this.binary.element), bar)
    this.listen(signal)
    this.refresh()
    void this.loadEditor()
  }

  enable(reason: string | null): void {
    this.reason = reason
    this.refresh()
  }

  set(type: ComposerType, text: string): void {
    this.choose(type)
    this.setText(text)
  }

  written(): Written | null {
    if (this.attached || (this.editor?.length ?? 0) > largestKept) return null
    return { type: this.type, text: this.text(), ...this.binary.written() }
  }

  keeps(): boolean {
    return this.written() !== null && this.binary.keeps() && !this.uploading
  }

  restore(written: Written): void {
    this.setText(written.text)
    this.binary.restore(written)
    this.choose(types.find((type) => type === written.type) ?? "text")
  }

  focus(): void {
    if (this.type === "binary") this.binary.focus()
    else if (this.attached) this.chip.querySelector("button")?.focus()
    else if (this.editor) this.editor.focus()
    else this.plain.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.workshop.stop()
    this.editor?.destroy()
    window.clearTimeout(this.timer)
    this.host.replaceChildren()
  }

  private listen(signal: AbortSignal): void {
    const { host } = this
    host.addEventListener("focus", (event) => { if (event.target === host) this.focus() }, { signal })
    host.addEventListener("keydown", (event) => this.key(event), { signal, capture: true })
    host.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) this.over(event, true) }, { signal })
    host.addEventListener("dragleave", (event) => this.over(event, false), { signal })
    host.addEventListener("drop", (event) => this.dropped(event), { signal, capture: true })
    this.binary.input.addEventListener("change", () => this.choose("binary"), { signal })
    this.plain.addEventListener("input", () => this.changed(), { signal })
    this.plain.addEventListener("paste", (event) => {
      if (this.takePaste(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault()
    }, { signal })
    this.select.addEventListener("change", () => this.choose(types.find((type) => type === this.select.value) ?? "text"), { signal })
    this.beautify.addEventListener("click", () => void this.doBeautify(), { signal })
    this.sendButton.addEventListener("click", () => void this.send(), { signal })
    this.clearing.addEventListener("change", () => writeSetting(clearKey, this.clearing.checked), { signal })
    this.problem.addEventListener("click", () => { if (this.fault && !this.attached) this.editor?.goTo(this.fault) }, { signal })
  }

  // loadEditor puts the editor in the place of the plain field, which takes typing
  // until then; text, caret and focus go over.
  private async loadEditor(): Promise<void> {
    const { mountEditor } = await import("./editor")
    if (this.stop.signal.aborted) return
    const place = element("div", { class: "composer-code waiting" })
    this.surface.append(place)
    const editor = await mountEditor(place, {
      nonce: this.deps.nonce,
      label: say("composer.label"),
      hint: say("composer.hint"),
      changed: () => this.changed(),
      paste: (text) => this.takePaste(text),
    })
    if (this.stop.signal.aborted) return editor.destroy()
    const { value, selectionStart, selectionEnd } = this.plain
    const focused = document.activeElement === this.plain
    this.editor = editor
    if (value !== "") editor.set(value)
    editor.select(selectionStart, selectionEnd)
    editor.setLanguage(this.type === "binary" ? "text" : this.type)
    place.classList.remove("waiting")
    this.plain.remove()
    this.host.dataset.ready = "1"
    if (focused) editor.focus()
  }

  private key(event: KeyboardEvent): void {
    const by = event.altKey && !event.ctrlKey && !event.metaKey ? { ArrowUp: -1 as const, ArrowDown: 1 as const }[event.key] : undefined
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.send()
    else if (by !== undefined && this.type !== "binary") this.recall(by)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private over(event: DragEvent, on: boolean): void {
    if (on) event.preventDefault()
    this.host.classList.toggle("over", on)
  }

  private dropped(event: DragEvent): void {
    this.over(event, false)
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    event.stopPropagation()
    if (this.type === "binary") this.binary.setFile(file)
    else void this.readFile(file)
  }

  // readFile takes a dropped file as text where it is text, else as a binary message.
  private async readFile(file: File): Promise<void> {
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      this.setText(decoder.decode(await file.arrayBuffer()))
    } catch {
      this.choose("binary")
      this.binary.setFile(file)
    }
  }

  private recall(by: 1 | -1): void {
    if (this.attached) return
    const message = this.past.step(by, { type: this.type, text: this.text() })
    const type = types.find((known) => known === message?.type)
    if (message && type) this.set(type, message.text)
  }

  private choose(type: ComposerType): void {
    this.type = type
    this.select.value = type
    this.host.dataset.type = type
    if (type !== "binary") this.editor?.setLanguage(type)
    this.failure = ""
    this.changed()
  }

  private text(): string {
    return this.attached?.text ?? this.editor?.text() ?? this.plain.value
  }

  private setText(text: string): void {
    if (text.length > largestEdited) return this.attach(text)
    this.attached = null
    if (this.editor) this.editor.set(text)
    else this.plain.value = text
    this.changed()
  }

  private takePaste(text: string): boolean {
    if (text.length <= largestEdited) return false
    this.attach(text)
    return true
  }

  // attach keeps a text out of the editor: it is sent as it is.
  private attach(text: string): void {
    this.attached = { text, bytes: utf8Length(text) }
    this.editor?.set("")
    this.plain.value = ""
    const edit = element("button", { type: "button", class: "link" }, say("composer.edit_as_text"))
    edit.addEventListener("click", () => this.detach(text))
    const remove = element("button", { type: "button", class: "link" }, say("composer.remove"))
    remove.addEventListener("click", () => this.detach(""))
    this.chip.replaceChildren(element("span", { class: "attachment" }, element("strong", {}, say("composer.attached", { size: size(this.attached.bytes) })), edit, remove))
    this.changed()
  }

  private detach(text: string): void {
    this.attached = null
    this.changed()
    if (this.editor) this.editor.set(text)
    else this.plain.value = text
    this.focus()
  }

  private changed(): void {
    this.version++
    this.failure = ""
    this.setFault(null)
    window.clearTimeout(this.timer)
    if (this.type === "json") this.timer = window.setTimeout(() => void this.check(), checkPause)
    this.refresh()
    this.deps.changed?.()
  }

  private setFault(fault: ComposerPane["fault"]): void {
    if (this.fault || fault) queueMicrotask(() => { if (!this.attached) this.editor?.mark(this.fault) })
    this.fault = fault
  }

  private async check(): Promise<void> {
    const mine = this.version
    if ((this.attached?.text.length ?? this.editor?.length ?? 0) > largestEdited) return
    const text = this.text()
    if (text.trim() === "") return
    const fault = await this.workshop.run("check", { text }).catch(() => null)
    if (mine !== this.version || this.type !== "json") return
    this.setFault(fault ? { ...fault, text: say("composer.sendable", { why: say(`json.${fault.code}`, { line: count(fault.line), column: count(fault.column) }) }) } : null)
    this.refresh()
  }

  private async doBeautify(): Promise<void> {
    const { type, version } = this
    if (type === "text" || type === "binary") return
    const done = await this.workshop.run("beautify", { kind: type, text: this.text() }).catch(() => null)
    if (!done || version !== this.version) return
    if (!done.fault) {
      this.setText(done.text)
      return this.focus()
    }
    const { fault } = done
    const values = { line: count(fault.line), column: count(fault.column), name: "name" in fault ? visible(fault.name) : "" }
    const text = "name" in fault ? say("composer.at", { ...values, why: say(`markup.${fault.code}`, values) }) : say(`json.${fault.code}`, values)
    this.setFault({ text, line: fault.line, column: fault.column })
    this.refresh()
    if (!this.attached) this.editor?.goTo(fault)
  }

  private payload(): { message: Outgoing; size: number } | { problem: string } {
    if (this.type === "binary") {
      const payload = this.binary.payload()
      return "problem" in payload ? payload : { message: { opcode: "binary", payload: payload.payload }, size: payload.size }
    }
    return { message: { opcode: "text", payload: this.text() }, size: this.size() }
  }

  private size(): number {
    if (this.type === "binary") {
      const payload = this.binary.payload()
      return "size" in payload ? payload.size : 0
    }
    return this.attached?.bytes ?? this.editor?.size ?? utf8Length(this.plain.value)
  }

  private limit(): number {
    return this.deps.limit() || Infinity
  }

  // blocked says why nothing can be sent now, or null.
  private blocked(bytes: number): string | null {
    if (this.reason !== null) return this.reason
    if (this.uploading) return say("composer.uploading")
    if (this.type === "binary") {
      const payload = this.binary.payload()
      if ("problem" in payload) return payload.problem
    }
    const limit = this.limit()
    return bytes > limit ? say("composer.too_large", { size: size(bytes), limit: size(limit) }) : null
  }

  private refresh(): void {
    const isBinary = this.type === "binary"
    const bytes = this.size()
    const limit = this.limit()
    const blocked = this.blocked(bytes)
    this.surface.hidden = isBinary || this.attached !== null
    this.chip.hidden = isBinary || this.attached === null
    this.binary.element.hidden = !isBinary
    this.beautify.disabled = isBinary || this.type === "text"
    this.sendButton.disabled = blocked !== null
    const near = bytes > limit * warnFrom
    setText(this.bytes, near ? say("composer.size_of", { size: size(bytes), limit: size(limit) }) : size(bytes))
    this.bytes.classList.toggle("near", near)
    this.bytes.classList.toggle("over", bytes > limit)
    this.showProblem(blocked, bytes > limit)
  }

  private showProblem(blocked: string | null, tooLarge: boolean): void {
    const text = this.failure || (tooLarge ? blocked : null) || this.fault?.text || blocked || ""
    setText(this.problem, text)
    this.problem.title = text
    const level = this.failure || tooLarge ? "error" : this.fault ? "warning" : "note"
    this.problem.dataset.level = text === "" ? "" : level
  }

  private async send(): Promise<void> {
    if (this.blocked(this.size()) !== null) return
    const made = this.payload()
    if ("problem" in made) return
    const { message } = made
    const { version } = this
    if (typeof message.payload === "string") this.past.add({ type: this.type, text: message.payload })
    const large = made.size > 64 << 10
    this.failure = ""
    if (large) this.upload(true)
    try {
      await this.deps.send(message, (sent, total) => this.showProgress(sent, total))
      if (this.clearing.checked && version === this.version) this.empty()
    } catch (error) {
      this.failure = error instanceof Error && error.message ? error.message : say("composer.failed")
    }
    if (large) this.upload(false)
    this.refresh()
  }

  private upload(on: boolean): void {
    this.uploading = on
    this.progress.hidden = !on
    this.progress.value = 0
    this.refresh()
  }

  private showProgress(sent: number, total: number): void {
    this.progress.value = total > 0 ? sent / total : 0
  }

  private empty(): void {
    if (this.type === "binary") this.binary.empty()
    else this.setText("")
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
    // Without storage the choice holds until the page is left.
  }
}
