// The divider between composer and log: dragged by the pointer, moved by keys,
// remembered by the browser.

import type { Component } from "./component"

const key = "duplex.split"
const least = 10 // percent of the area
const most = 80
const usual = 30

export class Split implements Component<number> {
  private readonly stop = new AbortController()
  private share: number // percent

  constructor(readonly element: HTMLElement, private readonly area: HTMLElement) {
    const { signal } = this.stop
    this.share = Number(localStorage.getItem(key)) || usual
    element.addEventListener("pointerdown", (event) => this.drag(event), { signal })
    element.addEventListener("keydown", (event) => {
      const to = { ArrowUp: this.share - 2, ArrowDown: this.share + 2, Home: least, End: most }[event.key]
      if (to === undefined) return
      event.preventDefault()
      this.update(to)
      this.remember()
    }, { signal })
    element.addEventListener("dblclick", () => {
      this.update(usual)
      this.remember()
    }, { signal })
    this.update(this.share)
  }

  // update gives the composer a share of the area, in percent.
  update(share: number): void {
    this.share = Math.min(most, Math.max(least, share))
    this.area.style.setProperty("--split", `${this.share}%`)
    this.element.setAttribute("aria-valuenow", String(Math.round(this.share)))
    this.element.setAttribute("aria-valuemin", String(least))
    this.element.setAttribute("aria-valuemax", String(most))
  }

  destroy(): void {
    this.stop.abort()
  }

  private drag(event: PointerEvent): void {
    if (event.button !== 0) return
    event.preventDefault()
    this.element.setPointerCapture(event.pointerId)
    const box = this.area.getBoundingClientRect()
    const panel = document.getElementById("panels")?.getBoundingClientRect()
    const offset = event.clientY - (panel?.bottom ?? event.clientY)
    const top = panel?.top ?? box.top
    const dragging = new AbortController()
    const signal = AbortSignal.any([dragging.signal, this.stop.signal])
    this.element.addEventListener("pointermove", (moved) => this.update(((moved.clientY - offset - top) / box.height) * 100), { signal })
    this.element.addEventListener("lostpointercapture", () => {
      dragging.abort()
      this.remember()
    }, { signal })
  }

  private remember(): void {
    localStorage.setItem(key, this.share.toFixed(1))
  }
}
