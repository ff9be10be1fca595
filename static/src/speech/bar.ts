// The player of one side of a turn: play, seek, elapsed of the whole, save.

import { position, say } from "../text"
import { element, icon, setIcon, setText, type Component } from "../ui"
import { audioURL, type Stream, type Turn } from "../wire"
import { trackOf, type Jukebox } from "./jukebox"
import type { Pictures } from "./pictures"
import { Wave } from "./wave"

// Sound is the session's audio.
export interface Sound {
  jukebox: Jukebox
  pictures: Pictures
  session(): string
}

export class PlayerBar implements Component<Turn> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly picture = icon("play")
  private readonly play: HTMLButtonElement
  private readonly seek: HTMLInputElement
  private readonly time = element("span", { class: "strip-time" })
  private readonly save: HTMLAnchorElement
  private readonly wave = new Wave()

  constructor(private readonly sound: Sound, private turn: Turn, private readonly stream: Stream, name: string, ...more: HTMLElement[]) {
    const { signal } = this.stop
    this.play = element("button", { type: "button", class: "strip-play", "data-testid": "play", "aria-label": say("speech.play_it") }, this.picture)
    this.seek = element("input", { type: "range", min: 0, max: 1, step: "any", value: 0, "data-testid": "seek", "aria-label": `${name}: ${say("speech.seek")}` })
    this.save = element("a", { class: "tool low", download: true, "data-testid": "save-audio", title: say("speech.save"), "aria-label": say("speech.save") }, icon("download"))
    this.element = element("div", { class: "strip", "data-stream": stream }, this.play, element("div", { class: "strip-track" }, this.wave.element, this.seek), this.time, element("span", { class: "strip-acts" }, this.save, ...more))
    this.play.addEventListener("click", () => sound.jukebox.toggle(this.track, this.isOpen), { signal })
    this.seek.addEventListener("input", () => sound.jukebox.seek(this.track, (Number(this.seek.value) * this.length) / 1000, this.isOpen), { signal })
    sound.jukebox.watch(() => this.draw(), signal)
  }

  update(turn: Turn): void {
    this.turn = turn
    this.save.href = audioURL(this.sound.session(), turn.n, this.stream, false)
    this.sound.pictures.want(turn, this.stream)
    this.draw()
  }

  // cut is the place of an interruption in ms; null for none.
  get cut(): number | null {
    const { interrupted } = this.turn
    return this.stream === "answer" && interrupted && interrupted.playedMS > 0 ? interrupted.playedMS : null
  }

  destroy(): void {
    this.stop.abort()
    this.wave.destroy()
    this.element.remove()
  }

  private get track() {
    return trackOf(this.sound.session(), this.turn, this.stream)
  }

  private get isOpen(): boolean {
    return this.turn.state === "open"
  }

  // length is the length of the whole sound in ms, as far as it is known.
  private get length(): number {
    const { audio } = this.turn
    const told = (this.stream === "answer" ? audio?.answerMS : audio?.userMS) ?? 0
    return Math.max(told, (this.sound.jukebox.stateOf(this.track)?.duration ?? 0) * 1000)
  }

  private draw(): void {
    const state = this.sound.jukebox.stateOf(this.track)
    const playing = state?.playing ?? false
    const { length, cut } = this
    const at = Math.min((state?.position ?? 0) * 1000, length)
    setIcon(this.picture, playing ? "pause" : "play")
    const word = say(playing ? "speech.pause_it" : "speech.play_it")
    this.play.setAttribute("aria-label", word)
    this.play.title = word
    this.play.dataset.playing = String(playing)
    this.element.dataset.position = (at / 1000).toFixed(2)
    const whole = position(length * 1000)
    const isOver = !playing && at >= length && !this.isOpen
    const reached = at > 0 && !isOver ? at : (cut ?? 0)
    setText(this.time, state?.failed ? say("speech.no_sound") : reached > 0 ? say("speech.position", { at: position(reached * 1000), of: whole }) : whole)
    const share = length > 0 ? at / length : 0
    if (document.activeElement !== this.seek || playing) this.seek.value = String(share)
    this.seek.setAttribute("aria-valuetext", say("speech.position", { at: position(at * 1000), of: whole }))
    this.seek.disabled = length === 0
    const shown = state && at > 0 ? share : cut !== null && length > 0 ? cut / length : playing ? 0 : 1
    this.element.style.setProperty("--share", String(Math.min(1, shown)))
    this.wave.update({ track: this.sound.pictures.of(this.turn.n, this.stream), length, cut })
  }
}
