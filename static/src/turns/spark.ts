// The course of the gaps between the messages of a turn, with the tallest marked.

import { lasted, say } from "../text"
import { element, type Component } from "../ui"
import type { Gaps } from "../wire"
import { isSlow } from "./figures"

const svg = "http://www.w3.org/2000/svg"
const width = 120 // units of the picture
const height = 20

export interface Course {
  gaps: Gaps | null
  medianUS: number // of the session
}

export class Spark implements Component<Course> {
  readonly element = element("button", { type: "button", class: "turn-spark", "data-testid": "turn-spark" })
  private readonly line = document.createElementNS(svg, "polyline")
  private readonly tallest = document.createElementNS(svg, "path")
  private drawn = ""

  constructor() {
    const picture = document.createElementNS(svg, "svg")
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`)
    picture.setAttribute("preserveAspectRatio", "none")
    picture.setAttribute("aria-hidden", "true")
    const base = document.createElementNS(svg, "path")
    base.setAttribute("class", "base")
    base.setAttribute("d", `M0 ${height - 0.5}H${width}`)
    this.tallest.setAttribute("class", "tallest")
    picture.append(base, this.line, this.tallest)
    this.element.append(picture)
  }

  update({ gaps, medianUS }: Course): void {
    const series = gaps?.series ?? []
    this.element.hidden = series.length < 2
    if (!gaps || series.length < 2) return
    const key = `${series.length} ${series.at(-1)} ${gaps.maxUS} ${gaps.p50US} ${medianUS}`
    if (key === this.drawn) return
    this.drawn = key
    const highest = Math.max(...series, 1)
    const points = series.map((gap, index) => `${((index * width) / (series.length - 1)).toFixed(1)},${(height - 1 - (gap / highest) * (height - 3)).toFixed(1)}`)
    this.line.setAttribute("points", points.join(" "))
    const at = series.indexOf(highest)
    this.tallest.setAttribute("d", `M${((at * width) / (series.length - 1)).toFixed(1)} ${height - 1}V2`)
    this.element.classList.toggle("slow", isSlow(gaps.maxUS, medianUS))
    const title = say("turns.spark", { median: lasted(gaps.p50US), largest: lasted(gaps.maxUS) })
    this.element.title = title
    this.element.setAttribute("aria-label", title)
  }

  destroy(): void {
    this.element.remove()
  }
}
