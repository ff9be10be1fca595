// Images and sound inside a body: in base64 in its JSON, or its own samples. Each is shown
// above the text and decoded in the worker.

import { say } from "../text"
import { soundText } from "../log"
import { element, iconButton } from "../ui"
import type { Row } from "../wire"
import type { Medium, Workshop } from "../worker"
import { imageOf, playerOf, type Media } from "./media"

const atOnce = 3 // decoded without being asked for
const largest = 2 << 20 // characters of base64 decoded without being asked for

interface Part {
  from: number
  to: number
  isBase64: boolean
  medium: Pick<Medium, "name" | "kind" | "type">
}

export class Enclosed {
  readonly element = element("div", { class: "detail-media", hidden: true, "data-testid": "detail-media" })
  private shown: Media[] = []
  private drawing = 0

  constructor(private readonly workshop: Workshop, private readonly signal: AbortSignal) {}

  clear(): void {
    this.drawing++
    for (const media of this.shown) media.destroy()
    this.shown = []
    this.element.replaceChildren()
    this.element.hidden = true
  }

  // show shows the media found in a body.
  show(row: Row, found: readonly Medium[]): void {
    this.draw(row, found.map((medium) => ({ from: medium.from, to: medium.to, isBase64: true, medium })))
  }

  // showSamples shows a body that is sound without a header.
  showSamples(row: Row, length: number): void {
    this.draw(row, [{ from: 0, to: length, isBase64: false, medium: { name: "", kind: "samples", type: "audio/wav" } }])
  }

  private draw(row: Row, parts: readonly Part[]): void {
    this.clear()
    this.element.hidden = parts.length === 0
    const { drawing } = this
    for (const [i, part] of parts.entries()) {
      const place = element("div", { class: "enclosed" })
      const { name, kind } = part.medium
      const label = name || say(`detail.enclosed.${kind}`)
      this.element.append(place)
      if (i < atOnce && part.to - part.from <= largest) {
        place.append(element("code", {}, label))
        void this.load(row, part, place, drawing)
        continue
      }
      const button = iconButton("play", say("detail.enclosed.show", { name: label }), { class: "tool low" })
      button.addEventListener("click", () => {
        button.remove()
        void this.load(row, part, place, drawing)
      }, { signal: this.signal })
      place.append(element("code", {}, label), button)
    }
  }

  private async load(row: Row, { from, to, isBase64, medium }: Part, place: HTMLElement, drawing: number): Promise<void> {
    const samples = medium.kind === "samples" ? row.sound : null
    const made = await this.workshop.run("extract", { from, to, isBase64, type: medium.type, samples }).catch(() => null)
    if (drawing !== this.drawing) return
    if (!made) return place.append(element("span", { class: "quiet" }, samples ? soundText(samples) : say("detail.enclosed.damaged")))
    const { bytes, picture, sound } = made
    const media = medium.kind === "image" ? imageOf(bytes, medium.type, picture) : playerOf(bytes, medium.type, sound)
    this.shown.push(media)
    place.append(media.element)
    if (samples) media.element.querySelector("figcaption")?.replaceChildren(`${soundText(samples)} · ${samples.rate / 1000} kHz`)
  }
}
