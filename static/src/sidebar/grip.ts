// The right edge of the side list, which sets its width.

import { width, type Kept } from "./kept"

const step = 16 // px of an arrow key

export function startGrip(grip: HTMLElement, kept: Kept, signal: AbortSignal): void {
  function show(px: number): number {
    const shown = Math.round(Math.min(width.most, Math.max(width.least, px)))
    document.documentElement.style.setProperty("--side", `${shown}px`)
    grip.setAttribute("aria-valuenow", String(shown))
    return shown
  }

  grip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    grip.setPointerCapture(event.pointerId)
    const from = { x: event.clientX, width: kept.width }
    let now = from.width
    const dragging = new AbortController()
    const during = AbortSignal.any([dragging.signal, signal])
    grip.addEventListener("pointermove", (moved) => { now = show(from.width + moved.clientX - from.x) }, { signal: during })
    grip.addEventListener("lostpointercapture", () => {
      dragging.abort()
      kept.width = now
    }, { signal: during })
  }, { signal })
  grip.addEventListener("dblclick", () => { kept.width = show(width.usual) }, { signal })
  grip.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: kept.width - step, ArrowRight: kept.width + step, Home: width.least, End: width.most }[event.key]
    if (to === undefined) return
    event.preventDefault()
    kept.width = show(to)
  }, { signal })
  show(kept.width)
}
