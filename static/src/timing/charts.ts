// The four charts of a part of a session, one below the other with one axis of time.

import uPlot from "uplot"
import { lasted, say, size } from "../text"
import { element } from "../ui"
import type { Series } from "../wire"
import { durationTicks, fineStep, timeTicks, valueTicks } from "./axis"
import { coarser, first, isolated, isSlow, joined, type Measured } from "./figures"
import { Palette } from "./palette"
import type { Range } from "./range"
import { rateText } from "./table"

export interface Charted {
  range: Range
  series: Series
  turns: readonly Measured[]
  selected: number
  usual: { first: number | null; done: number | null } // medians of the session
  originUS: number // from which round times are counted
  timeOf(us: number, stepUS: number): string
}

export type ChartName = "latency" | "gap" | "rate" | "bytes"

// The heights of the charts, in px; that of bytes includes the times below it.
export const heights: Record<ChartName, number> = { latency: 110, gap: 80, rate: 70, bytes: 70 }

const chartNames: readonly ChartName[] = ["latency", "gap", "rate", "bytes"]
const timesHeight = 16
const labelSize = 10.5
const leastBar = 2 // px
const mostColumns = 90 // bars of bytes
const pxPerTime = 110
const atOnce = 1 // charts made in one frame: more are a long task
const leastRound = 6 // px: a narrower bar has no round corners, which cost more than the bar
const leastName = 5 // px: no name of a turn fits a narrower bar

interface Scale {
  least: number
  most: number
  ticks: readonly { at: number; text: string }[]
}

export class Charts {
  readonly hosts: Record<ChartName, HTMLElement>
  private readonly stop = new AbortController()
  private readonly plots = new Map<ChartName, uPlot>()
  private readonly scales = new Map<ChartName, Scale>()
  private readonly sized: ResizeObserver
  private readonly palette: Palette
  // resized runs when the charts have another width.
  resized: () => void = () => undefined
  private shown: Charted | null = null
  private width = 0
  private frame = 0
  private later = 0
  private room = 0 // charts that may still be made in this frame
  private readonly drawn = new Set<ChartName>() // those that show the newest figures

  constructor() {
    const host = (name: ChartName) => element("div", { class: "plot-chart", role: "img", "data-chart": name })
    this.hosts = { latency: host("latency"), gap: host("gap"), rate: host("rate"), bytes: host("bytes") }
    for (const name of chartNames) this.hosts[name].style.height = `${heights[name]}px`
    this.palette = new Palette(this.hosts.latency, () => this.redraw(), this.stop.signal)
    this.sized = new ResizeObserver(() => (this.frame ||= requestAnimationFrame(() => this.fit())))
    this.sized.observe(this.hosts.gap) // always shown
  }

  update(shown: Charted): void {
    this.shown = shown
    this.drawn.clear()
    if (this.width === 0) this.width = this.hosts.gap.clientWidth
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.sized.disconnect()
    cancelAnimationFrame(this.frame)
    cancelAnimationFrame(this.later)
    for (const plot of this.plots.values()) plot.destroy()
  }

  // turnAt returns the turn whose bar is at a place, in px from the left.
  turnAt(x: number): Measured | null {
    const { shown } = this
    if (!shown) return null
    const near = 2
    return shown.turns.findLast((m) => {
      const { left, width } = this.barOf(m, shown.range)
      return x >= left - near && x <= left + width + near
    }) ?? null
  }

  // barOf is as wide as the turn lasts, its speech included.
  private barOf({ turn }: Measured, { fromUS, toUS }: Range): { left: number; width: number } {
    const scale = this.width / Math.max(1, toUS - fromUS)
    return { left: (turn.fromUS - fromUS) * scale, width: Math.max(leastBar, (turn.toUS - turn.fromUS) * scale) }
  }

  private fit(): void {
    this.frame = 0
    const { clientWidth } = this.hosts.gap
    if (clientWidth === 0 || clientWidth === this.width) return
    this.width = clientWidth
    for (const [name, plot] of this.plots) plot.setSize({ width: clientWidth, height: heights[name] })
    this.resized()
  }

  private redraw(): void {
    for (const plot of this.plots.values()) plot.redraw(false)
  }

  private drawLater(): void {
    this.later ||= requestAnimationFrame(() => {
      this.later = 0
      this.draw()
    })
  }

  private draw(): void {
    this.room = atOnce
    const { shown } = this
    if (!shown || this.width === 0) return
    const { series, turns } = shown
    const times = Array.from({ length: series.sent.length }, (_, index) => series.fromUS + (index + 0.5) * series.stepUS)
    const tallest = Math.max(0, ...turns.map((m) => Math.max(m.done ?? m.turn.toUS - m.startUS, first(m) ?? 0)))
    this.put("latency", [[shown.range.fromUS, shown.range.toUS], [null, null]], durationScale("latency", tallest))
    const gaps = [series.gapMedian, series.gapP95].map((values) => joined(values, series.gapMax, series.stepUS))
    const inside = (values: readonly (number | null | undefined)[]) => Math.max(0, ...values.filter((value, index) => typeof value === "number" && this.isInside(times[index] ?? 0)) as number[])
    this.put("gap", [times, ...gaps], durationScale("gap", inside(gaps[1] ?? [])))
    const fastest = inside(series.rate)
    this.put("rate", [times, series.rate], scaleOf("rate", fastest, valueTicks(fastest), rateText))
    const seconds = (series.stepUS * coarser(series.received, mostColumns).of) / 1e6
    const [received, sent] = [series.receivedBytes, series.sentBytes].map((values) => coarser(values, mostColumns).values.map((n) => n / seconds))
    this.put("bytes", [times, times.map(() => null)], bytesScale(Math.max(0, ...(received ?? [])), Math.max(0, ...(sent ?? []))))
    this.name(shown)
  }

  private isInside(us: number): boolean {
    const range = this.shown?.range
    return range !== undefined && us >= range.fromUS && us <= range.toUS
  }

  private put(name: ChartName, data: (number | null | undefined)[][], scale: Scale): void {
    if (this.drawn.has(name)) return
    const { range } = this.shown as Charted
    this.scales.set(name, scale)
    const plot = this.plots.get(name)
    if (!plot) {
      if (this.room === 0) return this.drawLater()
      this.room--
      this.drawn.add(name)
      return void this.plots.set(name, this.make(name, data as uPlot.AlignedData, range, scale))
    }
    this.drawn.add(name)
    plot.batch(() => {
      plot.setData(data as uPlot.AlignedData, false)
      plot.setScale("x", { min: range.fromUS, max: range.toUS })
      plot.setScale("y", { min: scale.least, max: scale.most })
    })
  }

  // make makes a chart, which draws itself once with what it is given.
  private make(name: ChartName, data: uPlot.AlignedData, { fromUS, toUS }: Range, { least, most }: Scale): uPlot {
    const { palette } = this
    const asGiven = (_: uPlot, min: number, max: number): [number, number] => [min, max]
    const ofScale = (): [number, number] => {
      const { least, most } = this.scales.get(name) as Scale
      return [least, most]
    }
    const series: uPlot.Series[] = Array.from({ length: data.length - 1 }, (_, index) => ({
      stroke: () => palette.of(name === "rate" ? "accent" : "received"),
      width: index === 0 ? 1.5 : 1,
      ...(index === 1 ? { dash: [3, 3] } : {}),
      points: { show: true, size: 3, width: 0, fill: () => palette.of(name === "rate" ? "accent" : "received"), filter: (u: uPlot, at: number) => isolated(u.data[at] as (number | null)[]) },
    }))
    return new uPlot({
      width: this.width,
      height: heights[name],
      padding: [0, 0, name === "bytes" ? timesHeight : 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, auto: false, range: asGiven, min: fromUS, max: toUS }, y: { auto: false, range: ofScale, min: least, max: most } },
      axes: [{ show: false }, { show: false }],
      series: [{}, ...series],
      hooks: {
        drawClear: [(u) => this.drawGrid(u, name)],
        draw: [(u) => {
          if (name === "latency") this.drawBars(u)
          if (name === "bytes") this.drawBytes(u)
          this.drawLabels(u, name)
        }],
      },
    }, data, this.hosts[name])
  }

  private drawGrid(u: uPlot, name: ChartName): void {
    const { ctx } = u
    const { ratio, left, right } = frameOf(u)
    ctx.save()
    ctx.strokeStyle = this.palette.of("border")
    ctx.lineWidth = ratio
    for (const at of [0, ...(this.scales.get(name)?.ticks ?? []).map((tick) => tick.at)]) {
      const y = Math.round(u.valToPos(at, "y", true)) - ratio / 2
      ctx.beginPath()
      ctx.moveTo(left, y)
      ctx.lineTo(right, y)
      ctx.stroke()
    }
    ctx.restore()
  }

  // drawLabels writes the values of the grid over the chart, each on a margin of the ground.
  private drawLabels(u: uPlot, name: ChartName): void {
    const { ctx } = u
    const { ratio, right } = frameOf(u)
    ctx.save()
    ctx.font = this.font(ratio)
    ctx.textAlign = "right"
    ctx.textBaseline = "alphabetic"
    ctx.strokeStyle = this.palette.of("surface")
    ctx.fillStyle = this.palette.of("text-2")
    ctx.lineWidth = 4 * ratio
    ctx.lineJoin = "round"
    for (const { at, text } of this.scales.get(name)?.ticks ?? []) {
      const y = Math.max(labelSize * ratio, Math.round(u.valToPos(at, "y", true)) - 3.5 * ratio)
      ctx.strokeText(text, right - 2 * ratio, y)
      ctx.fillText(text, right - 2 * ratio, y)
    }
    if (name === "bytes") this.drawTimes(u)
    ctx.restore()
  }

  // drawTimes writes round times below the lowest chart.
  private drawTimes(u: uPlot): void {
    const { shown } = this
    if (!shown) return
    const { ctx } = u
    const { ratio, left, right } = frameOf(u)
    const { range } = shown
    const { at, stepUS } = timeTicks(range.fromUS, range.toUS, shown.originUS, Math.max(2, Math.floor(this.width / pxPerTime)))
    for (const us of at) {
      const text = shown.timeOf(us, stepUS)
      const half = ctx.measureText(text).width / 2
      const x = Math.max(left + half, Math.min(u.valToPos(us, "x", true), right - half))
      ctx.textAlign = "center"
      ctx.fillText(text, x, ctx.canvas.height - 3 * ratio)
    }
  }

  // drawBars draws a bar for each turn: until done, and until the first text at its foot.
  private drawBars(u: uPlot): void {
    const { shown, palette } = this
    if (!shown) return
    const { ctx } = u
    const { isForced } = palette
    const { ratio, left: edge, right } = frameOf(u)
    const floor = u.valToPos(0, "y", true)
    const top = (us: number) => u.valToPos(us, "y", true)
    ctx.save()
    ctx.beginPath()
    ctx.rect(edge, 0, right - edge, ctx.canvas.height)
    ctx.clip()
    ctx.font = this.font(ratio)
    ctx.textAlign = "center"
    ctx.textBaseline = "alphabetic"
    let written = -Infinity // the right end of the last label
    for (const m of shown.turns) {
      const bar = this.barOf(m, shown.range)
      const x = edge + bar.left * ratio
      const width = bar.width * ratio
      if (x > right || x + width < edge) continue
      const { turn } = m
      const took = m.done ?? Math.max(0, turn.toUS - m.startUS)
      const y = Math.min(top(took), floor - ratio)
      const isSelected = turn.n === shown.selected
      ctx.fillStyle = palette.of(turn.state === "failed" ? "error" : turn.state === "cut" ? "border-strong" : "bar")
      ctx.strokeStyle = isSelected ? palette.of("accent") : ctx.fillStyle
      ctx.lineWidth = (isSelected ? 2 : 1) * ratio
      ctx.globalAlpha = turn.state === "failed" || turn.state === "cut" ? 0.45 : 1
      const isOutlined = isForced || isSelected
      if (!isOutlined && bar.width < leastRound) ctx.fillRect(x, y, width, floor - y)
      else {
        ctx.beginPath()
        ctx.roundRect(x, y, width, floor - y, [Math.min(2 * ratio, width / 2), Math.min(2 * ratio, width / 2), 0, 0])
        if (!isForced) ctx.fill()
      }
      ctx.globalAlpha = 1
      if (isOutlined) ctx.stroke()
      const wait = first(m)
      if (wait !== null) {
        const foot = Math.min(top(wait), floor - 2 * ratio)
        ctx.fillStyle = palette.of(isSlow(wait, shown.usual.first) ? "warn" : "accent-fill")
        ctx.fillRect(x, foot, wait > took ? width / 2 : width, floor - foot) // a first word counts from the speech, its end from the last frame
      }
      if (bar.width < leastName && !isSelected) continue
      const text = `#${turn.n}`
      const half = ctx.measureText(text).width / 2
      const middle = x + width / 2
      const isNamed = width >= half || isSelected
      if (isNamed && middle - half > written + 4 * ratio && middle - half >= edge && middle + half <= right) {
        ctx.fillStyle = palette.of("text-2")
        ctx.fillText(text, middle, y - 4 * ratio)
        written = middle + half
      }
    }
    ctx.restore()
  }

  // drawBytes draws what was received above the line, and what was sent below it.
  private drawBytes(u: uPlot): void {
    const { shown, palette } = this
    if (!shown) return
    const { series } = shown
    const { ctx } = u
    const { ratio, left, right } = frameOf(u)
    const zero = u.valToPos(0, "y", true)
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, 0, right - left, ctx.canvas.height)
    ctx.clip()
    for (const [values, name, way] of [[series.receivedBytes, "received", 1], [series.sentBytes, "sent", -1]] as const) {
      const { values: columns, of } = coarser(values, mostColumns)
      const long = series.stepUS * of
      ctx.fillStyle = palette.of(name)
      columns.forEach((bytes, index) => {
        if (bytes === 0) return
        const x = u.valToPos(series.fromUS + index * long, "x", true)
        const end = u.valToPos(series.fromUS + (index + 1) * long, "x", true)
        const tall = Math.max(2 * ratio, Math.abs(u.valToPos((way * bytes * 1e6) / long, "y", true) - zero))
        ctx.fillRect(x, way > 0 ? zero - tall : zero, Math.max(ratio, end - x - Math.max(ratio, (end - x) * 0.18)), tall)
      })
    }
    ctx.restore()
  }

  private font(ratio: number): string {
    return `${labelSize * ratio}px ${this.palette.font}`
  }

  // name tells in words what a chart shows.
  private name({ range, turns, timeOf }: Charted): void {
    const step = fineStep(range.toUS - range.fromUS)
    const part = { from: timeOf(range.fromUS, step), to: timeOf(range.toUS, step) }
    for (const chart of chartNames) this.hosts[chart].setAttribute("aria-label", say(`timing.chart.${chart}.label`, { ...part, turns: turns.length }))
  }
}

// frameOf returns the place of a plot on its canvas, in pixels of the device.
function frameOf(u: uPlot): { ratio: number; left: number; right: number } {
  return { ratio: uPlot.pxRatio, left: u.bbox.left, right: u.bbox.left + u.bbox.width }
}

const labelRoom = 14 // px above the highest tick or bar

// scaleOf is a scale from 0 with room for a label above.
function scaleOf(name: ChartName, largest: number, ticks: readonly number[], write: (at: number) => string): Scale {
  const height = heights[name]
  const most = (Math.max(largest, ticks.at(-1) ?? 0) * height) / (height - labelRoom)
  return { least: 0, most: most || 1, ticks: ticks.map((at) => ({ at, text: write(at) })) }
}

function durationScale(name: ChartName, largest: number): Scale {
  return scaleOf(name, largest, durationTicks(largest), (at) => short(lasted(at)))
}

// short leaves out a tenth that is none: 5 s for 5.0 s.
function short(text: string): string {
  return text.replace(".0 ", " ")
}

const leastPart = 0.18 // of the height, for the smaller direction

// bytesScale has room below 0 for what was sent.
function bytesScale(received: number, sent: number): Scale {
  const ticks = received >= sent ? valueTicks(received).slice(-1) : valueTicks(sent).slice(-1).map((at) => -at)
  const { most: above } = scaleOf("bytes", received, [], String)
  const below = sent * 1.05
  const most = Math.max(received > 0 ? above : 0, (below * leastPart) / (1 - leastPart), 1)
  const least = -Math.max(below, (most * leastPart) / (1 - leastPart))
  return { least, most, ticks: ticks.map((at) => ({ at, text: `${short(size(Math.abs(at)))}/s` })) }
}
