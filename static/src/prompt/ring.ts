// The time that a service has for its answer, as a ring that fills.

import { say } from "../text"
import { element, setText, type Component } from "../ui"

export interface Wait {
  sinceUS: number // the mark, on the server's clock
  limitMS: number
}

const svg = "http://www.w3.org/2000/svg"
const warnFrom = 0.8 // of the limit

export class Ring implements Component<Wait | null> {
  readonly element: HTMLElement
  private readonly arc = document.createElementNS(svg, "circle")
  private readonly words = element("span", {})
  private wait: Wait | null = null

  constructor() {
    const picture = document.createElementNS(svg, "svg")
    picture.setAttribute("viewBox", "0 0 16 16")
    picture.setAttribute("aria-hidden", "true")
    const track = document.createElementNS(svg, "circle")
    for (const circle of [track, this.arc]) for (const [name, value] of [["cx", "8"], ["cy", "8"], ["r", "6"], ["pathLength", "1"]] as const) circle.setAttribute(name, value)
    track.setAttribute("class", "ring-track")
    this.arc.setAttribute("class", "ring-arc")
    picture.append(track, this.arc)
    this.element = element("span", { class: "ring", hidden: true, title: say("prompt.ring"), "data-testid": "request-ring" }, this.words)
    this.element.prepend(picture)
  }

  update(wait: Wait | null): void {
    this.wait = wait
    this.tick()
  }

  tick(): void {
    const { wait } = this
    this.element.hidden = wait === null
    if (!wait) return
    const passed = Math.max(0, Date.now() - wait.sinceUS / 1000)
    const share = Math.min(1, passed / wait.limitMS)
    this.arc.style.strokeDashoffset = String(1 - share)
    this.element.classList.toggle("near", share >= warnFrom)
    setText(this.words, say("prompt.ring_of", { passed: Math.floor(passed / 1000), limit: Math.round(wait.limitMS / 1000) }))
  }

  destroy(): void {
    this.element.remove()
  }
}
