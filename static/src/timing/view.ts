// The view of times: reads the course of the session, and again while it is live.

import { say } from "../text"
import { element, setText } from "../ui"
import { mostPoints, readSeries, type Series } from "../wire"
import { clockTime, fineStep, sessionTime } from "./axis"
import { Brush } from "./brush"
import { Charts, type ChartName } from "./charts"
import { courseTable } from "./course-table"
import { first, measured, median, messagesOf, smoothed, sum, withRate, type Measured } from "./figures"
import { Hover } from "./hover"
import { legendNames, legendsOf, tipOf, type LegendName } from "./legend"
import { around, between, followed, isWhole, length, within, type Range } from "./range"
import { csvOf } from "./table"
import type { Clock } from "./tools"
import { TurnTable } from "./turn-table"
import type { TimingDeps, Watched } from "./watched"

export interface ViewDeps extends TimingDeps {
  clock(): Clock
  // changed runs with the number of turns in the table.
  changed(turns: number): void
}

const pxPerPoint = 4
const leastPause = 1000 // ms between two readings of a live session
const quietPause = 3000 // ms, while nothing comes
const restShare = 10 // a live session is read for a tenth of the time at most
const settle = 120 // ms after the last move of the brush
const told = 600 // ms until the hidden table follows the charts

export class TimingView {
  private readonly stop = new AbortController()
  private readonly brushView: Brush
  private readonly charts = new Charts()
  private readonly hover: Hover
  private readonly table: TurnTable
  private readonly span = element("span", { "data-testid": "timing-range" })
  private readonly reset = element("button", { type: "button", class: "link", "data-testid": "timing-reset", title: say("timing.reset.help") }, say("timing.reset"))
  private readonly legends = new Map<LegendName, HTMLElement>()
  private readonly rows = new Map<ChartName, HTMLElement>()
  private readonly whole = element("div", { class: "timing-view" })
  private readonly note = element("p", { class: "timing-note", "data-testid": "timing-note", role: "status" })
  private readonly again = element("button", { type: "button", class: "button low", "data-testid": "timing-again", hidden: true }, say("timing.again"))
  private course: HTMLElement = element("div", {})
  private watched: Watched = { session: "", openedUS: 0, dialect: "", isLive: false, lastSeq: 0 }
  private isShown = false
  private session: Series | null = null
  private part: Series | null = null
  private range: Range = { fromUS: 0, toUS: 1 }
  private wanted: Range | null = null
  private measured: Measured[] = []
  private usual: { first: number | null; done: number | null } = { first: null, done: null }
  private selected = 0
  private readSeq = -1
  private reading: AbortController | null = null
  private readingPart: AbortController | null = null
  private timer = 0
  private partTimer = 0
  private courseTimer = 0
  private frame = 0
  private tableFrame = 0

  constructor(host: HTMLElement, private readonly deps: ViewDeps) {
    const { signal } = this.stop
    const timeOf = (us: number, step: number) => this.timeOf(us, step)
    this.brushView = new Brush({ changed: (range) => this.move(range), reset: () => this.showAll(), timeOf })
    this.hover = new Hover({
      tipAt: (x) => this.tipAt(x),
      isTurnAt: (x) => this.charts.turnAt(x) !== null,
      clicked: (x) => {
        const turn = this.charts.turnAt(x)
        if (turn) this.select(turn.turn.n)
      },
      selected: (fromX, toX) => this.move(between(this.timeAt(fromX), this.timeAt(toX), this.all)),
      reset: () => this.showAll(),
    })
    this.table = new TurnTable({ select: (n) => this.select(n), openTurn: (n) => deps.openTurn(n), openMessages: (seq) => deps.openMessages(seq) })
    const strip = element("div", { class: "plot of-strip" }, element("div", { class: "plot-about" }, element("h2", {}, say("timing.whole")), element("p", {}, this.span, " ", this.reset)), this.brushView.element)
    const plots = element("div", { class: "plots" }, ...(["latency", "gap", "rate", "bytes"] as const).map((name) => this.plot(name)), this.hover.element)
    this.whole.append(strip, plots, this.table.element)
    host.append(this.whole, this.note, this.again, this.course)
    this.reset.addEventListener("click", () => {
      this.showAll()
      this.brushView.focus()
    }, { signal })
    this.again.addEventListener("click", () => void this.read(), { signal })
    this.charts.resized = () => this.drawSoon()
    this.drawNote("")
  }

  update(watched: Watched): void {
    const isOther = watched.session !== this.watched.session || watched.dialect !== this.watched.dialect
    this.watched = watched
    if (isOther) this.begin()
  }

  show(): void {
    this.isShown = true
    if (!this.watched.session) return
    void this.read()
  }

  hide(): void {
    this.isShown = false
    this.reading?.abort()
    window.clearTimeout(this.timer)
  }

  // brush shows a part of the session, as soon as it is known.
  brush(range: Range): void {
    this.wanted = range
    if (this.session) this.takeWanted()
  }

  // redraw draws again: times are written by another clock.
  redraw(): void {
    this.drawSoon()
  }

  // csv returns the table; null without rows.
  csv(): string | null {
    const turns = this.table.inOrder
    return turns.length > 0 && this.session ? csvOf(turns, this.session.rateUnit) : null
  }

  destroy(): void {
    this.stop.abort()
    this.hide()
    this.readingPart?.abort()
    window.clearTimeout(this.partTimer)
    window.clearTimeout(this.courseTimer)
    cancelAnimationFrame(this.frame)
    cancelAnimationFrame(this.tableFrame)
    for (const part of [this.brushView, this.charts, this.hover, this.table]) part.destroy()
  }

  private plot(name: ChartName): HTMLElement {
    const about = element("div", { class: "plot-about" }, element("h2", {}, say(`timing.chart.${name}`)))
    for (const legend of legendNames[name]) {
      const text = element("span", {})
      about.append(element("p", { class: "plot-key", "data-key": legend, "data-testid": `timing-legend-${legend}` }, text))
      this.legends.set(legend, text)
    }
    const row = element("div", { class: `plot of-${name}` }, about, this.charts.hosts[name])
    this.rows.set(name, row)
    return row
  }

  private get all(): Range {
    return this.session ? { fromUS: this.session.fromUS, toUS: this.session.toUS } : { fromUS: 0, toUS: 1 }
  }

  private begin(): void {
    this.reading?.abort()
    this.readingPart?.abort()
    window.clearTimeout(this.timer)
    window.clearTimeout(this.partTimer)
    this.session = this.part = null
    this.measured = []
    this.selected = 0
    this.readSeq = -1
    this.drawNote("")
    if (this.isShown && this.watched.session) void this.read()
  }

  // read reads the whole session, and while it is live again after a pause.
  private async read(): Promise<void> {
    this.reading?.abort()
    window.clearTimeout(this.timer)
    const reading = (this.reading = new AbortController())
    const { session, lastSeq } = this.watched
    const began = performance.now()
    const { ok, error } = await readSeries(session, { points: this.points() }, reading.signal)
    if (reading.signal.aborted) return
    const isSame = lastSeq === this.readSeq
    if (ok) {
      this.readSeq = lastSeq
      this.take(ok)
    } else if (!this.session) {
      this.drawNote(error.message)
      this.again.hidden = false
    }
    const took = performance.now() - began
    if (this.watched.isLive && this.isShown) this.timer = window.setTimeout(() => void this.read(), Math.max(isSame ? quietPause : leastPause, took * restShare))
  }

  private take(session: Series): void {
    const before = this.session ? this.all : null
    this.session = session
    this.measured = session.turns.map((turn) => measured(turn, session.rateUnit))
    this.usual = { first: median(this.measured.map(first)), done: median(this.measured.map(({ done }) => done)) }
    this.range = before ? followed(this.range, before, this.all) : this.all
    this.takeWanted()
    if (isWhole(this.range, this.all)) this.part = session
    else void this.readPart()
    this.drawSoon() // the answer took its time already
  }

  private takeWanted(): void {
    const { wanted } = this
    if (!wanted) return
    this.wanted = null
    this.move(around(within(wanted, this.all), this.all))
  }

  // readPart reads the brushed part in finer steps.
  private async readPart(): Promise<void> {
    this.readingPart?.abort()
    window.clearTimeout(this.partTimer)
    const reading = (this.readingPart = new AbortController())
    const { fromUS, toUS } = this.range
    const query = { from_us: Math.floor(fromUS), to_us: Math.max(Math.floor(fromUS) + 1, Math.ceil(toUS)), points: this.points() }
    const { ok } = await readSeries(this.watched.session, query, reading.signal)
    if (reading.signal.aborted || !ok) return
    this.part = ok
    this.draw()
  }

  private points(): number {
    return Math.max(60, Math.min(mostPoints, Math.round((this.brushView.element.clientWidth || 800) / pxPerPoint)))
  }

  private move(range: Range): void {
    this.range = within(range, this.all)
    this.readingPart?.abort()
    window.clearTimeout(this.partTimer)
    if (isWhole(this.range, this.all)) this.part = this.session
    else this.partTimer = window.setTimeout(() => void this.readPart(), settle)
    this.drawSoon()
  }

  private showAll(): void {
    this.move(this.all)
  }

  private select(n: number): void {
    this.selected = n
    this.drawSoon()
    this.deps.select(n)
  }

  private drawSoon(): void {
    this.frame ||= requestAnimationFrame(() => this.draw())
  }

  // shown is the finest series that covers the brushed part.
  private get shown(): Series | null {
    const { part, session, range } = this
    return part && part.fromUS <= range.fromUS + 1 && part.toUS >= range.toUS - 1 ? part : session
  }

  private draw(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const { session, range } = this
    const series = this.shown
    if (!session || !series) return
    const turns = this.measured.filter(({ turn }) => turn.fromUS <= range.toUS && turn.toUS >= range.fromUS)
    const timeOf = (us: number, step: number) => this.timeOf(us, step)
    const isEmpty = sum(session.sent) + sum(session.received) === 0
    this.whole.hidden = isEmpty
    this.drawNote(isEmpty ? say(this.watched.isLive ? "timing.empty.live" : "timing.empty") : this.reasonOf(turns.length))
    this.deps.changed(turns.length)
    if (isEmpty) return
    const hasTurns = session.turns.length > 0
    for (const row of [this.rows.get("latency"), this.table.element]) if (row) row.hidden = !hasTurns
    const step = fineStep(length(range))
    setText(this.span, say("timing.brush.part", { from: timeOf(range.fromUS, step), to: timeOf(range.toUS, step) }))
    this.reset.classList.toggle("is-off", isWhole(range, this.all))
    this.reset.tabIndex = isWhole(range, this.all) ? -1 : 0
    this.brushView.update({ all: this.all, range, amounts: this.amounts(session) })
    this.charts.update({ range, series: withRate(series), turns, selected: this.selected, usual: this.usual, originUS: this.watched.openedUS, timeOf })
    const isExact = series !== session || isWhole(range, this.all)
    for (const [name, text] of legendsOf(series, turns, range, isExact)) {
      const legend = this.legends.get(name)
      if (legend) setText(legend, text)
    }
    cancelAnimationFrame(this.tableFrame)
    this.tableFrame = requestAnimationFrame(() => this.table.update({ turns, all: this.measured, unit: session.rateUnit, selected: this.selected }))
    this.hover.update()
    window.clearTimeout(this.courseTimer)
    this.courseTimer = window.setTimeout(() => this.drawCourse(), told)
  }

  private summed: { of: Series; amounts: readonly number[] } | null = null

  // amounts has the messages of each step; the same list for the same series.
  private amounts(session: Series): readonly number[] {
    if (this.summed?.of !== session) this.summed = { of: session, amounts: smoothed(messagesOf(session)) }
    return this.summed.amounts
  }

  private drawCourse(): void {
    const series = this.shown
    if (!series) return
    const made = courseTable(withRate(series), (us, step) => this.timeOf(us, step), say(`timing.unit.${series.rateUnit || "messages"}`))
    this.course.replaceWith(made)
    this.course = made
  }

  // reasonOf tells why there is no turn to list.
  private reasonOf(shown: number): string {
    if (shown > 0) return ""
    if (!this.watched.dialect) return say("timing.no_dialect")
    return say(this.measured.length > 0 ? "timing.no_turns_here" : "timing.no_turns")
  }

  private drawNote(text: string): void {
    setText(this.note, text)
    this.note.hidden = text === ""
    this.again.hidden = true
    if (!this.session) this.whole.hidden = true
  }

  private timeAt(x: number): number {
    const width = Math.max(1, this.charts.hosts.gap.clientWidth)
    return this.range.fromUS + (x / width) * length(this.range)
  }

  private tipAt(x: number): { head: string; lines: [string, string][] } | null {
    const { shown } = this
    if (!shown) return null
    const us = this.timeAt(x)
    return tipOf(withRate(shown), this.charts.turnAt(x), us, this.timeOf(us, Math.min(100_000, fineStep(length(this.range)))))
  }

  private timeOf(us: number, stepUS: number): string {
    return this.deps.clock() === "day" ? clockTime(us, stepUS) : sessionTime(us - this.watched.openedUS, stepUS)
  }
}
