// A divider between two parts: dragged by the pointer, moved by keys, remembered by the
// browser. It measures the part after it.

import type { Component } from "./component"

export interface Divided {
  area: HTMLElement // holds both parts, and gets the size as a CSS variable
  property: string // of the size in px
  key: string // in localStorage
  usual: number // px
  least: number // px
  // isAcross is true while the parts lie above each other.
  isAcross(): boolean
}

const step = 16 // px of an arrow key
const share = 0.6 // of the area that the measured part takes at most

// Split sets the size of the second of two parts. Its model is that size in px, 0 is the
// usual one.
export class Split implements Component<number> {
  private readonly stop = new AbortController()
  private size = 0

  constructor(readonly element: HTMLElement, private divided: Divided) {
    const { signal } = this.stop
    element.addEventListener("pointerdown", (event) => this.drag(event), { signal })
    element.addEventListener("keydown", (event) => this.key(event), { signal })
    element.addEventListener("dblclick", () => this.keep(this.whole / 2), { signal })
    window.addEventListener("resize", () => this.update(this.kept), { signal })
    this.update(this.kept)
  }

  // divide measures by other values, as those of another view.
  divide(divided: Partial<Divided>): void {
    this.divided = { ...this.divided, ...divided }
    this.update(this.kept)
  }

  update(size: number): void {
    const { area, property, least, usual } = this.divided
    this.element.setAttribute("aria-orientation", this.divided.isAcross() ? "horizontal" : "vertical")
    if (this.whole === 0) return
    const most = Math.max(least, this.whole * share)
    this.size = Math.round(Math.min(most, Math.max(least, size || (this.divided.isAcross() ? this.whole * 0.45 : usual))))
    area.style.setProperty(property, `${this.size}px`)
    this.element.setAttribute("aria-valuemin", String(least))
    this.element.setAttribute("aria-valuemax", String(Math.round(most)))
    this.element.setAttribute("aria-valuenow", String(this.size))
  }

  destroy(): void {
    this.stop.abort()
  }

  private get whole(): number {
    const { area } = this.divided
    return this.divided.isAcross() ? area.clientHeight : area.clientWidth
  }

  private get name(): string {
    return this.divided.isAcross() ? `${this.divided.key}.across` : this.divided.key
  }

  private get kept(): number {
    return Number(localStorage.getItem(this.name)) || 0
  }

  private keep(size: number): void {
    this.update(size)
    localStorage.setItem(this.name, String(this.size))
  }

  private key(event: KeyboardEvent): void {
    const [more, less] = this.divided.isAcross() ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"]
    const to = { [more as string]: this.size + step, [less as string]: this.size - step, Home: this.divided.least, End: this.whole }[event.key]
    if (to === undefined) return
    event.preventDefault()
    this.keep(to)
  }

  private drag(event: PointerEvent): void {
    if (event.button !== 0) return
    event.preventDefault()
    this.element.setPointerCapture(event.pointerId)
    const across = this.divided.isAcross()
    const at = (of: PointerEvent) => (across ? of.clientY : of.clientX)
    const from = { at: at(event), size: this.size }
    const dragging = new AbortController()
    const signal = AbortSignal.any([dragging.signal, this.stop.signal])
    this.element.addEventListener("pointermove", (moved) => this.update(from.size + from.at - at(moved)), { signal })
    this.element.addEventListener("lostpointercapture", () => {
      dragging.abort()
      if (this.size !== from.size) this.keep(this.size)
    }, { signal })
  }
}
