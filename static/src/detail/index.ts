// The pane that shows one message in full.

import { element, iconButton, press, setText } from "../element"
import { count, size, stamp } from "../format"
import { icon } from "../icons"
import { say } from "../text"
import { visible } from "../visible"
import type { Row } from "../wire"
import type { Hits } from "../worker/find"
import type { Slot } from "../worker/protocol"
import { Workshop } from "../workshop"
import { fetchBody, understand, viewsOf, type Body, type Fetch, type View } from "./body"
import { factsTable } from "./facts"
import { HexRows, bytesAcross, hexText } from "./hex"
import { htmlPreview, imagePreview } from "./preview"
import { TextRows } from "./text"
import { TreeRows } from "./tree"

export type SavedType = "json" | "xml" | "html" | "text"

export interface DetailDeps {
  body: Fetch
  bodyURL(seq: number): string
  saveAsMessage(text: string, type: SavedType): void
  nonce: string
  // close hides the pane; without it there is no button for that.
  close?(): void
}

export interface Detail {
  show(row: Row | null): void
  destroy(): void
}

export function createDetail(host: HTMLElement, deps: DetailDeps): Detail {
  return new DetailPane(host, deps)
}

// Shown is what stands in the body now.
interface Shown {
  show?(hits: Hits, current: number): void
  destroy(): void
}

const views: readonly View[] = ["pretty", "tree", "raw", "hex", "preview"]
const unwrapped = 2000 // columns of a row that is not wrapped
const typingPause = 150
const noHits: Hits = { from: new Uint32Array(0), length: 0 }

class DetailPane implements Detail {
  private stop = new AbortController()
  private workshop = new Workshop()
  private body: Body | null = null
  private view: View = "raw"
  private preferred = new Map<string, View>() // by kind of content: what a person chose
  private shown: Shown | null = null
  private number = 0 // of the message that is being opened; what belongs to an older one is dropped
  private drawing = 0
  private wrap = true
  private hits = noHits
  private current = -1
  private timer = 0
  private width = 0

  private switch = element("div", { class: "switch", role: "group", "data-testid": "detail-view", "aria-label": say("detail.view") })
  private buttons = new Map<View, HTMLButtonElement>()
  private facts = element("p", { class: "detail-facts" })
  private notice = element("div", { class: "detail-notice", role: "status", hidden: true })
  private frame = element("div", { class: "detail-body", "data-testid": "detail-body" })
  private input = element("input", { type: "search", placeholder: say("detail.search"), "aria-label": say("detail.search"), spellcheck: "false", autocomplete: "off", "data-testid": "detail-search" })
  private found = element("span", { class: "find-count", role: "status" })
  private previous = iconButton("chevron-up", say("log.previous"))
  private next = iconButton("chevron-down", say("log.next"))
  private openAll = iconButton("unfold-vertical", say("detail.open_all"))
  private closeAll = iconButton("fold-vertical", say("detail.close_all"))
  private wrapping = iconButton("wrap-text", say("detail.wrap"), { "aria-pressed": "true" })
  private copying = iconButton("copy", say("detail.copy"), { "data-testid": "detail-copy" })
  private download = element("a", { class: "tool", "aria-label": say("detail.download"), title: say("detail.download"), "data-testid": "detail-download" }, icon("download"))
  private saving = iconButton("pencil-line", say("detail.save_as_message"), { "data-testid": "detail-save" })
  private resized = new ResizeObserver(() => this.rewrap())

  constructor(private readonly host: HTMLElement, private readonly deps: DetailDeps) {
    host.classList.add("detail")
    host.dataset.testid ??= "detail"
    for (const view of views) this.buttons.set(view, this.viewButton(view))
    this.switch.append(...this.buttons.values())
    const find = element("div", { class: "find" }, icon("search"), this.input, this.found, this.previous, this.next)
    const bar = element("div", { class: "detail-bar" }, this.switch, this.facts, find, this.openAll, this.closeAll, this.wrapping, this.copying, this.download, this.saving)
    if (deps.close) bar.append(this.closeButton())
    host.append(bar, this.notice, this.frame)
    this.listen()
    this.resized.observe(this.frame)
    this.show(null)
  }

  show(row: Row | null): void {
    this.workshop.drop()
    this.number++
    this.clear()
    this.host.dataset.seq = row ? String(row.seq) : ""
    if (!row) return
    this.describe(row)
    if (row.direction === "event") this.showEvent(row)
    else void this.load(row, false)
  }

  destroy(): void {
    this.number++
    this.stop.abort()
    this.resized.disconnect()
    this.workshop.stop()
    this.shown?.destroy()
    window.clearTimeout(this.timer)
    this.host.replaceChildren()
  }

  private viewButton(view: View): HTMLButtonElement {
    const button = element("button", { type: "button", "data-view": view, "aria-pressed": "false" }, say(`detail.view.${view}`))
    button.addEventListener("click", () => this.choose(view), { signal: this.stop.signal })
    return button
  }

  private closeButton(): HTMLButtonElement {
    const button = iconButton("x", say("detail.close"), { "data-testid": "detail-close" })
    button.addEventListener("click", () => this.deps.close?.(), { signal: this.stop.signal })
    return button
  }

  private listen(): void {
    const { signal } = this.stop
    const on = (button: HTMLElement, act: () => void): void => button.addEventListener("click", act, { signal })
    on(this.previous, () => this.step(-1))
    on(this.next, () => this.step(1))
    on(this.openAll, () => { if (this.shown instanceof TreeRows) this.shown.openAll() })
    on(this.closeAll, () => { if (this.shown instanceof TreeRows) this.shown.closeAll() })
    on(this.wrapping, () => this.toggleWrap())
    on(this.copying, () => void this.copy())
    on(this.saving, () => this.save())
    this.input.addEventListener("input", () => {
      window.clearTimeout(this.timer)
      this.timer = window.setTimeout(() => void this.find(), typingPause)
    }, { signal })
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      event.preventDefault()
      this.step(event.shiftKey ? -1 : 1)
    }, { signal })
  }

  private clear(): void {
    this.drawing++
    this.body = null
    this.setShown(null)
    this.hush()
    this.hits = noHits
    this.current = -1
    setText(this.facts, "")
    this.openAll.hidden = this.closeAll.hidden = true
    this.offer([])
    this.mark()
  }

  private describe(row: Row): void {
    const parts = [say(`log.${row.direction}`), `#${count(row.seq)}`]
    if (row.direction !== "event") parts.push(say(`detail.opcode.${row.opcode ?? "text"}`), size(row.size))
    parts.push(stamp(row.atUS))
    if (row.sender) parts.push(visible(row.sender))
    setText(this.facts, parts.join(" · "))
    this.facts.title = parts.join(" · ")
    this.facts.dataset.direction = row.direction
  }

  private showEvent(row: Row): void {
    this.frame.dataset.view = "facts"
    this.setShown({ destroy: () => {} }, factsTable(row))
  }

  private async load(row: Row, all: boolean): Promise<void> {
    const mine = this.number
    const waiting = window.setTimeout(() => { if (mine === this.number) this.say("detail.loading") }, 200)
    try {
      const bytes = await fetchBody(row, all, this.deps.body)
      if (mine !== this.number) return
      const body = await understand(row, bytes, this.workshop)
      window.clearTimeout(waiting)
      if (mine === this.number) await this.present(body)
    } catch (error) {
      if (mine === this.number) this.fail(row, error)
    } finally {
      window.clearTimeout(waiting)
    }
  }

  private async present(body: Body): Promise<void> {
    this.body = body
    this.hush()
    this.explain(body)
    const offered = viewsOf(body)
    this.offer(offered)
    const wanted = this.preferred.get(body.content.kind)
    const best = offered.find((view) => view === wanted) ?? offered[0]
    if (best) await this.open(best)
    else this.frame.dataset.ready = "1"
  }

  // explain says what a person should know before reading: why there is no better view.
  private explain({ row, bytes, whole, fault, content }: Body): void {
    if (content.kind === "empty") this.say("detail.empty")
    else if (!whole) this.offerRest(row, bytes.length)
    else if (fault && "line" in fault) this.say(`json.${fault.code}`, { line: count(fault.line), column: count(fault.column) })
    else if (fault) this.say(`markup.${fault.code}`, { name: visible(fault.name) })
  }

  private offerRest(row: Row, held: number): void {
    this.say("detail.beginning", { held: size(held), whole: size(row.size) })
    const button = element("button", { type: "button", class: "link" }, say("detail.load_all"))
    button.addEventListener("click", () => {
      this.number++
      this.clear()
      this.describe(row)
      void this.load(row, true)
    })
    this.notice.append(" ", button)
  }

  private fail(row: Row, error: unknown): void {
    this.say("detail.failed", { why: error instanceof Error ? error.message : "" })
    const button = element("button", { type: "button", class: "link" }, say("detail.again"))
    button.addEventListener("click", () => this.show(row))
    this.notice.append(" ", button)
  }

  private say(key: string, values?: Record<string, string>): void {
    this.notice.hidden = false
    this.notice.replaceChildren(say(key, values))
  }

  private hush(): void {
    this.notice.hidden = true
    this.notice.replaceChildren()
  }

  // offer enables the views there are; the others keep their place.
  private offer(offered: View[]): void {
    for (const [view, button] of this.buttons) {
      button.disabled = !offered.includes(view)
      press(button, false)
    }
    const { body } = this
    const some = body !== null && offered.length > 0
    const isText = some && body.row.opcode === "text" && body.whole
    for (const tool of [this.copying, this.input, this.wrapping]) tool.disabled = !some
    this.saving.disabled = !isText
    if (body) {
      this.download.href = this.deps.bodyURL(body.row.seq)
      this.download.download = fileName(body)
      this.download.removeAttribute("aria-disabled")
    } else {
      this.download.removeAttribute("href")
      this.download.setAttribute("aria-disabled", "true")
    }
  }

  private choose(view: View): void {
    if (!this.body) return
    this.preferred.set(this.body.content.kind, view)
    void this.open(view)
  }

  private async open(view: View): Promise<void> {
    const { body } = this
    const mine = ++this.drawing
    if (!body) return
    this.view = view
    for (const [name, button] of this.buttons) press(button, name === view)
    this.openAll.hidden = this.closeAll.hidden = view !== "tree"
    this.wrapping.hidden = view !== "pretty" && view !== "raw"
    delete this.frame.dataset.ready
    await this.draw(view, body, mine)
    if (mine !== this.drawing) return
    this.frame.dataset.view = view
    this.frame.dataset.ready = "1"
    await this.find()
  }

  private async draw(view: View, body: Body, mine: number): Promise<void> {
    if (view === "preview") return this.drawPreview(body)
    const scroller = element("div", { class: `scroller ${view}`, tabindex: 0, role: "region", "aria-label": say(`detail.view.${view}`) })
    if (view === "pretty" || view === "raw") return this.drawText(view, body, scroller, mine)
    this.setShown(null, scroller)
    this.width = this.frame.clientWidth
    if (view === "hex") this.shown = new HexRows(scroller, body.bytes, bytesAcross(this.frame.clientWidth))
    else if (body.tape) this.shown = new TreeRows(scroller, body.bytes, body.tape)
  }

  private drawPreview({ bytes, content }: Body): void {
    this.setShown(null, content.kind === "image" ? imagePreview(bytes, content.type) : htmlPreview(bytes))
  }

  private async drawText(slot: Slot, body: Body, scroller: HTMLElement, mine: number): Promise<void> {
    const lines = await this.workshop.run("lines", { slot, columns: this.columns() }).catch((error: unknown) => {
      if (mine === this.drawing) throw error
      return null // the worker was stopped for another message
    })
    if (!lines || mine !== this.drawing) return
    const bytes = slot === "pretty" && body.pretty ? body.pretty : body.bytes
    const language = slot === "raw" ? "plain" : body.content.kind === "json" ? "json" : "markup"
    this.setShown(null, scroller)
    this.shown = new TextRows(scroller, bytes, lines, language)
  }

  private setShown(shown: Shown | null, ...content: Node[]): void {
    this.shown?.destroy()
    this.shown = shown
    this.frame.replaceChildren(...content)
    if (content.length === 0) delete this.frame.dataset.ready
  }

  // columns is how many characters fit beside the widest gutter.
  private columns(): number {
    if (!this.wrap) return unwrapped
    const probe = element("span", { class: "probe" }, "0".repeat(100))
    this.frame.append(probe)
    const wide = probe.getBoundingClientRect().width / 100
    probe.remove()
    this.width = this.frame.clientWidth
    return Math.max(20, Math.floor((this.width - gutterRoom) / (wide || 8)))
  }

  private rewrap(): void {
    const { clientWidth } = this.frame
    const isText = this.wrap && (this.view === "pretty" || this.view === "raw") && Math.abs(clientWidth - this.width) >= 8
    const isHex = this.view === "hex" && bytesAcross(clientWidth) !== bytesAcross(this.width)
    if (!this.body || !this.frame.dataset.ready || clientWidth === 0 || !(isText || isHex)) return
    this.width = clientWidth
    void this.open(this.view)
  }

  private toggleWrap(): void {
    this.wrap = !this.wrap
    press(this.wrapping, this.wrap)
    void this.open(this.view)
  }

  private async find(): Promise<void> {
    const query = this.input.value
    const { body, drawing } = this
    if (!body || query === "" || !this.shown?.show) return this.showFound(noHits)
    const slot = this.view === "pretty" ? "pretty" : "raw"
    const hits = await this.workshop.run("find", { slot, query, fold: true }).catch(() => noHits)
    if (drawing === this.drawing && query === this.input.value) this.showFound(hits)
  }

  private showFound(hits: Hits): void {
    this.hits = hits
    this.current = hits.from.length > 0 ? 0 : -1
    this.mark()
  }

  private step(by: 1 | -1): void {
    const { length } = this.hits.from
    if (length === 0) return
    this.current = (this.current + by + length) % length
    this.mark()
  }

  private mark(): void {
    const { length } = this.hits.from
    this.shown?.show?.(this.hits, this.current)
    const none = this.input.value === "" || !this.body ? "" : "0"
    setText(this.found, length > 0 ? `${count(this.current + 1)}/${count(length)}` : none)
    this.previous.disabled = this.next.disabled = length === 0
  }

  private async copy(): Promise<void> {
    if (!this.body) return
    try {
      await navigator.clipboard.writeText(this.copied(this.body))
    } catch {
      return this.say("detail.copy_failed")
    }
    this.copying.classList.add("done")
    this.copying.setAttribute("aria-label", say("detail.copied"))
    window.setTimeout(() => {
      this.copying.classList.remove("done")
      this.copying.setAttribute("aria-label", say("detail.copy"))
    }, 1200)
  }

  private copied({ bytes, pretty }: Body): string {
    if (this.view === "hex") return hexText(bytes)
    const chosen = this.shown instanceof TreeRows ? this.shown.lexeme() : this.view === "pretty" && pretty ? pretty : bytes
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(chosen)
  }

  private save(): void {
    if (!this.body) return
    const { kind } = this.body.content
    const type: SavedType = kind === "json" || kind === "xml" || kind === "html" ? kind : "text"
    this.deps.saveAsMessage(new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.body.bytes), type)
  }
}

const gutterRoom = 84 // px of line numbers, blanks and the scroll bar

const endings: Readonly<Record<string, string>> = { json: "json", xml: "xml", html: "html", text: "txt", binary: "bin", empty: "txt" }

function fileName({ row, content }: Body): string {
  const ending = content.kind === "image" ? content.type.slice("image/".length) : endings[content.kind]
  return `message-${row.seq}.${ending ?? "bin"}`
}
