// The composer: edits the next message and sends it byte for byte.

import { count, sizeLimit, plural, say, sizeWithin, visible } from "../text"
import { element } from "../ui"
import type { MessageType } from "../wire"
import { Workshop, type Checked } from "../worker"
import { Bar, type Level } from "./bar"
import { BinaryPane, type Source } from "./binary"
import { Checker, sentenceOf, type Fault } from "./checker"
import { DropHint } from "./drop"
import { isUTF8, readsAsText } from "./files"
import type { Outgoing, Sending } from "./outgoing"
import { Past } from "./past"
import { Sender } from "./sender"
import { TextPane } from "./text"
import type { Written } from "./written"

export type ComposerType = "text" | Checked | "binary"

export interface ComposerDeps {
  // send resolves when the server has the message; it rejects with an Error to show.
  send(message: Outgoing, sending: Sending): Promise<void>
  // limit returns the largest size of a message, in bytes.
  limit(): number
  uploadAbove: number // bytes; the upload of a larger message takes noticeable time
  nonce: string
  // drops returns what another part does with a dropped file of a type, or null.
  drops?(type: string): string | null
  // changed runs after each change of the value of written.
  changed?(): void
}

// Blocked tells why nothing can be sent now: the reason at Send, and what becomes of the text.
export interface Blocked {
  reason: string
  note: string
  hasEnded?: true // the connection; another can be opened
}

// Message is a message to save: its type, a name to propose, and its bytes.
export interface Message {
  type: MessageType
  name: string
  body: Blob
}

export interface Composer {
  // element is the box of this writer.
  readonly element: HTMLElement
  // slot is the place of the switch between the ways to write.
  readonly slot: HTMLElement
  // toolSlot is the place of tools beside Send.
  readonly toolSlot: HTMLElement
  // enable(null) allows sending; a reason disables it. Its note is shown.
  enable(blocked: Blocked | null): void
  set(type: ComposerType, text: string): void
  // put shows a saved message.
  put(message: Message): Promise<void>
  // message returns the message, or the reason why there is none.
  message(): Promise<Message | { problem: string }>
  // take opens a file to send.
  take(file: File): void
  // attach lets a person choose a file to send.
  attach(): void
  // short is the text of a message that is not binary and not too long, else null.
  readonly short: string | null
  // send sends the message.
  send(): Promise<void>
  // warn shows a sentence about a message that was sent, or one that cannot be used.
  warn(sentence: string): void
  // note shows a sentence until the message changes.
  note(sentence: string): void
  // forgive takes away the sentence about the last attempt: another one began.
  forgive(): void
  // remember lets a person recall the message before it is replaced.
  remember(): void
  // written returns the message without a file; null when it is too long to store.
  written(): Written | null
  // keeps reports whether written returns all of the message.
  keeps(): boolean
  restore(written: Written): void
  focus(): void
  destroy(): void
}

export function createComposer(host: HTMLElement, deps: ComposerDeps): Composer {
  return new ComposerPane(host, deps)
}

const types: readonly ComposerType[] = ["text", "json", "xml", "html", "binary"]

class ComposerPane implements Composer {
  readonly element = element("div", { class: "write write-raw", tabindex: -1 })
  private stop = new AbortController()
  private workshop = new Workshop()
  private past = new Past(sessionStorage)
  private checker = new Checker(this.workshop, (fault) => this.setFault(fault))
  private type: ComposerType = "json"
  private barred: Blocked | null = null
  private version = 0 // of the message; an answer for an older one is dropped
  private checked: Fault | null = null // the first syntax error
  private lone: Fault | null = null // the first character that UTF-8 cannot encode
  private marked = false // the editor underlines a fault
  private said: { text: string; level: Level } | null = null

  private picker = element("input", { type: "file", class: "visually-hidden", tabindex: -1, "aria-label": say("composer.attach"), "data-testid": "attach-file" })
  private text: TextPane
  private binary: BinaryPane
  private bar: Bar
  private sender: Sender

  constructor(private readonly host: HTMLElement, private readonly deps: ComposerDeps) {
    const { signal } = this.stop
    this.bar = new Bar(types, {
      choose: (type) => this.choose(typeOf(type)),
      beautify: () => void this.beautify(),
      attach: () => this.attach(),
      send: () => void this.send(),
      cancel: () => this.sender.cancel(),
      toProblem: () => { if (this.fault) this.text.goTo(this.fault) },
    }, signal)
    this.sender = new Sender(this.bar, { send: deps.send, tell: (text, level) => this.tell(text, level), changed: () => this.refresh() })
    this.binary = new BinaryPane({ changed: () => this.changed(), asText: (file) => void this.attachFile(file) }, signal)
    this.text = new TextPane({
      nonce: deps.nonce,
      changed: () => this.changed(),
      taking: () => this.changed(),
      ready: () => { host.dataset.ready = "1" },
      failed: () => this.tell(say("composer.no_editor"), "error"),
    }, signal)
    this.picker.addEventListener("change", () => this.picked(), { signal })
    this.element.append(element("div", { class: "composer-surface" }, ...this.text.elements, this.binary.element), this.picker, this.bar.element)
    host.append(this.element, new DropHint((type) => deps.drops?.(type) ?? null, signal).element)
    host.tabIndex = -1
    host.addEventListener("focus", (event) => { if (event.target === host && !this.element.hidden) this.focus() }, { signal })
    this.listen(signal)
    this.choose(this.type)
  }

  get slot(): HTMLElement {
    return this.bar.slot
  }

  get toolSlot(): HTMLElement {
    return this.bar.toolSlot
  }

  get short(): string | null {
    return this.type === "binary" ? null : this.text.short
  }

  enable(blocked: Blocked | null): void {
    if (blocked?.reason !== this.barred?.reason) this.said = null // it was about another state
    this.barred = blocked
    this.refresh()
  }

  set(type: ComposerType, text: string): void {
    this.choose(type)
    this.text.set(text)
  }

  async put({ type, name, body }: Message): Promise<void> {
    this.past.addSent(this.sent()) // the replaced message can be recalled
    const source = sourceOf(type)
    this.choose(source ? "binary" : typeOf(type))
    if (source) await this.binary.put(source, body, name)
    else await this.text.put(body, name)
  }

  async message(): Promise<Message | { problem: string }> {
    const tooLarge = this.tooLarge(this.size())
    if (tooLarge !== null) return { problem: tooLarge }
    if (this.type !== "binary") return { type: this.type, name: this.text.name, body: await this.text.body() }
    const made = this.binary.payload()
    if ("problem" in made) return made
    const name = made.payload instanceof File ? made.payload.name : ""
    return { type: this.binary.source, name, body: new Blob([made.payload]) }
  }

  take(file: File): void {
    if (this.type === "binary") this.binary.setFile(file)
    else void this.readFile(file)
  }

  warn(sentence: string): void {
    this.tell(sentence, "error")
  }

  attach(): void {
    this.picker.value = ""
    this.picker.click()
  }

  note(sentence: string): void {
    this.tell(sentence, "note")
  }

  forgive(): void {
    this.said = null
    this.refresh()
  }

  remember(): void {
    this.past.addSent(this.sent())
  }

  written(): Written | null {
    const text = this.text.short
    return text === null ? null : { type: this.type, text, ...this.binary.written() }
  }

  keeps(): boolean {
    return this.written() !== null && this.binary.keeps() && !this.sender.busy
  }

  restore(written: Written): void {
    this.text.set(written.text)
    this.binary.restore(written)
    this.choose(typeOf(written.type))
  }

  focus(): void {
    if (this.type === "binary") this.binary.focus()
    else this.text.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.sender.cancel()
    this.checker.stop()
    this.workshop.stop()
    this.text.destroy()
    this.element.remove()
  }

  private listen(signal: AbortSignal): void {
    const { element: host } = this
    for (const sign of ["pointerover", "focusin", "dragover"]) this.host.addEventListener(sign, () => void this.text.edited(), { signal })
    host.addEventListener("focus", (event) => { if (event.target === host) this.focus() }, { signal })
    host.addEventListener("keydown", (event) => this.key(event), { signal, capture: true })
    host.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault() }, { signal })
    host.addEventListener("drop", (event) => this.dropped(event), { signal, capture: true })
    this.binary.input.addEventListener("change", () => this.choose("binary"), { signal })
  }

  private key(event: KeyboardEvent): void {
    const by = event.altKey && !event.ctrlKey && !event.metaKey ? { ArrowUp: -1 as const, ArrowDown: 1 as const }[event.key] : undefined
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.send()
    else if (by !== undefined) this.recall(by)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private dropped(event: DragEvent): void {
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    event.stopPropagation()
    this.take(file)
  }

  private picked(): void {
    const file = this.picker.files?.[0]
    if (file) this.take(file)
  }

  // readFile opens a text file as text and any other as binary.
  private async readFile(file: File): Promise<void> {
    const { version } = this
    this.tell(say("composer.reading", { name: visible(file.name) }), "note")
    const isText = await readsAsText(file, this.workshop).catch(() => null)
    if (version !== this.version) return
    if (isText === null) return this.tell(say("composer.unreadable", { name: visible(file.name) }), "error")
    this.past.addSent(this.sent()) // the replaced message can be recalled
    if (isText) return this.text.put(file, file.name)
    this.choose("binary")
    this.binary.setFile(file)
  }

  // attachFile sends a file of the binary pane as text.
  private async attachFile(file: File): Promise<void> {
    const { version } = this
    const isText = await isUTF8(file, this.workshop).catch(() => false)
    if (version !== this.version) return
    if (!isText) return this.tell(say("composer.not_text", { name: visible(file.name) }), "error")
    this.binary.setFile(null)
    this.choose("text")
    this.text.attach(file, file.name)
    this.focus()
  }

  private recall(by: 1 | -1): void {
    if (this.type !== "binary" && this.text.short === null) return // a message of this size cannot be recalled
    const message = this.past.step(by, this.sent())
    if (!message) return
    const source = sourceOf(message.type)
    this.choose(source ? "binary" : typeOf(message.type))
    if (source) this.binary.write(source, message.text)
    else this.text.set(message.text)
    this.focus()
  }

  // sent returns the message for Past, which drops long ones.
  private sent(): { type: string; text: string } {
    if (this.type === "binary") return { type: this.binary.source, text: this.binary.text }
    return { type: this.type, text: this.text.short ?? "" }
  }

  private choose(type: ComposerType): void {
    this.type = type
    this.bar.showType(type)
    this.host.dataset.type = type
    if (type !== "binary") this.text.setLanguage(type)
    this.changed()
  }

  private changed(): void {
    this.version++
    this.said = null
    const lone = this.type === "binary" ? null : this.text.lone
    this.lone = lone && { text: plural("composer.lone", lone.count, { ...lone, count: count(lone.count) }), line: lone.line, column: lone.column }
    this.setFault(null)
    this.checker.later(isChecked(this.type) ? this.type : null, this.text.size, () => this.text.body())
    this.refresh()
    this.deps.changed?.()
  }

  // fault returns the problem to show: a character that would change comes first.
  private get fault(): Fault | null {
    return this.lone ?? this.checked
  }

  private setFault(fault: Fault | null): void {
    this.checked = fault
    if (this.marked || this.fault) queueMicrotask(() => this.text.mark(this.fault))
    this.marked = this.fault !== null
    this.refresh()
  }

  private async beautify(): Promise<void> {
    const { type, version } = this
    if (!isChecked(type)) return
    const done = await this.workshop.run("beautify", { kind: type, text: await this.text.body() }).catch(() => null)
    if (!done || version !== this.version) return
    if (!done.fault) {
      await this.text.replace(done.text)
      return this.focus()
    }
    const { fault } = done
    const text = "name" in fault ? say("composer.at", { why: say(`markup.${fault.code}`, { name: visible(fault.name) }), line: fault.line, column: fault.column }) : sentenceOf(type, fault)
    this.setFault({ text, line: fault.line, column: fault.column })
    this.text.goTo(fault)
  }

  private size(): number {
    if (this.type !== "binary") return this.text.size
    const made = this.binary.payload()
    return "size" in made ? made.size : 0
  }

  // blocked returns the reason why nothing can be sent now, or null.
  private blocked(bytes: number): string | null {
    if (this.barred) return this.barred.reason
    if (this.sender.busy) return say("composer.uploading")
    if (this.type !== "binary" && this.text.busy) return say("composer.taking")
    if (this.type === "binary") {
      const made = this.binary.payload()
      if ("problem" in made) return made.problem
    }
    return this.tooLarge(bytes)
  }

  private limit(): number {
    return this.deps.limit() || Infinity // while its field is empty
  }

  private tooLarge(bytes: number): string | null {
    const limit = this.limit()
    return bytes > limit ? say("composer.too_large", { size: sizeWithin(bytes, limit), limit: sizeLimit(limit) }) : null
  }

  private refresh(): void {
    const bytes = this.size()
    const blocked = this.blocked(bytes)
    const tooLarge = this.tooLarge(bytes)
    this.text.show(this.type !== "binary")
    this.binary.element.hidden = this.type !== "binary"
    this.bar.showSendable(blocked)
    this.bar.showSize(bytes, this.limit())
    const text = this.said?.text ?? tooLarge ?? this.fault?.text ?? this.barred?.note ?? blocked ?? ""
    this.bar.showProblem(text, this.said?.level ?? (tooLarge ? "error" : this.fault ? "warning" : "note"))
  }

  private tell(text: string, level: Level): void {
    this.said = { text, level }
    this.refresh()
  }

  async send(): Promise<void> {
    const bytes = this.size()
    const blocked = this.blocked(bytes)
    if (blocked !== null) return this.tell(this.barred?.note ?? blocked, "error")
    const { version } = this
    this.said = null
    this.past.addSent(this.sent())
    const altered = this.lone
    if (!(await this.sender.send(() => this.outgoing(), bytes > this.deps.uploadAbove))) return
    this.said = null
    if (!this.bar.clears || version !== this.version) return this.refresh()
    this.empty()
    if (altered) this.tell(altered.text, "warning")
  }

  // outgoing returns the message; blocked has checked that there is one.
  private async outgoing(): Promise<Outgoing> {
    if (this.type !== "binary") return { opcode: "text", payload: (this.size() > this.deps.uploadAbove ? null : this.text.short) ?? (await this.text.body()) }
    const made = this.binary.payload()
    return { opcode: "binary", payload: "payload" in made ? made.payload : new Blob() }
  }

  private empty(): void {
    if (this.type === "binary") this.binary.empty()
    else this.text.empty()
  }
}

function typeOf(type: string): ComposerType {
  return types.find((known) => known === type) ?? "text"
}

function sourceOf(type: string): Source | null {
  return type === "hex" || type === "base64" || type === "file" ? type : null
}

function isChecked(type: ComposerType): type is Checked {
  return type === "json" || type === "xml" || type === "html"
}
