// What lies over the charts: one line under the pointer through all of them, the tip beside
// it, and the part that a drag selects.

import { element, type Component } from "../ui"

export interface HoverDeps {
  // tipAt returns the head and the lines of the tip at a place, in px from the left; null for
  // none.
  tipAt(x: number): { head: string; lines: readonly [string, string][] } | null
  // isTurnAt reports whether a click opens something there.
  isTurnAt(x: number): boolean
  clicked(x: number): void
  // selected runs after a drag.
  selected(fromX: number, toX: number): void
  reset(): void
}

const leastDrag = 4 // px
const beside = 14 // px from the line to the tip

export class Hover implements Component<void> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly line = element("div", { class: "plot-line", hidden: true })
  private readonly part = element("div", { class: "plot-part", hidden: true })
  private readonly tip = element("div", { class: "plot-tip", hidden: true, "data-testid": "timing-tip" })
  private x: number | null = null // of the pointer
  private y = 0
  private from: number | null = null // of the drag
  private isDragged = false

  constructor(private readonly deps: HoverDeps) {
    const { signal } = this.stop
    this.element = element("div", { class: "plot-hover", "aria-hidden": "true", "data-testid": "timing-charts" }, this.part, this.line, this.tip)
    const on = <K extends keyof HTMLElementEventMap>(name: K, run: (event: HTMLElementEventMap[K]) => void) => this.element.addEventListener(name, run, { signal })
    on("pointerdown", (event) => this.down(event))
    on("pointermove", (event) => this.move(event))
    on("pointerup", (event) => this.up(event))
    on("pointercancel", () => this.leave())
    on("pointerleave", () => this.leave())
    on("dblclick", () => deps.reset())
  }

  // update draws the tip again: the figures below it have changed.
  update(): void {
    if (this.x !== null) this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return
    this.place(event)
    this.from = this.x
    this.isDragged = false
    this.element.setPointerCapture(event.pointerId)
  }

  private move(event: PointerEvent): void {
    this.place(event)
    if (this.from !== null && this.x !== null) this.isDragged ||= Math.abs(this.x - this.from) >= leastDrag
    this.draw()
  }

  private up(event: PointerEvent): void {
    this.place(event)
    const { from, x, isDragged } = this
    this.from = null
    this.isDragged = false
    this.draw()
    if (from === null || x === null) return
    if (isDragged) this.deps.selected(Math.min(from, x), Math.max(from, x))
    else this.deps.clicked(x)
  }

  private leave(): void {
    this.x = this.from = null
    this.draw()
  }

  private place(event: PointerEvent): void {
    const { left, top, width } = this.element.getBoundingClientRect()
    this.x = Math.max(0, Math.min(event.clientX - left, width))
    this.y = event.clientY - top
  }

  private draw(): void {
    const { x, from } = this
    const isDrag = from !== null && this.isDragged && x !== null
    this.part.hidden = !isDrag
    if (isDrag) {
      this.part.style.left = `${Math.min(from, x)}px`
      this.part.style.width = `${Math.abs(x - from)}px`
    }
    const tip = x === null || isDrag ? null : this.deps.tipAt(x)
    this.line.hidden = x === null
    this.tip.hidden = tip === null
    if (x === null) return
    this.line.style.left = `${x}px`
    this.element.dataset.turn = String(this.deps.isTurnAt(x))
    if (!tip) return
    this.tip.replaceChildren(element("b", {}, tip.head), ...tip.lines.map(([name, value]) => element("span", {}, name, element("i", {}, value))))
    const { offsetWidth, offsetHeight } = this.tip
    const { clientWidth, clientHeight } = this.element
    const left = x + beside + offsetWidth <= clientWidth ? x + beside : Math.max(0, x - beside - offsetWidth)
    this.tip.style.left = `${left}px`
    this.tip.style.top = `${Math.max(0, Math.min(this.y + beside, clientHeight - offsetHeight))}px`
  }
}
