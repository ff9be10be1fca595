// The area that shows one view of a body.

import { say } from "../text"
import { element } from "../ui"
import { cutLines, type BodyStart, type Hits, type Inside, type Workshop } from "../worker"
import type { Body, View } from "./body"
import { FieldsOutline } from "./fields"
import { bytesAcross, HexRows } from "./hex"
import { imageOf, playerOf } from "./media"
import { JSONOutline } from "./outline"
import { frameOf } from "./preview"
import { TextRows } from "./text"
import type { Language } from "./tint"
import { TreeRows } from "./tree"

// Shown is the content of the stage.
interface Shown {
  show?(hits: Hits, current: number): void
  destroy(): void
}

const unwrapped = 2000 // columns of a row that is not wrapped
const gutterRoom = 84 // px of line numbers, padding and the scroll bar

// Stage draws views of a body; the latest of overlapping drawings wins.
export class Stage {
  readonly element = element("div", { class: "detail-body", "data-testid": "detail-body" })
  view: View = "raw"
  wrap = true
  private body: Body | null = null
  private shown: Shown | null = null
  private newestDrawing = 0
  private width = 0
  private joined: Pick<Inside, "raw" | "pretty"> | null = null // places of the text that a turn joins
  private isStart = false // only the beginning of a body is shown

  constructor(private readonly workshop: Workshop) {}

  // tree is the shown tree, if any.
  get tree(): TreeRows | null {
    return this.shown instanceof TreeRows ? this.shown : null
  }

  // isSearchable reports whether the view can mark matches.
  get isSearchable(): boolean {
    return this.shown?.show !== undefined
  }

  clear(): void {
    this.newestDrawing++
    this.body = null
    this.joined = null
    this.set(null)
  }

  // markText marks the text that a turn joins, in each view of text.
  markText(joined: Pick<Inside, "raw" | "pretty">): void {
    this.joined = joined
    this.showJoined()
  }

  private showJoined(): void {
    const place = this.view === "pretty" ? this.joined?.pretty : this.joined?.raw
    if (place && this.shown instanceof TextRows) this.shown.markText(place)
  }

  // showFacts shows an event.
  showFacts(content: HTMLElement): void {
    this.element.dataset.view = "facts"
    this.set({ destroy: () => {} }, content)
    this.ready()
  }

  ready(): void {
    this.element.dataset.ready = "1"
  }

  // showStart shows the beginning of a body while the rest arrives.
  showStart({ content, bytes, pretty }: BodyStart): void {
    this.newestDrawing++
    this.view = pretty ? "pretty" : content.kind === "binary" ? "hex" : "raw"
    const scroller = scrollerOf(this.view)
    this.set(null, scroller)
    this.isStart = true
    this.element.dataset.view = this.view
    const columns = this.columns()
    if (this.view === "hex") this.shown = new HexRows(scroller, bytes, bytesAcross(this.width))
    else this.shown = new TextRows(scroller, pretty ?? bytes, cutLines(pretty ?? bytes, columns), pretty ? "json" : "plain")
  }

  // open draws a view; it returns false when another one was opened in the meantime.
  async open(view: View, body: Body): Promise<boolean> {
    const drawing = ++this.newestDrawing
    this.view = view
    this.body = body
    delete this.element.dataset.ready
    await this.draw(view, body, drawing)
    if (drawing !== this.newestDrawing) return false
    this.element.dataset.view = view
    this.ready()
    return true
  }

  show(hits: Hits, current: number): void {
    this.shown?.show?.(hits, current)
  }

  // takeWidth adopts the current width and reports whether the view must be laid out again.
  takeWidth(): boolean {
    const { clientWidth } = this.element
    const isText = this.wrap && (this.view === "pretty" || this.view === "raw") && Math.abs(clientWidth - this.width) >= 8
    const isHex = this.view === "hex" && bytesAcross(clientWidth) !== bytesAcross(this.width)
    if (!this.body || !this.element.dataset.ready || clientWidth === 0 || !(isText || isHex)) return false
    this.width = clientWidth
    return true
  }

  destroy(): void {
    this.newestDrawing++
    this.shown?.destroy()
  }

  private async draw(view: View, body: Body, drawing: number): Promise<void> {
    const scroller = scrollerOf(view)
    if (view === "preview") return this.drawPreview(body, scroller, drawing)
    if (view === "pretty" || view === "raw") return this.drawText(view, body, scroller, drawing)
    this.set(null, scroller)
    this.width = this.element.clientWidth
    if (view === "hex") this.shown = new HexRows(scroller, body.wire, bytesAcross(this.width))
    else if (body.tape) this.shown = new TreeRows(scroller, new (body.content.kind === "fields" ? FieldsOutline : JSONOutline)(body.raw, body.tape))
  }

  private async drawPreview({ content, raw, picture, sound }: Body, scroller: HTMLElement, drawing: number): Promise<void> {
    if (content.kind === "image" || content.kind === "audio") {
      const media = content.kind === "image" ? imageOf(raw, content.type, picture) : playerOf(raw, content.type, sound)
      scroller.append(media.element)
      return this.set(media, scroller)
    }
    const sealed = await this.awaited(this.workshop.run("preview", { kind: content.kind === "svg" ? "svg" : "html" }), drawing)
    if (sealed === null) return
    scroller.append(frameOf(sealed))
    this.set(null, scroller)
  }

  private async drawText(slot: "raw" | "pretty", body: Body, scroller: HTMLElement, drawing: number): Promise<void> {
    const lines = await this.awaited(this.workshop.run("lines", { slot, columns: this.columns() }), drawing)
    if (!lines) return
    const bytes = slot === "pretty" && body.pretty ? body.pretty : body.raw
    const top = this.startScroll(slot)
    this.set(null, scroller)
    this.shown = new TextRows(scroller, bytes, lines, slot === "raw" ? "plain" : languageOf(body))
    scroller.scrollTop = top
    this.showJoined()
  }

  // awaited returns the result of a job, or null when another drawing has begun; the worker
  // may then have been stopped.
  private async awaited<T>(job: Promise<T>, drawing: number): Promise<T | null> {
    try {
      const output = await job
      return drawing === this.newestDrawing ? output : null
    } catch (error) {
      if (drawing === this.newestDrawing) throw error
      return null
    }
  }

  // startScroll returns the scroll position of the beginning shown early in this view.
  private startScroll(view: View): number {
    return this.isStart && this.element.dataset.view === view ? (this.element.firstElementChild?.scrollTop ?? 0) : 0
  }

  private set(shown: Shown | null, ...content: Node[]): void {
    this.isStart = false
    this.shown?.destroy()
    this.shown = shown
    const focused = this.element.contains(document.activeElement)
    this.element.replaceChildren(...content)
    if (focused) this.element.querySelector<HTMLElement>("[tabindex]")?.focus()
    if (content.length === 0) delete this.element.dataset.ready
  }

  // columns returns the number of characters that fit beside the widest gutter.
  private columns(): number {
    if (!this.wrap) return unwrapped
    const probe = element("span", { class: "probe" }, "0".repeat(100))
    this.element.append(probe)
    const wide = probe.getBoundingClientRect().width / 100
    probe.remove()
    this.width = this.element.clientWidth
    return Math.max(20, Math.floor((this.width - gutterRoom) / (wide || 8)))
  }
}

function languageOf({ content }: Body): Language {
  switch (content.kind) {
    case "json": case "lines": return "json"
    case "events": return "events"
    default: return "markup"
  }
}

function scrollerOf(view: View): HTMLElement {
  return element("div", { class: `scroller ${view}`, tabindex: 0, role: "region", "aria-label": say(`detail.view.${view}`) })
}
