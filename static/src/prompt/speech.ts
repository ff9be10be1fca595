// Speech for a service: a WAV that the server paces, with progress and cancel, or the
// microphone. The device is asked for at the first press only.

import { say, size, visible } from "../text"
import { element, icon, iconButton, press, setText } from "../ui"
import type { AudioFormat, Playing } from "../wire"
import type { Microphone } from "./microphone"

export interface SpeechDeps {
  // play starts a file at a pace, 0 for as fast as possible, and resolves with its id; it
  // rejects with an Error to show.
  play(file: File, pace: number, signal: AbortSignal): Promise<string>
  // stopPlaying ends speech before its end.
  stopPlaying(): Promise<void>
  // microphone begins speech with a rate in Hz, or ends it with 0; false without a server.
  microphone(rate: number): boolean
  // hear sends samples of the microphone.
  hear(samples: ArrayBuffer): void
}

export interface Speaking {
  mode: "microphone" | "file"
  format: AudioFormat | null // null takes no speech
  blocked: string | null
}

const paces = ["1", "0.5", "2", "0"]
const bars = 16 // of the level meter

export class Speech {
  readonly element: HTMLElement
  readonly slot = element("span", { class: "mode-slot" })
  private readonly stop = new AbortController()
  private readonly talkIcon = icon("mic")
  private readonly talkWord = element("span", {}, say("speech.talk"))
  private readonly talk = element("button", { type: "button", class: "button", "data-testid": "microphone", "aria-pressed": "false" }, this.talkIcon, this.talkWord)
  private readonly input = element("input", { type: "file", class: "visually-hidden", id: "audio-file", accept: "audio/wav,audio/x-wav,.wav", "aria-label": say("speech.file"), "data-testid": "audio-file" })
  private readonly label = element("label", { class: "button", for: "audio-file" }, icon("audio-lines"), say("speech.file"))
  private readonly about = element("span", { class: "speech-about", "data-testid": "speech-about" })
  private readonly track = element("progress", { class: "speech-track", max: 1, value: 0, hidden: true, "aria-label": say("speech.progress"), "data-testid": "speech-progress" })
  private readonly time = element("span", { class: "speech-time", "data-testid": "speech-time" })
  private readonly pace = element("select", { class: "select speech-pace", "data-testid": "pace", "aria-label": say("speech.pace") })
  private readonly end = element("button", { type: "button", class: "button", hidden: true, "data-testid": "audio-stop" }, icon("square"), say("speech.stop"))
  private readonly remove = iconButton("x", say("composer.remove"), { hidden: true, "data-testid": "audio-remove" })
  private readonly meter = element("span", { class: "meter", hidden: true, "aria-hidden": "true", "data-testid": "level" })
  private readonly note = element("p", { class: "speech-note", role: "status", "data-testid": "speech-note" })
  private file: File | null = null
  private upload: AbortController | null = null
  private id = "" // of the speech that is sent
  private state: Playing | null = null
  private device: Microphone | null = null
  private asking = 0 // number of the newest request for the device
  private isAsking = false
  private since = 0 // ms, of the microphone
  private format: AudioFormat | null = null
  private blocked: string | null = null

  constructor(private readonly deps: SpeechDeps & { changed(): void }) {
    const { signal } = this.stop
    for (const value of paces) this.pace.append(element("option", { value }, say(`speech.pace.${value === "0.5" ? "half" : value === "0" ? "most" : value === "2" ? "double" : "real"}`)))
    for (let bar = 0; bar < bars; bar++) this.meter.append(element("i", {}))
    this.element = element("div", { class: "speech", hidden: true, "data-testid": "speech" },
      element("div", { class: "speech-row" }, this.slot, this.talk, this.input, this.label, this.remove, this.about, this.meter, this.track, this.time, this.pace, this.end),
      this.note,
    )
    this.talk.addEventListener("click", () => void this.toggle(), { signal })
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0]
      if (file) this.choose(file)
    }, { signal })
    this.remove.addEventListener("click", () => this.drop(), { signal })
    this.end.addEventListener("click", () => void this.halt(), { signal })
  }

  get hasFile(): boolean {
    return this.file !== null
  }

  get busy(): boolean {
    return this.upload !== null || this.isPlaying || this.device !== null
  }

  update({ format, blocked }: Speaking): void {
    this.format = format
    this.blocked = blocked
    if ((format === null || blocked !== null) && this.device) this.hush()
    this.draw()
  }

  take(file: File): void {
    this.choose(file)
  }

  choose(file: File): void {
    if (this.busy) return
    this.file = file
    this.state = null
    setText(this.note, "")
    this.changed()
  }

  // start sends the chosen file.
  async start(): Promise<void> {
    const { file } = this
    if (!file || this.busy) return
    this.upload = new AbortController()
    this.state = null
    setText(this.note, "")
    this.changed()
    try {
      const id = await this.deps.play(file, Number(this.pace.value), this.upload.signal)
      this.id = id
      this.upload = null
    } catch (error) {
      const isStopped = this.upload?.signal.aborted ?? false
      this.upload = null
      this.tell(isStopped ? say("speech.state.stopped") : error instanceof Error && error.message ? error.message : say("composer.failed"), !isStopped)
    }
    this.changed()
  }

  playing(playing: Playing): void {
    if (this.upload === null && playing.id !== this.id && this.isPlaying) return
    if (this.id === "" || playing.state === "playing") this.id = playing.id
    this.state = playing
    const words = playing.notes.map(visible)
    if (playing.state !== "playing") words.unshift(say(`speech.state.${playing.state}`))
    this.tell(words.join(" · "), playing.state === "failed")
    this.draw()
  }

  tick(): void {
    if (this.device) this.drawTime()
  }

  focus(): void {
    if (this.file) this.end.focus()
    else this.talk.focus()
  }

  // refuse ends the microphone with the server's reason; false when it is off.
  refuse(sentence: string): boolean {
    if (!this.device) return false
    this.hush()
    this.tell(sentence, true)
    return true
  }

  // leave forgets the speech of another session.
  leave(): void {
    this.hush()
    this.upload?.abort()
    this.upload = null
    this.id = ""
    this.state = null
    setText(this.note, "")
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.leave()
    this.element.remove()
  }

  private get isPlaying(): boolean {
    return this.state?.state === "playing"
  }

  private drop(): void {
    this.file = null
    this.input.value = ""
    this.state = null
    setText(this.note, "")
    this.changed()
    this.input.focus()
  }

  private async halt(): Promise<void> {
    if (this.upload) return this.upload.abort()
    try {
      await this.deps.stopPlaying()
    } catch (error) {
      this.tell(error instanceof Error ? error.message : say("composer.failed"), true)
    }
  }

  private async toggle(): Promise<void> {
    if (this.device) return this.hush()
    if (this.blocked !== null) return this.tell(this.blocked, true)
    if (this.isAsking) return
    const mine = ++this.asking
    this.isAsking = true
    this.tell(say("speech.asking"), false)
    this.changed()
    try {
      const { openMicrophone } = await import("./microphone")
      const device = await openMicrophone((samples, level) => {
        this.deps.hear(samples)
        this.showLevel(level)
      })
      if (mine !== this.asking) return device.close()
      if (!this.deps.microphone(device.rate)) {
        device.close()
        return this.tell(say("page.send.away"), true)
      }
      this.device = device
      this.since = performance.now()
      device.start()
      this.tell("", false)
    } catch (error) {
      this.tell(say(error instanceof DOMException && error.name === "NotAllowedError" ? "speech.denied" : "speech.no_device"), true)
    } finally {
      if (mine === this.asking) this.isAsking = false
      this.changed()
    }
  }

  // hush ends the microphone.
  private hush(): void {
    this.asking++
    this.isAsking = false
    if (!this.device) return
    this.device.close()
    this.device = null
    this.deps.microphone(0)
    this.showLevel(0)
    this.changed()
  }

  private tell(sentence: string, isError: boolean): void {
    setText(this.note, sentence)
    this.note.dataset.level = isError ? "error" : ""
  }

  private changed(): void {
    this.draw()
    this.deps.changed()
  }

  private draw(): void {
    const { format, file, state, device } = this
    const isSending = device === null && (this.upload !== null || this.isPlaying)
    this.element.hidden = format === null
    press(this.talk, device !== null)
    this.talk.disabled = isSending || this.isAsking
    this.talk.classList.toggle("live", device !== null)
    this.talkIcon.firstElementChild?.setAttribute("href", `${SPRITE_URL}#${device ? "square" : "mic"}`)
    setText(this.talkWord, say(device ? "speech.stop" : "speech.talk"))
    this.talk.hidden = file !== null
    this.label.hidden = this.input.disabled = file !== null || device !== null
    this.remove.hidden = file === null || isSending
    this.meter.hidden = device === null
    this.track.hidden = file === null || state === null
    this.pace.hidden = file === null
    this.pace.disabled = isSending
    this.end.hidden = !isSending
    if (file) setText(this.about, `${visible(file.name)} · ${size(file.size)}`)
    else setText(this.about, format && !device ? say("speech.format", { rate: +(format.rate / 1000).toFixed(3), frame: format.frameMS, encoding: format.encoding }) : "")
    this.about.title = this.about.textContent ?? ""
    this.track.value = state && state.totalMS > 0 ? state.sentMS / state.totalMS : 0
    this.drawTime()
  }

  private drawTime(): void {
    const { device, state, file } = this
    const clock = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}.${Math.floor(ms / 100) % 10}`
    setText(this.time, device ? clock(performance.now() - this.since) : file && state ? `${clock(state.sentMS)} / ${clock(state.totalMS)}` : "")
  }

  private showLevel(level: number): void {
    const lit = Math.round(Math.min(1, level) ** 0.5 * bars)
    ;[...this.meter.children].forEach((bar, index) => bar.classList.toggle("on", index < lit))
    this.meter.dataset.level = String(lit)
  }
}
