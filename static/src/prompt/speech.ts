// Speech for a service: a WAV that the server paces, with progress, pause and stop, or the
// microphone. The device is asked for at the first press only.

import { position, say, size, visible } from "../text"
import { element, icon, iconButton, Paced, setIcon, setText } from "../ui"
import type { AudioFormat, Limits, Playing } from "../wire"
import type { Microphone } from "./microphone"

export interface SpeechDeps {
  // play starts a file at a pace, 0 for as fast as possible, and resolves with its id; it
  // rejects with an Error to show.
  play(file: File, pace: number, signal: AbortSignal): Promise<string>
  // stopPlaying ends speech before its end.
  stopPlaying(): Promise<void>
  // pause pauses the file that is being sent, or goes on.
  pause(paused: boolean): Promise<void>
  // microphone begins speech with a rate in Hz, or ends it with 0; false without a server.
  microphone(rate: number): boolean
  // reconnect opens the connection that has ended again, and reports whether it is open.
  reconnect(): Promise<boolean>
  // hear sends samples of the microphone.
  hear(samples: ArrayBuffer): void
  // measure returns the picture of a file, one peak for each 20 ms; null when it has none.
  measure(file: File): Promise<FilePicture | null>
  // coming tells the file that is chosen; null for none.
  coming(file: (FilePicture & { name: string; about: string; sentMS: number }) | null): void
}

export interface FilePicture {
  ms: number
  rate: number // Hz
  channels: number
  peaks: Uint8Array | null
}

export interface Speaking {
  format: AudioFormat | null // null takes no speech
  blocked: string | null
  hasEnded: boolean // the reason of blocked; a press of Start reconnects
  mode: "microphone" | "file"
  limits: Limits
  isVoice: boolean // a person may also write: Space talks
}

const paces = ["1", "0.5", "2", "0"]
const bars = 20 // of the level meter
const held = 300 // ms; Space that is held longer talks while it is held

export class Speech {
  readonly element: HTMLElement
  readonly slot = element("span", { class: "mode-slot" })
  private readonly stop = new AbortController()
  private readonly devices = element("select", { class: "write-type speech-device", hidden: true, "aria-label": say("speech.device"), "data-testid": "mic-device" })
  private readonly meter = element("span", { class: "meter", role: "meter", "aria-label": say("speech.input_level"), "aria-valuemin": 0, "aria-valuemax": bars, "aria-valuenow": 0, "data-testid": "level" })
  private readonly hint = element("span", { class: "speech-hint" })
  private readonly input = element("input", { type: "file", class: "visually-hidden", id: "audio-file", accept: "audio/wav,audio/x-wav,.wav", "aria-label": say("speech.file"), "data-testid": "audio-file" })
  private readonly label = element("label", { class: "button", for: "audio-file" }, icon("file-up"), say("speech.choose"))
  private readonly about = element("span", { class: "speech-about", "data-testid": "speech-about" })
  private readonly remove = iconButton("x", say("composer.remove"), { class: "tool low", hidden: true, "data-testid": "audio-remove" })
  private readonly track = element("progress", { class: "speech-track", max: 1, value: 0, "aria-label": say("speech.progress"), "data-testid": "speech-progress" })
  private readonly time = element("span", { class: "speech-time", "data-testid": "speech-time" })
  private readonly pace = element("select", { class: "write-type speech-pace", "data-testid": "pace", "aria-label": say("speech.pace"), title: say("speech.pace") })
  private readonly mute = element("button", { type: "button", class: "button", "data-testid": "mute", "aria-pressed": "false" }, say("speech.mute"))
  private readonly hold = element("button", { type: "button", class: "button", "data-testid": "audio-pause" }, say("speech.pause"))
  private readonly talkIcon = icon("mic")
  private readonly talkWord = element("span", {})
  private readonly talk = element("button", { type: "button", class: "button primary", "data-testid": "microphone", "aria-pressed": "false" }, this.talkIcon, this.talkWord)
  private readonly begin = element("button", { type: "button", class: "button primary", "data-testid": "audio-start" }, icon("play"), say("speech.start"))
  private readonly end = element("button", { type: "button", class: "button primary", "data-testid": "audio-stop", title: say("speech.stop.title") }, icon("square"), say("speech.stop"))
  private readonly note = element("p", { class: "speech-note", role: "status", "data-testid": "speech-note" })
  private file: File | null = null
  private picture: FilePicture | null = null
  private upload: AbortController | null = null
  private readonly progress = new Paced(() => this.draw(), 120)
  private id = "" // of the speech that is sent
  private state: Playing | null = null
  private device: Microphone | null = null
  private isMuted = false
  private asking = 0 // number of the newest request for the device
  private isAsking = false
  private since = 0 // ms, of the microphone
  private pressedAt = 0 // ms, of Space
  private speaking: Speaking | null = null

  constructor(private readonly deps: SpeechDeps & { changed(): void }) {
    const { signal } = this.stop
    for (const value of paces) this.pace.append(element("option", { value }, say(`speech.pace.${value === "0.5" ? "half" : value === "0" ? "most" : value === "2" ? "double" : "real"}`)))
    for (let bar = 0; bar < bars; bar++) this.meter.append(element("i", {}))
    this.element = element("div", { class: "source", "data-testid": "speech" },
      element("div", { class: "source-top" },
        this.slot, this.input, this.label, chosen(this.devices), this.meter, this.hint, element("span", { class: "speech-file" }, this.about, this.remove), this.track, this.time, chosen(this.pace),
        element("span", { class: "source-acts" }, this.mute, this.hold, this.talk, this.begin, this.end)),
      this.note,
    )
    this.talk.addEventListener("click", (event) => { if (event.detail <= 1) void this.toggle() }, { signal })
    this.begin.addEventListener("click", (event) => { if (event.detail <= 1) void this.start() }, { signal })
    this.mute.addEventListener("click", () => this.setMuted(!this.isMuted), { signal })
    this.hold.addEventListener("click", () => void this.setPaused(!(this.state?.paused ?? false)), { signal })
    this.end.addEventListener("click", () => void this.halt(), { signal })
    this.remove.addEventListener("click", () => this.drop(), { signal })
    this.devices.addEventListener("change", () => void this.switchDevice(), { signal })
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0]
      if (file) this.take(file)
    }, { signal })
    document.addEventListener("keydown", (event) => this.spaceDown(event), { signal })
    document.addEventListener("keyup", (event) => this.spaceUp(event), { signal })
  }

  get busy(): boolean {
    return this.upload !== null || this.isPlaying || this.device !== null
  }

  update(speaking: Speaking): void {
    const was = this.speaking
    this.speaking = speaking
    if (was && JSON.stringify(was) === JSON.stringify(speaking)) return
    if ((speaking.format === null || speaking.blocked !== null) && this.device) this.hush()
    if (was?.mode !== speaking.mode && !this.busy) {
      this.tell("", false)
      this.showLevel(0)
    }
    this.draw()
  }

  // take chooses a file. What is no WAV is refused with the kinds that are taken.
  take(file: File): void {
    if (this.busy) return this.tell(say("speech.busy"), true)
    this.input.value = ""
    void this.check(file)
  }

  playing(playing: Playing): void {
    if (this.upload === null && playing.id !== this.id && this.isPlaying) return
    if (this.id === "" || playing.state === "playing") this.id = playing.id
    const goesOn = playing.state === "playing" && this.state?.state === "playing" && this.state.paused === playing.paused && this.state.notes.length === playing.notes.length
    this.state = playing
    if (goesOn) return this.progress.ask()
    const words = playing.notes.map(visible)
    if (playing.state !== "playing") words.unshift(say(playing.state === "done" && this.speaking?.mode === "microphone" ? "speech.state.heard" : `speech.state.${playing.state}`))
    else if (playing.paused) words.unshift(this.quietNote("speech.paused"))
    if (!this.device || playing.state !== "playing") this.tell(words.join(" "), playing.state === "failed")
    this.draw()
  }

  tick(): void {
    if (this.device) this.drawTime()
  }

  focus(): void {
    const first = [this.talk, this.begin, this.end, this.label].find((control) => !control.hidden)
    if (first === this.label) this.input.focus()
    else first?.focus()
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
    this.progress.stop()
    this.id = ""
    this.state = null
    this.tell("", false)
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.leave()
    this.element.remove()
  }

  private get isPlaying(): boolean {
    return this.state?.state === "playing" && !this.device
  }

  private async check(file: File): Promise<void> {
    const head = new Uint8Array(await file.slice(0, 12).arrayBuffer())
    const name = (at: number) => String.fromCharCode(...head.subarray(at, at + 4))
    if (name(0) !== "RIFF" || name(8) !== "WAVE") {
      return this.tell(say(file.size === 0 ? "speech.empty_file" : "speech.no_wav", { name: visible(file.name) }), true)
    }
    this.file = file
    this.picture = null
    this.state = null
    this.tell("", false)
    this.changed()
    const picture = await this.deps.measure(file)
    if (this.file !== file) return
    this.picture = picture
    this.announce()
    this.changed()
  }

  // announce tells the transcript what is to come.
  private announce(): void {
    const { file, picture } = this
    const about = picture ? `${+(picture.rate / 1000).toFixed(3)} kHz · ${say(picture.channels === 1 ? "speech.mono" : "speech.channels", { count: picture.channels })}` : ""
    this.deps.coming(file && picture ? { ...picture, name: visible(file.name), about, sentMS: this.state?.sentMS ?? 0 } : null)
  }

  private drop(): void {
    this.file = this.picture = null
    this.input.value = ""
    this.state = null
    this.tell("", false)
    this.deps.coming(null)
    this.changed()
    this.input.focus()
  }

  // isReady reports whether speech can be sent now. It connects again after an end, and tells
  // what else is in the way.
  private async isReady(): Promise<boolean> {
    const { speaking } = this
    if (!speaking?.blocked) return true
    if (!speaking.hasEnded) this.tell(speaking.blocked, true)
    if (!speaking.hasEnded || this.isAsking) return false
    this.isAsking = true
    this.changed()
    const isOpen = await this.deps.reconnect()
    this.isAsking = false
    this.changed()
    return isOpen
  }

  // start sends the chosen file.
  private async start(): Promise<void> {
    const { file } = this
    if (!file || this.busy || !(await this.isReady())) return
    this.upload = new AbortController()
    this.state = null
    this.tell(say("speech.starting"), false)
    this.announce()
    this.changed()
    try {
      const id = await this.deps.play(file, Number(this.pace.value), this.upload.signal)
      this.id = id
      this.upload = null
      if (this.note.textContent === say("speech.starting")) this.tell("", false)
    } catch (error) {
      const isStopped = this.upload?.signal.aborted ?? false
      this.upload = null
      this.tell(isStopped ? say("speech.state.stopped") : error instanceof Error && error.message ? error.message : say("composer.failed"), !isStopped)
    }
    this.changed()
  }

  private async halt(): Promise<void> {
    if (this.upload) return this.upload.abort()
    try {
      await this.deps.stopPlaying()
    } catch (error) {
      this.tell(error instanceof Error ? error.message : say("composer.failed"), true)
    }
  }

  private async setPaused(on: boolean): Promise<void> {
    this.hold.disabled = true
    try {
      await this.deps.pause(on)
    } catch (error) {
      this.tell(error instanceof Error ? error.message : say("composer.failed"), true)
    } finally {
      this.draw()
    }
  }

  // quietNote says what is sent meanwhile: silence, where the service ends a connection
  // without audio.
  private quietNote(key: string): string {
    const { idleMS = 0, gapMS = 0 } = this.speaking?.limits ?? {}
    const limit = gapMS > 0 && (idleMS === 0 || gapMS < idleMS) ? gapMS : idleMS
    return limit > 0 ? say(`${key}.silence`, { seconds: Math.round(limit / 1000) }) : say(`${key}.nothing`)
  }

  private get sendsSilence(): boolean {
    const limits = this.speaking?.limits
    return limits !== undefined && (limits.idleMS > 0 || limits.gapMS > 0)
  }

  private setMuted(on: boolean): void {
    this.isMuted = on
    this.mute.setAttribute("aria-pressed", String(on))
    this.tell(on ? this.quietNote("speech.muted") : "", false)
    if (on) this.showLevel(0)
    this.draw()
  }

  private async toggle(): Promise<void> {
    if (this.device) return this.hush()
    if (this.isAsking || this.busy || !(await this.isReady())) return
    const mine = ++this.asking
    this.isAsking = true
    this.tell(say("speech.asking"), false)
    this.changed()
    try {
      const { openMicrophone } = await import("./microphone")
      const device = await openMicrophone(this.devices.value, (samples, level) => this.hear(samples, level))
      if (mine !== this.asking) return device.close()
      if (!this.deps.microphone(device.rate)) {
        device.close()
        return this.tell(say("page.send.away"), true)
      }
      this.device = device
      this.isMuted = false
      this.since = performance.now()
      device.start()
      this.tell("", false)
      void this.listDevices()
    } catch (error) {
      const isDenied = error instanceof DOMException && error.name === "NotAllowedError"
      this.tell(say(isDenied ? "speech.denied" : "speech.no_device"), true)
    } finally {
      if (mine === this.asking) this.isAsking = false
      this.changed()
    }
  }

  private hear(samples: ArrayBuffer, level: number): void {
    if (!this.isMuted) this.deps.hear(samples)
    else if (this.sendsSilence) this.deps.hear(new ArrayBuffer(samples.byteLength))
    this.showLevel(this.isMuted ? 0 : level)
  }

  // listDevices offers a choice where there are several microphones. Their names are known
  // once one was allowed.
  private async listDevices(): Promise<void> {
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "communications")
    const chosen = this.devices.value
    this.devices.replaceChildren(...all.map(({ deviceId, label }, at) => element("option", { value: deviceId }, label || say("speech.device_n", { n: at + 1 }))))
    if (all.some(({ deviceId }) => deviceId === chosen)) this.devices.value = chosen
    this.draw()
  }

  private async switchDevice(): Promise<void> {
    if (!this.device) return
    this.hush()
    await this.toggle()
  }

  // hush ends the microphone.
  private hush(): void {
    this.asking++
    this.isAsking = false
    if (!this.device) return
    this.device.close()
    this.device = null
    this.isMuted = false
    this.mute.setAttribute("aria-pressed", "false")
    this.deps.microphone(0)
    this.showLevel(0)
    this.tell(say("speech.waiting_final"), false)
    this.changed()
  }

  // spaceDown talks, where a person can also write: as long as Space is held, or until it is
  // pressed again.
  private spaceDown(event: KeyboardEvent): void {
    const { speaking } = this
    if (event.key !== " " || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !this.element.isConnected) return
    if (!speaking?.isVoice || speaking.mode !== "microphone" || speaking.format === null || speaking.hasEnded || event.defaultPrevented) return
    const on = event.target instanceof Element ? event.target : null
    if (on?.closest("input, textarea, select, button, a, summary, [contenteditable], [role=slider], [role=row], dialog")) return
    event.preventDefault()
    this.pressedAt = this.device ? 0 : performance.now()
    void this.toggle()
  }

  private spaceUp(event: KeyboardEvent): void {
    if (event.key !== " " || this.pressedAt === 0) return
    const took = performance.now() - this.pressedAt
    this.pressedAt = 0
    if (took >= held && this.device) this.hush()
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
    const { file, picture, state, device, speaking } = this
    if (!speaking) return
    const { format, isVoice, blocked, hasEnded } = speaking
    const startTitle = hasEnded ? say("speech.reconnects") : (blocked ?? say("speech.start.title"))
    const isMic = speaking.mode === "microphone"
    const isSending = this.upload !== null || this.isPlaying
    this.devices.hidden = !isMic || this.devices.options.length < 2
    this.meter.hidden = isMic ? false : !isSending
    this.hint.hidden = device !== null || !(isMic || (hasEnded && file !== null && state === null))
    if (hasEnded) this.hint.replaceChildren(say("speech.reconnects"))
    else if (isMic) this.hint.replaceChildren(...(isVoice ? [element("kbd", {}, say("speech.space")), ` ${say("speech.to_talk")}`] : [format ? formatLine(format) : ""]))
    this.mute.hidden = !isMic || device === null
    setText(this.mute, say(this.isMuted ? "speech.unmute" : "speech.mute"))
    this.mute.title = this.quietNote("speech.mute.title")
    this.talk.hidden = !isMic
    this.talk.disabled = this.isAsking || (isSending && device === null)
    this.talk.setAttribute("aria-pressed", String(device !== null))
    this.talk.title = device ? say("speech.stop.title") : startTitle
    setIcon(this.talkIcon, device ? "square" : "mic")
    setText(this.talkWord, say(device ? "speech.stop" : "speech.start"))
    this.label.hidden = this.input.disabled = isMic || file !== null
    this.about.hidden = isMic || isSending
    this.element.dataset.busy = String(isSending || device !== null)
    setText(this.about, file ? `${visible(file.name)} · ${picture ? position(picture.ms * 1000) : size(file.size)}` : format ? say("speech.drop_hint", { format: formatLine(format) }) : "")
    this.about.title = this.about.textContent ?? ""
    this.about.classList.toggle("chosen", file !== null)
    this.remove.hidden = isMic || file === null || isSending
    this.track.hidden = isMic || file === null || !(isSending || state !== null)
    this.track.value = state && state.totalMS > 0 ? state.sentMS / state.totalMS : 0
    this.pace.hidden = isMic || file === null
    this.pace.disabled = isSending
    this.hold.hidden = isMic || !this.isPlaying
    this.hold.disabled = false
    setText(this.hold, say(state?.paused ? "speech.go_on" : "speech.pause"))
    this.hold.title = state?.paused ? "" : this.quietNote("speech.pause.title")
    this.begin.hidden = isMic || file === null || isSending
    this.begin.title = startTitle
    this.begin.disabled = this.isAsking
    this.end.hidden = isMic || !isSending
    this.drawTime()
    if (!isMic && isSending) this.showLevel(state && picture?.peaks && !state.paused ? peakAt(picture.peaks, state.sentMS) : 0)
  }

  private drawTime(): void {
    const { device, state, file } = this
    if (device) this.time.replaceChildren(element("b", {}, position((performance.now() - this.since) * 1000)))
    else if (file && state && this.speaking?.mode === "file") this.time.replaceChildren(element("b", {}, position(state.sentMS * 1000)), ` / ${position(state.totalMS * 1000)}`)
    else this.time.replaceChildren()
  }

  private showLevel(level: number): void {
    const lit = Math.round(Math.min(1, level) ** 0.5 * bars)
    ;[...this.meter.children].forEach((bar, index) => {
      bar.classList.toggle("on", index < lit)
      bar.classList.toggle("hot", index < lit && level >= 0.99 && index >= bars - 2)
    })
    this.meter.dataset.level = String(lit)
    this.meter.setAttribute("aria-valuenow", String(lit))
  }
}

function formatLine(format: AudioFormat): string {
  return say("speech.format", { rate: +(format.rate / 1000).toFixed(3), frame: format.frameMS, encoding: format.encoding })
}

// peakAt returns the loudest sample of the last 100 ms that were sent.
function peakAt(peaks: Uint8Array, ms: number): number {
  const at = Math.floor(ms / 20)
  return Math.max(0, ...peaks.subarray(Math.max(0, at - 5), at + 1)) / 255
}

// chosen draws a choice with an arrow.
function chosen(select: HTMLSelectElement): HTMLElement {
  return element("span", { class: "write-chosen" }, select, icon("chevron-down"))
}
