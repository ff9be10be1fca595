// The picture of a sound in a player: bars, of which the played part is coloured.

import type { LevelTrack } from "./levels"

export interface Pictured {
  track: LevelTrack | null
  length: number // ms
  cut: number | null // ms at which it was interrupted
}

const svg = "http://www.w3.org/2000/svg"
const bars = 130
const width = 4 // units of one bar
const height = 34

export class Wave {
  readonly element = document.createElementNS(svg, "svg")
  private readonly all = document.createElementNS(svg, "path")
  private readonly played = document.createElementNS(svg, "path")
  private readonly mark = document.createElementNS(svg, "path")
  private drawn = ""

  constructor() {
    this.element.setAttribute("class", "strip-wave")
    this.element.setAttribute("preserveAspectRatio", "none")
    this.element.setAttribute("aria-hidden", "true")
    this.element.setAttribute("viewBox", `0 0 ${bars * width} ${height}`)
    this.all.setAttribute("class", "strip-bars")
    this.played.setAttribute("class", "strip-played")
    this.mark.setAttribute("class", "strip-cut")
    this.element.append(this.all, this.played, this.mark)
    this.update({ track: null, length: 0, cut: null })
  }

  update({ track, length, cut }: Pictured): void {
    const key = `${track?.size ?? 0} ${length} ${cut}`
    if (key === this.drawn) return
    this.drawn = key
    const path = pathOf(track, length)
    this.all.setAttribute("d", path)
    this.played.setAttribute("d", path)
    const at = cut !== null && length > 0 ? (Math.min(cut, length) / length) * bars * width : -1
    this.mark.setAttribute("d", at < 0 ? "" : `M${at} 0V${height}`)
  }

  destroy(): void {
    this.element.remove()
  }
}

function pathOf(track: LevelTrack | null, length: number): string {
  const tall = Array.from({ length: bars }, (_, at) => (track && length > 0 ? track.peak({ from: (length * at) / bars, to: (length * (at + 1)) / bars }) : 0))
  const loudest = Math.max(0.05, ...tall)
  return tall.map((peak, at) => {
    const high = Math.max(2, (peak / loudest) * (height - 4))
    return `M${at * width + width / 2} ${(height - high) / 2}v${high}`
  }).join("")
}
