// Asks a service by its dialect: a text, a file of speech, or the microphone. The dialect
// wraps and paces them on the server.

import { say } from "../text"
import { element, icon, press, setText } from "../ui"
import type { AudioFormat, Limits, Playing } from "../wire"
import { checkPrompt } from "./limits"
import { Ring, type Wait } from "./ring"
import { Speech, type SpeechDeps } from "./speech"

export type Mode = "prompt" | "raw"

export interface AskDeps extends SpeechDeps {
  // send resolves when the server has the text; it rejects with an Error to show.
  send(text: string): Promise<void>
  // chosen runs when a person chose how to write.
  chosen(mode: Mode): void
  // changed runs when the text changes.
  changed(): void
  // preview shows the messages that the dialect makes of a text.
  preview(): void
  // raw is the composer of plain messages, whose bar has a place for the switch.
  raw: HTMLElement
  place: HTMLElement
}

// Asking is what the dialect of the session, or of the form before it, takes.
export interface Asking {
  takesText: boolean
  takesAudio: AudioFormat | null
  limits: Limits
  sends: number // messages that a text becomes; 0 is unknown
  blocked: string | null // the reason why nothing can be sent now
  wait: Wait | null // for the answer, where the service limits it
  mode: Mode
}

const none: Asking = {
  takesText: false, takesAudio: null, sends: 0, blocked: null, wait: null, mode: "raw",
  limits: { messageBytes: 0, frameMinBytes: 0, frameMaxBytes: 0, rate: 0, idleMS: 0, idleAudio: false, gapMS: 0, audioMS: 0, sessionMS: 0, requestMS: 0, chars: 0 },
}

export class Ask {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly text = element("textarea", { class: "composer-plain ask-text", "data-testid": "prompt", "aria-label": say("prompt.label"), placeholder: say("prompt.hint"), spellcheck: "true", "aria-describedby": "ask-problem" })
  private readonly drop = element("p", { class: "ask-drop" }, icon("audio-lines"), say("prompt.drop"))
  private readonly speech: Speech
  private readonly buttons: Record<Mode, HTMLButtonElement>
  private readonly choice: HTMLElement
  private readonly slot = element("span", { class: "mode-slot" })
  private readonly problem = element("p", { class: "composer-problem", role: "status", id: "ask-problem", "data-testid": "prompt-problem" })
  private readonly sends = element("button", { type: "button", class: "link ask-sends", "data-testid": "prompt-sends" })
  private readonly amount = element("span", { class: "composer-size", "data-testid": "prompt-size" })
  private readonly ring = new Ring()
  private readonly sendButton = element("button", { type: "button", class: "button primary", "data-testid": "send", title: say("composer.send_keys"), "aria-describedby": "ask-problem" }, icon("send"), say("composer.send"))
  private readonly past: string[] = []
  private at = 0 // in past
  private draft = ""
  private asking: Asking = none
  private isSending = false
  private said = ""

  constructor(private readonly deps: AskDeps) {
    const { signal } = this.stop
    const mode = (name: Mode) => element("button", { type: "button", "data-testid": `mode-${name}`, "aria-pressed": "false" }, say(`prompt.mode.${name}`))
    this.buttons = { prompt: mode("prompt"), raw: mode("raw") }
    this.choice = element("div", { class: "switch", role: "group", "aria-label": say("prompt.mode") }, this.buttons.prompt, this.buttons.raw)
    this.speech = new Speech({ ...deps, changed: () => this.draw() })
    this.element = element("section", { class: "composer ask", "aria-label": say("prompt.label"), "data-testid": "ask" },
      element("div", { class: "composer-surface" }, this.text, this.drop),
      this.speech.element,
      element("div", { class: "composer-bar" }, this.slot, this.problem, this.sends, this.ring.element, this.amount, this.sendButton),
    )
    for (const name of ["prompt", "raw"] as const) this.buttons[name].addEventListener("click", () => deps.chosen(name), { signal })
    this.text.addEventListener("input", () => this.edited(), { signal })
    this.text.addEventListener("keydown", (event) => this.key(event), { signal })
    this.sends.addEventListener("click", () => deps.preview(), { signal })
    this.sendButton.addEventListener("click", (event) => { if (event.detail <= 1) void this.send() }, { signal }) // a double click sends once
    this.element.addEventListener("dragover", (event) => { if (this.asking.takesAudio && event.dataTransfer?.types.includes("Files")) this.over(event, true) }, { signal })
    this.element.addEventListener("dragleave", (event) => this.over(event, false), { signal })
    this.element.addEventListener("drop", (event) => this.dropped(event), { signal })
  }

  get value(): string {
    return this.text.value
  }

  set(text: string): void {
    this.text.value = text
    this.edited()
  }

  // take chooses a file of speech; false when the dialect takes none.
  take(file: File): boolean {
    if (!this.asking.takesAudio || this.mode !== "prompt") return false
    this.speech.choose(file)
    return true
  }

  get mode(): Mode {
    return this.asking.takesText || this.asking.takesAudio ? this.asking.mode : "raw"
  }

  update(asking: Asking): void {
    this.asking = asking
    const { mode, deps: { raw, place } } = this
    const canAsk = asking.takesText || asking.takesAudio !== null
    const isHere = mode === "prompt"
    this.choice.hidden = !canAsk
    setText(this.buttons.prompt, say(asking.takesText ? "prompt.mode.prompt" : "prompt.mode.speech"))
    if (isHere !== this.element.isConnected) {
      const hadFocus = this.choice.contains(document.activeElement)
      raw.hidden = isHere
      if (isHere) raw.before(this.element)
      else this.element.remove()
      ;(isHere ? this.slot : place).append(this.choice)
      if (hadFocus) this.buttons[mode].focus()
    } else if (!this.choice.isConnected) place.append(this.choice)
    for (const name of ["prompt", "raw"] as const) press(this.buttons[name], name === mode)
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
    if (this.asking.takesText) this.text.focus()
    else this.speech.focus()
  }

  // leave ends the microphone: another session is shown.
  leave(): void {
    this.speech.leave()
    this.said = ""
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.speech.destroy()
    this.ring.destroy()
    this.element.remove()
  }

  private edited(): void {
    this.said = ""
    this.draw()
    this.deps.changed()
  }

  private over(event: DragEvent, on: boolean): void {
    if (on) event.preventDefault()
    this.element.classList.toggle("over", on)
  }

  private dropped(event: DragEvent): void {
    this.over(event, false)
    const file = event.dataTransfer?.files[0]
    if (!file || !this.asking.takesAudio) return
    event.preventDefault()
    event.stopPropagation()
    this.speech.choose(file)
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
    this.text.value = this.past[next] ?? this.draft
    this.edited()
  }

  // problemNow returns the reason why Send is disabled, or null.
  private problemNow(): string | null {
    const { blocked, takesText, limits } = this.asking
    if (blocked !== null) return blocked
    if (this.speech.busy) return say("speech.busy")
    if (this.speech.hasFile) return null
    if (!takesText) return say("speech.choose_first")
    return checkPrompt(this.text.value, limits).over
  }

  private draw(): void {
    const { takesText, takesAudio, limits, sends } = this.asking
    const { over, near, told } = checkPrompt(this.text.value, limits)
    const problem = this.problemNow()
    const isEmpty = takesText && !this.speech.hasFile && this.text.value === ""
    this.text.hidden = !takesText
    this.drop.hidden = takesText || takesAudio === null
    this.speech.update({ format: takesAudio, blocked: this.asking.blocked })
    this.sendButton.disabled = problem !== null || this.isSending || isEmpty
    const warning = this.said || over || near || ""
    setText(this.problem, warning || problem || "")
    this.problem.title = this.problem.textContent ?? ""
    this.problem.dataset.level = this.said || over ? "error" : near ? "near" : problem ? "note" : ""
    setText(this.amount, told)
    this.amount.classList.toggle("near", near !== null)
    this.amount.classList.toggle("over", over !== null)
    this.sends.hidden = !takesText || sends === 0 || this.problem.textContent !== ""
    setText(this.sends, sends === 1 ? say("prompt.sends.one") : say("prompt.sends.other", { count: sends }))
    this.ring.update(this.asking.wait)
  }

  private async send(): Promise<void> {
    if (this.sendButton.disabled) return
    this.said = ""
    if (this.speech.hasFile) return void (await this.speech.start())
    const { value } = this.text
    this.isSending = true
    this.draw()
    try {
      await this.deps.send(value)
      if (this.past.at(-1) !== value) this.past.push(value)
      this.at = this.past.length
      if (this.text.value === value) this.text.value = ""
      this.deps.changed()
    } catch (error) {
      this.said = error instanceof Error && error.message ? error.message : say("composer.failed")
    } finally {
      this.isSending = false
      this.draw()
    }
  }
}
