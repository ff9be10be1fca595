// Asks a service by its dialect: a text, a file of speech, or the microphone. The dialect
// wraps and paces them on the server. One of the ways to write is shown at a time.

import { attachButton, sendButton, sendKeys, type Blocked, type Composer } from "../composer"
import { say } from "../text"
import { element, growing, modifier, setText } from "../ui"
import type { AudioFormat, DialectSend, Limits, Playing } from "../wire"
import { checkPrompt } from "./limits"
import { ModeSwitch, waysOf, type Mode } from "./mode"
import { Preview } from "./preview"
import { Ring, type Wait } from "./ring"
import { Speech, type SpeechDeps } from "./speech"
import { takesText, unwrap, wrap, type Wrapped } from "./wrap"

export interface AskDeps extends SpeechDeps {
  // send resolves when the server has the text; it rejects with an Error to show.
  send(text: string): Promise<void>
  // chosen runs when a person chose how to write.
  chosen(mode: Mode): void
  // changed runs when the text changes.
  changed(): void
  // about shows what the dialect is and does.
  about(): void
  // raw writes messages as they are.
  raw(): Raw
  // tools are shown in the bar of the writer; the switch and they move with it.
  tools: readonly HTMLElement[]
}

// Raw is the part of the composer of plain messages that is used.
export type Raw = Pick<Composer, "element" | "slot" | "toolSlot" | "short" | "set" | "remember" | "note" | "warn" | "attach" | "focus">

// Asking is what the dialect of the session, or of the form before it, takes.
export interface Asking {
  takesText: boolean
  takesAudio: AudioFormat | null
  limits: Limits
  sends: readonly DialectSend[] // that a text becomes
  vars: Readonly<Record<string, string>> // that the page knows
  blocked: Blocked | null // why nothing can be sent now
  wait: Wait | null // for the answer, where the service limits it
  mode: Mode | null // null is the first that suits
}

const none: Asking = {
  takesText: false, takesAudio: null, sends: [], vars: {}, blocked: null, wait: null, mode: "raw",
  limits: { messageBytes: 0, frameMinBytes: 0, frameMaxBytes: 0, rate: 0, idleMS: 0, idleAudio: false, gapMS: 0, audioMS: 0, sessionMS: 0, requestMS: 0, chars: 0 },
}

const named = 3 // messages in the line beside the switch
const patience = 300 // ms without an answer until the page says that it waits

export class Ask {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly text = element("textarea", { class: "write-text", rows: 1, "data-testid": "prompt", "aria-label": say("prompt.label"), placeholder: say("prompt.hint"), spellcheck: "true", "aria-describedby": "ask-problem" })
  private readonly fit: () => void
  private readonly speech: Speech
  private readonly ways: ModeSwitch
  readonly slot = element("span", { class: "mode-slot" })
  readonly toolSlot = element("span", { class: "tool-slot" })
  private readonly problem = element("p", { class: "composer-problem", role: "status", id: "ask-problem", "data-testid": "prompt-problem" })
  private readonly sends = element("button", { type: "button", class: "link ask-sends", "data-testid": "prompt-sends", "aria-haspopup": "dialog", title: say("prompt.sends.title") })
  private readonly amount = element("span", { class: "composer-size", "data-testid": "prompt-size" })
  private readonly ring = new Ring()
  private readonly preview: Preview
  private readonly sendButton = sendButton("ask-problem")
  private readonly past: string[] = []
  private at = 0 // in past
  private draft = ""
  private asking: Asking = none
  private isSending = false
  private said = ""
  private derived = "" // the message that was made of the prompt for Raw
  private unread = "" // a message of Raw that the person was told about

  constructor(private readonly deps: AskDeps) {
    const { signal } = this.stop
    this.ways = new ModeSwitch((mode) => this.choose(mode))
    this.speech = new Speech({ ...deps, changed: () => this.draw() })
    this.preview = new Preview(this.sends, () => deps.about())
    const attach = attachButton(() => this.attach(), signal)
    this.element = element("div", { class: "write write-prompt" },
      this.text,
      element("div", { class: "composer-bar" }, this.slot, this.problem, this.sends, this.ring.element, this.amount, this.toolSlot, attach, sendKeys(), this.sendButton),
    )
    this.fit = growing(this.text, signal)
    this.text.addEventListener("input", () => this.edited(), { signal })
    this.text.addEventListener("keydown", (event) => this.key(event), { signal })
    this.sends.addEventListener("click", () => this.preview.update(this.wrapped()), { signal })
    this.sendButton.addEventListener("click", (event) => { if (event.detail <= 1) void this.send() }, { signal }) // a double click sends once
  }

  get value(): string {
    return this.text.value
  }

  set(text: string): void {
    this.text.value = text
    this.fit()
    this.edited()
  }

  // take chooses a file of speech; false when speech is not shown or takes no such file.
  take(file: File): boolean {
    if (!this.asking.takesAudio || this.mode === "raw") return false
    if (this.mode === "prompt" && !isSound(file.type)) return false
    if (this.mode !== "file") this.deps.chosen("file")
    this.speech.take(file)
    return true
  }

  // drops returns what is done with a dropped file of a type, or null.
  drops(type: string): string | null {
    if (!this.asking.takesAudio || this.mode === "raw" || (this.mode === "prompt" && !isSound(type))) return null
    return say("prompt.drop.audio")
  }

  // mode is the way to write that is shown.
  get mode(): Mode {
    const { takesText: text, takesAudio, mode } = this.asking
    const ways = waysOf(text, takesAudio !== null)
    if (mode !== null && ways.includes(mode)) return mode
    return text ? "prompt" : (ways[0] ?? "raw")
  }

  // message returns the message that holds the prompt, for saving it; null outside a prompt.
  message(): string | null {
    if (this.mode !== "prompt") return null
    return this.wrapped().find(({ hasText }) => hasText)?.message ?? this.text.value
  }

  update(asking: Asking): void {
    if (asking.blocked?.reason !== this.asking.blocked?.reason) this.said = "" // it was about another state
    this.asking = asking
    const { mode } = this
    this.ways.update({ ways: waysOf(asking.takesText, asking.takesAudio !== null), mode })
    this.place(mode)
    this.draw()
  }

  // playing shows the progress of speech.
  playing(playing: Playing): void {
    this.speech.playing(playing)
    this.draw()
  }

  // refuse shows why the microphone was refused; false when it is off.
  refuse(sentence: string): boolean {
    return this.speech.refuse(sentence)
  }

  tick(): void {
    this.ring.tick()
    this.speech.tick()
  }

  focus(): void {
    if (this.mode === "raw") this.deps.raw().focus()
    else if (this.mode === "prompt") this.text.focus()
    else this.speech.focus()
  }

  // forgive takes away the sentence about the last attempt: another one began.
  forgive(): void {
    this.said = ""
    this.draw()
  }

  // leave ends the microphone: another session is shown.
  leave(): void {
    this.speech.leave()
    this.forgive()
  }

  destroy(): void {
    this.stop.abort()
    this.ways.destroy()
    this.speech.destroy()
    this.ring.destroy()
    this.preview.destroy()
    this.element.remove()
  }

  // place shows the writer of a mode. Raw stays on the page: an editor that leaves it loses its
  // place.
  private place(mode: Mode): void {
    const { tools } = this.deps
    const raw = this.deps.raw()
    const writers = { prompt: this, raw, microphone: this.speech, file: this.speech }
    const shown = writers[mode]
    const hadFocus = this.ways.element.contains(document.activeElement)
    raw.element.hidden = shown !== raw
    for (const { element: part } of [this, this.speech]) {
      if (part !== shown.element) part.remove()
      else if (!part.isConnected) raw.element.before(part)
    }
    if (!shown.slot.contains(this.ways.element)) shown.slot.append(this.ways.element)
    if (shown === this || shown === raw) shown.toolSlot.append(...tools.filter((tool) => !shown.toolSlot.contains(tool)))
    if (hadFocus && !this.ways.element.contains(document.activeElement)) this.ways.focus()
  }

  // choose changes the way to write: Raw gets the message of the prompt, and the prompt the
  // text of that message.
  private choose(mode: Mode): void {
    if (mode === this.mode) return
    if (mode === "raw" && this.mode === "prompt") this.toRaw()
    else if (mode === "prompt" && this.mode === "raw" && !this.fromRaw()) return
    this.deps.chosen(mode)
  }

  private toRaw(): void {
    const raw = this.deps.raw()
    const { value } = this.text
    const at = this.asking.sends.findIndex(({ opcode, text }) => opcode === "text" && takesText(text))
    const send = this.asking.sends[at]
    const made = send && value !== "" ? wrap(send.text, value, this.asking.vars) : null
    if (!send || !made || (raw.short !== null && unwrap(send.text, raw.short) === value)) return
    raw.remember()
    raw.set(isJSON(made.message) ? "json" : "text", made.message)
    this.derived = made.message
    const notes = []
    if (this.asking.sends.length > 1) notes.push(say("prompt.raw.part", { at: at + 1, count: this.asking.sends.length }))
    if (made.open.length > 0) notes.push(say("prompt.raw.open", { names: made.open.map((name) => `{{${name}}}`).join(", ") }))
    if (notes.length > 0) raw.note(notes.join(" "))
  }

  // fromRaw takes the text out of the message of Raw. It refuses, once, when an edited message
  // of the prompt no longer has one.
  private fromRaw(): boolean {
    const raw = this.deps.raw()
    const { short } = raw
    if (short === null || short.trim() === "") return true
    for (const { text } of this.asking.sends) {
      const found = takesText(text) ? unwrap(text, short) : null
      if (found === null) continue
      if (found !== this.text.value) this.set(found)
      return true
    }
    if (this.derived === "" || this.unread === short) return true
    this.unread = short
    raw.warn(say("prompt.raw.unreadable"))
    return false
  }

  // wrapped returns the messages that the text becomes, as far as the page can tell.
  private wrapped(): (Wrapped & { label: string; hasText: boolean; isBinary: boolean })[] {
    return this.asking.sends.map(({ text, label, opcode }) => ({
      ...(wrap(text, this.text.value, this.asking.vars) ?? { message: text, open: [] }), label, hasText: takesText(text), isBinary: opcode === "binary",
    }))
  }

  // attach lets a person choose a file: it is sent as a message of its own, or as speech.
  private attach(): void {
    this.deps.chosen("raw")
    this.deps.raw().attach()
  }

  private edited(): void {
    this.said = ""
    this.draw()
    this.deps.changed()
  }

  private key(event: KeyboardEvent): void {
    const by = event.altKey && !event.ctrlKey && !event.metaKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.send()
    else if (by !== undefined) this.recall(by)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private recall(by: number): void {
    const next = this.at + by
    if (next < 0 || next > this.past.length) return
    if (this.at === this.past.length) this.draft = this.text.value
    this.at = next
    this.set(this.past[next] ?? this.draft)
  }

  // problemNow returns the reason why Send is disabled, or null.
  private problemNow(): string | null {
    const { blocked, limits } = this.asking
    if (blocked !== null) return blocked.reason
    if (this.speech.busy) return say("speech.busy")
    return checkPrompt(this.text.value, limits).over
  }

  private draw(): void {
    const { takesAudio, limits, blocked } = this.asking
    const { mode } = this
    const { over, near, told } = checkPrompt(this.text.value, limits)
    const problem = this.problemNow()
    this.speech.update({ format: takesAudio, blocked: blocked?.reason ?? null, hasEnded: blocked?.hasEnded ?? false, mode: mode === "file" ? "file" : "microphone", limits, isVoice: this.asking.takesText })
    this.sendButton.disabled = problem !== null || this.isSending || this.text.value === ""
    this.sendButton.title = problem ?? (this.text.value === "" ? say("prompt.empty") : say("composer.send_keys", { modifier }))
    const warning = this.said || over || near || ""
    setText(this.problem, warning || (blocked?.note ?? problem ?? ""))
    this.problem.title = this.problem.textContent ?? ""
    this.problem.dataset.level = this.said || over ? "error" : near ? "near" : problem ? "note" : ""
    setText(this.amount, near === null && over === null && limits.chars === 0 ? "" : told)
    this.amount.classList.toggle("near", near !== null)
    this.amount.classList.toggle("over", over !== null)
    setText(this.sends, this.sendsLine())
    this.sends.hidden = this.sends.textContent === "" || this.problem.textContent !== ""
    this.ring.update(this.asking.wait)
  }

  // sendsLine names what a text becomes.
  private sendsLine(): string {
    const { sends } = this.asking
    const labels = sends.map(({ label }) => label).filter((label) => label !== "")
    if (labels.length === sends.length && labels.length > 0 && labels.length <= named) return say("prompt.sends.named", { names: labels.join(", ") })
    if (sends.length === 0) return ""
    return sends.length === 1 ? say("prompt.sends.one") : say("prompt.sends.other", { count: sends.length })
  }

  // send sends the text.
  async send(): Promise<void> {
    if (this.sendButton.disabled) {
      const reason = this.asking.blocked?.note ?? this.problemNow()
      if (reason !== null) this.tell(reason)
      return
    }
    const { value } = this.text
    this.said = ""
    this.isSending = true
    const slow = window.setTimeout(() => this.tell(say("composer.slow"), "note"), patience)
    this.draw()
    try {
      await this.deps.send(value)
      if (this.past.at(-1) !== value) this.past.push(value)
      this.at = this.past.length
      this.said = ""
      if (this.text.value === value) this.text.value = ""
      this.fit()
      this.deps.changed()
    } catch (error) {
      this.said = error instanceof Error && error.message ? error.message : say("composer.failed")
    } finally {
      window.clearTimeout(slow)
      this.isSending = false
      this.draw()
    }
  }

  private tell(sentence: string, level: "error" | "note" = "error"): void {
    if (level === "error") this.said = sentence
    this.draw()
    if (level === "note") setText(this.problem, sentence)
    this.sends.hidden = true
  }
}

function isSound(type: string): boolean {
  return type.startsWith("audio/")
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
