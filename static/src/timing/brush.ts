// The strip of the whole session, and the brush that selects a part of it.

import { say } from "../text"
import { element, type Component } from "../ui"
import { fineStep } from "./axis"
import { between, isWhole, length, moved, withEdge, within, zoomed, type Range } from "./range"

export interface Brushed {
  all: Range
  range: Range
  // amounts has the messages of each step of the whole.
  amounts: readonly number[]
}

export interface BrushDeps {
  // changed runs while a person moves the brush.
  changed(range: Range): void
  // reset runs when the whole session was asked for.
  reset(): void
  // timeOf formats a time for the scale of a range.
  timeOf(us: number, stepUS: number): string
}

type Grip = "window" | "from" | "to"

const svg = "http://www.w3.org/2000/svg"
const height = 40 // units of the picture
const move = 0.1 // of the brushed part, by an arrow key
const edgeMove = 0.01 // of the session, likewise
const zoom = 1.5
const leastDrag = 3 // px

export class Brush implements Component<Brushed> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly area = document.createElementNS(svg, "path")
  private readonly line = document.createElementNS(svg, "path")
  private readonly grips: Record<Grip, HTMLElement>
  private shown: Brushed = { all: { fromUS: 0, toUS: 1 }, range: { fromUS: 0, toUS: 1 }, amounts: [] }

  constructor(private readonly deps: BrushDeps) {
    const { signal } = this.stop
    const picture = document.createElementNS(svg, "svg")
    picture.setAttribute("preserveAspectRatio", "none")
    picture.setAttribute("aria-hidden", "true")
    picture.setAttribute("viewBox", `0 0 1 ${height}`)
    this.area.setAttribute("class", "strip-area")
    this.line.setAttribute("class", "strip-line")
    picture.append(this.area, this.line)
    this.grips = { window: grip("window", "brush-window"), from: grip("from", "brush-edge"), to: grip("to", "brush-edge") }
    this.element = element("div", { class: "timing-strip", role: "group", "aria-label": say("timing.brush"), "data-testid": "timing-brush", title: say("timing.brush.help") })
    this.element.append(picture, this.grips.window, this.grips.from, this.grips.to)
    this.element.addEventListener("pointerdown", (event) => this.grab(event), { signal })
    this.element.addEventListener("dblclick", () => deps.reset(), { signal })
    this.element.addEventListener("keydown", (event) => this.key(event), { signal })
  }

  update(shown: Brushed): void {
    const isOther = shown.amounts !== this.shown.amounts
    this.shown = shown
    if (isOther) this.drawAmounts(shown.amounts)
    this.draw()
  }

  focus(): void {
    this.grips.window.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private draw(): void {
    const { all, range } = this.shown
    const share = (us: number) => String((us - all.fromUS) / Math.max(1, length(all)))
    this.element.style.setProperty("--from", share(range.fromUS))
    this.element.style.setProperty("--to", share(range.toUS))
    this.element.dataset.whole = String(isWhole(range, all))
    const step = fineStep(length(range))
    const text = (us: number) => this.deps.timeOf(us, step)
    const values = { from: text(range.fromUS), to: text(range.toUS) }
    this.tell("window", range.fromUS, all.fromUS, Math.max(all.fromUS, all.toUS - length(range)), say("timing.brush.part", values))
    this.tell("from", range.fromUS, all.fromUS, range.toUS, values.from)
    this.tell("to", range.toUS, range.fromUS, all.toUS, values.to)
  }

  // tell writes the values of a slider, in ms of the session.
  private tell(name: Grip, us: number, least: number, most: number, text: string): void {
    const { all } = this.shown
    const grip = this.grips[name]
    const ms = (at: number) => String(Math.round((at - all.fromUS) / 1000))
    grip.setAttribute("aria-valuemin", ms(least))
    grip.setAttribute("aria-valuemax", ms(most))
    grip.setAttribute("aria-valuenow", ms(us))
    grip.setAttribute("aria-valuetext", text)
  }

  private drawAmounts(amounts: readonly number[]): void {
    const most = Math.max(1, ...amounts)
    const points = amounts.map((amount, index) => `${((index + 0.5) / amounts.length).toFixed(5)} ${(height - (amount / most) * (height - 4)).toFixed(2)}`)
    const line = points.length > 0 ? `M${points.join("L")}` : ""
    this.line.setAttribute("d", line)
    this.area.setAttribute("d", line && `M0 ${height}L${points.join("L")}L1 ${height}Z`)
  }

  private grab(event: PointerEvent): void {
    if (event.button !== 0) return
    const { all, range } = this.shown
    const target = (event.target as Element).closest<HTMLElement>("[data-grip]")
    const isWindow = target?.dataset.grip === "window" && !isWhole(range, all)
    const edge = target?.dataset.grip === "from" || target?.dataset.grip === "to" ? target.dataset.grip : null
    const drag = new AbortController()
    const signal = AbortSignal.any([drag.signal, this.stop.signal])
    const begin = this.at(event)
    let dragged = false
    this.element.setPointerCapture(event.pointerId)
    this.element.addEventListener("pointermove", (next) => {
      dragged ||= Math.abs(next.clientX - event.clientX) >= leastDrag
      if (!dragged) return
      const at = this.at(next)
      if (edge) this.deps.changed(withEdge(range, edge, at, all))
      else this.deps.changed(isWindow ? moved(range, at - begin, all) : between(begin, at, all))
    }, { signal })
    this.element.addEventListener("pointerup", () => {
      drag.abort()
      const isOutside = !target && !isWhole(range, all)
      if (!dragged && isOutside) this.deps.changed(moved(range, begin - (range.fromUS + range.toUS) / 2, all))
    }, { signal })
    this.element.addEventListener("pointercancel", () => drag.abort(), { signal })
  }

  private at(event: PointerEvent): number {
    const { left, width } = this.element.getBoundingClientRect()
    const { all } = this.shown
    return all.fromUS + ((event.clientX - left) / Math.max(1, width)) * length(all)
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const name = (event.target as Element).closest<HTMLElement>("[data-grip]")?.dataset.grip
    const next = this.after(event.key, event.shiftKey, name === "from" || name === "to" ? name : null)
    if (!next) return
    event.preventDefault()
    const range = within(next, this.shown.all)
    this.shown = { ...this.shown, range } // the next key may come before the next frame
    if (isWhole(range, this.shown.all)) this.deps.reset()
    else this.deps.changed(range)
  }

  private after(key: string, isLarge: boolean, edge: "from" | "to" | null): Range | null {
    const { all, range } = this.shown
    const by = edge ? length(all) * edgeMove * (isLarge ? 10 : 1) : length(range) * move * (isLarge ? 5 : 1)
    const shift = (way: number) => (edge ? withEdge(range, edge, (edge === "from" ? range.fromUS : range.toUS) + way * by, all) : moved(range, way * by, all))
    switch (key) {
      case "ArrowLeft":
      case "ArrowDown":
        return shift(-1)
      case "ArrowRight":
      case "ArrowUp":
        return shift(1)
      case "PageUp":
        return shift(5)
      case "PageDown":
        return shift(-5)
      case "Home":
        return shift(-Infinity)
      case "End":
        return shift(Infinity)
      case "+":
      case "=":
        return zoomed(range, 1 / zoom, all)
      case "-":
        return zoomed(range, zoom, all)
      case "0":
        return all
      case "Escape":
        return isWhole(range, all) ? null : all
    }
    return null
  }
}

function grip(name: Grip, look: string): HTMLElement {
  return element("div", { class: look, role: "slider", tabindex: 0, "data-grip": name, "data-testid": `timing-brush-${name}`, "aria-label": say(`timing.brush.${name}`), "aria-orientation": "horizontal" })
}
