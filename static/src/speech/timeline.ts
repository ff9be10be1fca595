// The audio of a transcript along its time: what was sent, what is to come, and a block for
// each sentence.

import { position, say } from "../text"
import { element, iconButton, press, setIcon, setText, type Component } from "../ui"
import { label, marks, move, zoom, type Window } from "./axis"
import type { Sentence } from "./sentences"
import type { Span } from "./levels"

export interface Timed {
  name: string // of the audio
  about: string
  sent: number // ms
  whole: number // ms, with what is to come
  sentences: readonly Sentence[]
  selected: number // number of a sentence; 0 for none
  // peak returns the loudest sample of a span, 0 to 1; what is to come too.
  peak(span: Span): number
  isLive: boolean
  playing: number | null // ms, where the audio sounds
}

export interface TimelineDeps {
  select(n: number): void
  play(span: Span): void
  pause(): void
}

const svg = "http://www.w3.org/2000/svg"
const height = 72 // px
const barStep = 2 // px
const zoomBy = 1.6
const drag = 4 // px, until a press becomes a drag

type Shape = "blocks" | "open" | "later" | "sent" | "edges" | "choice" | "head" | "cursor"
const shapes: readonly Shape[] = ["blocks", "open", "choice", "later", "sent", "edges", "head", "cursor"]

export class Timeline implements Component<Timed> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly name = element("span", { class: "timeline-name" })
  private readonly about = element("span", { class: "timeline-about" })
  private readonly play = iconButton("play", say("speech.play"), { class: "tool low", "data-testid": "timeline-play" })
  private readonly follow = iconButton("chevrons-down", say("speech.follow"), { class: "tool low", "data-testid": "timeline-follow", "aria-pressed": "true" })
  private readonly closer = iconButton("zoom-in", say("speech.zoom_in"), { class: "tool low", "data-testid": "timeline-closer" })
  private readonly wider = iconButton("zoom-out", say("speech.zoom_out"), { class: "tool low", "data-testid": "timeline-wider" })
  private readonly picture = document.createElementNS(svg, "svg")
  private readonly paths = new Map<Shape, SVGPathElement>()
  private readonly stage: HTMLElement
  private readonly axis = element("div", { class: "timeline-axis", "aria-hidden": "true" })
  private readonly grown: ResizeObserver
  private timed: Timed | null = null
  private width = 0
  private window: Window | null = null // null is all of it
  private isFollowing = true
  private marker = 0 // ms
  private choice: Span | null = null
  private pressed: { x: number; at: number } | null = null
  private frame = 0

  constructor(private readonly deps: TimelineDeps) {
    const { signal } = this.stop
    this.picture.setAttribute("class", "timeline-wave")
    this.picture.setAttribute("aria-hidden", "true")
    this.picture.setAttribute("preserveAspectRatio", "none")
    for (const shape of shapes) {
      const path = document.createElementNS(svg, "path")
      path.setAttribute("class", `tl-${shape}`)
      this.paths.set(shape, path)
      this.picture.append(path)
    }
    this.stage = element("div", { class: "timeline-stage", role: "slider", tabindex: 0, "aria-label": say("speech.timeline"), "aria-valuemin": 0, "data-testid": "timeline" }, this.picture)
    this.element = element("div", { class: "timeline" },
      element("div", { class: "timeline-row" }, this.name, this.about, this.play, this.follow, this.wider, this.closer), this.stage, this.axis)
    this.grown = new ResizeObserver(([entry]) => {
      this.width = Math.round(entry?.contentRect.width ?? 0)
      this.redraw()
    })
    this.grown.observe(this.stage)
    this.listen(signal)
  }

  get follows(): boolean {
    return this.isFollowing
  }

  update(timed: Timed): void {
    this.timed = timed
    setText(this.name, timed.name)
    setText(this.about, timed.about)
    this.redraw()
  }

  // reset shows another session.
  reset(): void {
    this.window = this.choice = null
    this.marker = 0
    this.setFollow(true)
  }

  setFollow(on: boolean): void {
    this.isFollowing = on
    press(this.follow, on)
    this.redraw()
  }

  // show moves a span into the window.
  show(span: Span): void {
    const { window: shown } = this
    this.marker = span.from
    if (shown && (span.to > shown.to || span.from < shown.from)) this.window = move(shown, (span.from + span.to) / 2 - (shown.from + shown.to) / 2, this.whole)
    this.redraw()
  }

  destroy(): void {
    this.stop.abort()
    this.grown.disconnect()
    cancelAnimationFrame(this.frame)
    this.element.remove()
  }

  private get whole(): number {
    return Math.max(1000, this.timed?.whole ?? 0)
  }

  // shown is the part that is drawn: the newest end while it follows.
  private get shown(): Window {
    const { window: chosen, whole, timed } = this
    if (!chosen) return { from: 0, to: whole }
    const sent = timed?.sent ?? 0
    if (this.isFollowing && timed?.isLive) return move(chosen, sent - chosen.from - (chosen.to - chosen.from) * 0.85, whole)
    return move(chosen, 0, whole)
  }

  private listen(signal: AbortSignal): void {
    this.play.addEventListener("click", () => this.toggle(), { signal })
    this.follow.addEventListener("click", () => this.setFollow(!this.isFollowing), { signal })
    this.closer.addEventListener("click", () => this.zoom(1 / zoomBy, null), { signal })
    this.wider.addEventListener("click", () => this.zoom(zoomBy, null), { signal })
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false })
    this.stage.addEventListener("pointerdown", (event) => this.press(event), { signal })
    this.stage.addEventListener("pointermove", (event) => this.drag(event), { signal })
    this.stage.addEventListener("pointerup", (event) => this.release(event), { signal })
    this.stage.addEventListener("pointercancel", () => (this.pressed = null), { signal })
    this.stage.addEventListener("keydown", (event) => this.key(event), { signal })
  }

  private toggle(): void {
    if (this.timed?.playing !== null && this.timed !== null) return this.deps.pause()
    const sent = this.timed?.sent ?? 0
    const from = this.marker >= sent - 100 ? 0 : this.marker
    this.deps.play(this.choice ?? { from, to: sent })
  }

  private zoom(factor: number, around: number | null): void {
    const { shown } = this
    const next = zoom(shown, factor, around ?? Math.min(Math.max(this.marker, shown.from), shown.to), this.whole)
    this.window = next.to - next.from >= this.whole ? null : next
    this.redraw()
  }

  private wheel(event: WheelEvent): void {
    if (event.deltaY === 0 && event.deltaX === 0) return
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
    const isWider = event.deltaY > 0
    if (!isSideways && isWider && this.window === null) return // the page scrolls
    event.preventDefault()
    if (isSideways) {
      const { shown } = this
      const by = (event.deltaX || event.deltaY) / Math.max(1, this.width)
      if (this.window) this.window = move(shown, by * (shown.to - shown.from), this.whole)
      if (this.timed?.isLive) this.setFollow(false)
      return this.redraw()
    }
    this.zoom(isWider ? zoomBy : 1 / zoomBy, this.placeOf(event.clientX))
  }

  private placeOf(clientX: number): number {
    const { left, width } = this.stage.getBoundingClientRect()
    const { from, to } = this.shown
    return from + (to - from) * Math.min(1, Math.max(0, (clientX - left) / Math.max(1, width)))
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return
    this.stage.setPointerCapture(event.pointerId)
    this.pressed = { x: event.clientX, at: this.placeOf(event.clientX) }
  }

  private drag(event: PointerEvent): void {
    const { pressed } = this
    if (!pressed || Math.abs(event.clientX - pressed.x) < drag) return
    const at = this.placeOf(event.clientX)
    this.choice = { from: Math.min(at, pressed.at), to: Math.max(at, pressed.at) }
    this.redraw()
  }

  private release(event: PointerEvent): void {
    const { pressed } = this
    this.pressed = null
    if (!pressed) return
    if (Math.abs(event.clientX - pressed.x) >= drag && this.choice) return this.deps.play(this.choice)
    this.choice = null
    this.marker = Math.min(pressed.at, this.timed?.sent ?? 0)
    const hit = this.timed?.sentences.find(({ span }) => span && pressed.at >= span.from && pressed.at <= Math.max(span.to, span.from + 200))
    if (hit) this.deps.select(hit.n)
    this.redraw()
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { shown } = this
    const by = (shown.to - shown.from) / 50
    const sent = this.timed?.sent ?? 0
    const to = { ArrowRight: this.marker + by, ArrowUp: this.marker + by, ArrowLeft: this.marker - by, ArrowDown: this.marker - by, PageUp: this.marker + by * 10, PageDown: this.marker - by * 10, Home: 0, End: sent }[event.key]
    if (to !== undefined) {
      this.choice = null
      this.marker = Math.min(Math.max(0, to), sent)
      this.show({ from: this.marker, to: this.marker })
    } else if (event.key === "+" || event.key === "=") this.zoom(1 / zoomBy, null)
    else if (event.key === "-") this.zoom(zoomBy, null)
    else if (event.key === " ") this.toggle()
    else if (event.key === "Enter") {
      const hit = this.timed?.sentences.findLast(({ span }) => span && span.from <= this.marker + 1)
      if (hit) this.deps.select(hit.n)
    } else if (event.key === "Escape" && this.choice) this.choice = null
    else return
    event.preventDefault()
    event.stopPropagation()
    this.redraw()
  }

  private redraw(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0
      this.draw()
    })
  }

  private draw(): void {
    const { timed, width } = this
    if (!timed || width === 0) return
    const { from, to } = this.shown
    const x = (ms: number) => ((ms - from) / (to - from)) * width
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height + 1}`)
    const put = (shape: Shape, path: string) => this.paths.get(shape)?.setAttribute("d", path)
    const box = (span: Span) => {
      const left = Math.max(0, x(span.from))
      const right = Math.min(width, Math.max(x(span.to), x(span.from) + 1))
      return right > left ? `M${left.toFixed(1)} 0H${right.toFixed(1)}V${height}H${left.toFixed(1)}z` : ""
    }
    const line = (ms: number) => (ms >= from && ms <= to ? `M${x(ms).toFixed(1)} 0V${height}` : "")
    const spans = timed.sentences.flatMap(({ span, final }) => (span ? [{ span, final }] : []))
    put("blocks", spans.filter(({ final }) => final).map(({ span }) => box(span)).join(""))
    put("open", spans.filter(({ final }) => !final).map(({ span }) => box({ from: span.from, to: timed.sent })).join(""))
    put("edges", spans.filter(({ final }) => final).map(({ span }) => line(span.to)).join(""))
    put("choice", this.choice ? box(this.choice) : "")
    put("head", timed.sent > 0 && (timed.isLive || timed.sent < timed.whole) ? line(timed.sent) : "")
    put("cursor", line(timed.playing ?? this.marker))
    this.drawBars(timed, from, to, put)
    this.drawAxis(timed, from, to)
    const isPlaying = timed.playing !== null
    setIcon(this.play.querySelector("svg") ?? this.picture, isPlaying ? "pause" : "play")
    this.play.title = say(isPlaying ? "speech.pause_it" : this.choice ? "speech.play_choice" : "speech.play")
    this.play.setAttribute("aria-label", this.play.title)
    this.play.dataset.playing = String(isPlaying)
    this.play.disabled = timed.sent === 0
    this.wider.disabled = this.window === null
    this.stage.setAttribute("aria-valuemax", String(Math.round(timed.sent)))
    this.stage.setAttribute("aria-valuenow", String(Math.round(timed.playing ?? this.marker)))
    const finals = timed.sentences.filter(({ final }) => final).length
    this.stage.setAttribute("aria-valuetext", say("speech.timeline_of", { at: position((timed.playing ?? this.marker) * 1000), sent: position(timed.sent * 1000), whole: position(timed.whole * 1000), sentences: finals }))
  }

  private drawBars(timed: Timed, from: number, to: number, put: (shape: Shape, path: string) => void): void {
    const middle = height / 2
    let sent = ""
    let later = ""
    for (let px = 0; px < this.width; px += barStep) {
      const span = { from: from + ((to - from) * px) / this.width, to: from + ((to - from) * (px + barStep)) / this.width }
      if (span.from >= timed.whole) break
      const tall = Math.max(2, Math.min(1, timed.peak(span)) ** 0.7 * (height - 10))
      const bar = `M${px + 0.5} ${(middle - tall / 2).toFixed(1)}v${tall.toFixed(1)}`
      if (span.from < timed.sent) sent += bar
      else later += bar
    }
    put("sent", sent)
    put("later", later)
  }

  private drawAxis(timed: Timed, from: number, to: number): void {
    const place = (node: HTMLElement, ms: number) => {
      const share = ((ms - from) / (to - from)) * 100
      node.style.insetInlineStart = `${share}%`
      node.classList.toggle("end", share > 96)
      return node
    }
    const showsHead = timed.sent > from && timed.sent < to && (timed.isLive || timed.sent < timed.whole)
    const near = (ms: number) => showsHead && (Math.abs(ms - timed.sent) / (to - from)) * this.width < 56
    const labels = marks({ from, to }, Math.max(2, Math.floor(this.width / 96))).filter((ms) => !near(ms)).map((ms) => place(element("span", {}, label(ms)), ms))
    if (showsHead) labels.push(place(element("span", { class: "now" }, label(Math.round(timed.sent / 100) * 100)), timed.sent))
    this.axis.replaceChildren(...labels)
  }
}
