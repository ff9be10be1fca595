// The player of one side of a turn: play, seek, length, save.

import { say } from "../text"
import { element, icon, setIcon, setText, type Component } from "../ui"
import { audioURL, type Stream, type Turn } from "../wire"
import { trackOf, type Jukebox, type Track } from "./jukebox"
import { barCount } from "./sound"

// Sound is the session's audio.
export interface Sound {
  jukebox: Jukebox
  session(): string
}

const svg = "http://www.w3.org/2000/svg"
const height = 34 // px
const barWidth = 4 // units of the picture

export class Strip implements Component<Turn> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly picture = icon("play")
  private readonly play: HTMLButtonElement
  private readonly seek: HTMLInputElement
  private readonly time = element("span", { class: "strip-time" })
  private readonly save: HTMLAnchorElement
  private readonly bars = document.createElementNS(svg, "path")
  private readonly played = document.createElementNS(svg, "path")
  private readonly track: Track
  private drawn = 0 // s of sound in the picture

  constructor(private readonly sound: Sound, private turn: Turn, stream: Stream) {
    const { signal } = this.stop
    this.track = trackOf(sound.session(), turn, stream)
    this.play = element("button", { type: "button", class: "strip-play", "data-testid": "play", "aria-label": say("turns.play") }, this.picture)
    this.seek = element("input", { type: "range", min: 0, max: 1, step: "any", value: 0, "data-testid": "seek", "aria-label": say("turns.seek") })
    this.save = element("a", { class: "tool", download: true, "data-testid": "save-audio", title: say("turns.save"), "aria-label": say("turns.save") }, icon("download"))
    const wave = document.createElementNS(svg, "svg")
    wave.setAttribute("class", "strip-wave")
    wave.setAttribute("preserveAspectRatio", "none")
    wave.setAttribute("aria-hidden", "true")
    wave.setAttribute("viewBox", `0 0 ${barCount * barWidth} ${height}`)
    this.bars.setAttribute("class", "strip-bars")
    this.played.setAttribute("class", "strip-played")
    wave.append(this.bars, this.played)
    this.element = element("div", { class: "strip", "data-stream": stream }, this.play, element("div", { class: "strip-track" }, wave, this.seek), this.time, this.save)
    this.play.addEventListener("click", () => sound.jukebox.toggle(this.track, this.turn.state === "open"), { signal })
    this.seek.addEventListener("input", () => sound.jukebox.seek(this.track, Number(this.seek.value) * this.length()), { signal })
    sound.jukebox.watch(() => this.draw(), signal)
    this.drawBars(null)
  }

  update(turn: Turn): void {
    this.turn = turn
    const { session, n, stream } = this.track
    this.save.href = audioURL(session, n, stream, false)
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  // length is the length of the whole sound in seconds, as far as it is known.
  private length(): number {
    const { audio } = this.turn
    const told = ((this.track.stream === "answer" ? audio?.answerMS : audio?.userMS) ?? 0) / 1000
    return Math.max(told, this.sound.jukebox.stateOf(this.track)?.duration ?? 0)
  }

  private draw(): void {
    const state = this.sound.jukebox.stateOf(this.track)
    const playing = state?.playing ?? false
    const length = this.length()
    const at = state?.position ?? 0
    setIcon(this.picture, playing ? "pause" : "play")
    this.play.setAttribute("aria-label", say(playing ? "turns.pause" : "turns.play"))
    this.play.dataset.playing = String(playing)
    this.element.dataset.position = at.toFixed(2)
    setText(this.time, state?.failed ? say("turns.no_sound") : at > 0 ? say("turns.position", { at: seconds(at), of: seconds(length) }) : seconds(length))
    const share = length > 0 ? Math.min(1, at / length) : 0
    if (document.activeElement !== this.seek || playing) this.seek.value = String(share)
    this.seek.setAttribute("aria-valuetext", seconds(at))
    this.seek.disabled = state === null
    this.element.style.setProperty("--share", String(share))
    if (state?.peaks && state.duration !== this.drawn) {
      this.drawn = state.duration
      this.drawBars(state.peaks)
    }
  }

  // drawBars draws the loudness; a sound that was not loaded is a row of dots.
  private drawBars(peaks: readonly number[] | null): void {
    const loudest = Math.max(0.05, ...(peaks ?? []))
    let path = ""
    for (let bar = 0; bar < barCount; bar++) {
      const tall = Math.max(2, ((peaks?.[bar] ?? 0) / loudest) * (height - 4))
      path += `M${bar * barWidth + 1} ${(height - tall) / 2}v${tall}`
    }
    this.bars.setAttribute("d", path)
    this.played.setAttribute("d", path)
  }
}

// seconds formats a length: 0:03.8.
export function seconds(s: number): string {
  const tenths = Math.floor(s * 10)
  const whole = Math.floor(tenths / 10)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${tenths % 10}`
}
