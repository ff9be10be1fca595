// One message from its row to the screen: fetched, understood, shown in the view that
// a person prefers, searched.

import { say, size } from "../text"
import { element } from "../ui"
import type { Row } from "../wire"
import { JobError, Workshop, type Hits, type Progress } from "../worker"
import { Bar } from "./bar"
import { bodyOf, kindOf, maxBytesOf, views, viewsOf, whyNot, type Body, type View } from "./body"
import { asMessage, copyView, fileName, slotOf, type SavedType } from "./copy"
import { explain } from "./explain"
import { factsTable } from "./facts"
import { Notice } from "./notice"
import { Stage } from "./stage"

const heavy = 1 << 20 // bytes that keep the worker busy for longer than its start takes
const patience = 150 // ms without a body until its progress is shown
const noHits: Hits = { from: new Uint32Array(0), length: 0 }

export interface DetailDeps {
  bodyURL(seq: number): string
  saveAsMessage(text: string, type: SavedType): void
  // sendAgain sends the message once more; blocked says why it cannot be, or null.
  sendAgain(row: Row): void
  blocked(row: Row): string | null
  nonce: string
  // leave gives the focus back to where the message was chosen.
  leave?(): void
  // close hides the pane; without it there is no button for that.
  close?(): void
}

export interface Detail {
  // show opens a message, with what to find in it.
  show(row: Row | null, find?: string): void
  // allow looks again whether the message can be sent once more.
  allow(): void
  destroy(): void
}

// DetailPane shows one message at a time; what belongs to an older one is dropped.
export class DetailPane implements Detail {
  private stop = new AbortController()
  private workshop = new Workshop()
  private stage = new Stage(this.workshop)
  private notice = new Notice()
  private bar: Bar
  private body: Body | null = null
  private preferred = new Map<string, View>() // by kind of content: what a person chose
  private number = 0 // of the message that is being opened
  private size = 0 // of its payload
  private row: Row | null = null
  private hits = noHits
  private current = -1
  private progress = element("progress", { class: "detail-progress", "aria-label": say("detail.loading"), max: 1, hidden: true })
  private resized = new ResizeObserver(() => this.relay())

  constructor(private readonly host: HTMLElement, private readonly deps: DetailDeps) {
    host.classList.add("detail")
    host.dataset.testid ??= "detail"
    this.bar = this.makeBar()
    host.append(this.bar.element, this.notice.element, this.progress, this.stage.element)
    this.resized.observe(this.stage.element)
    host.addEventListener("keydown", (event) => this.key(event), { signal: this.stop.signal })
    this.show(null)
  }

  show(row: Row | null, find = ""): void {
    this.bar.hand(find)
    if (this.size > heavy) this.workshop.drop()
    this.number++
    this.size = row?.size ?? 0
    this.row = row
    this.clear()
    this.host.dataset.seq = row ? String(row.seq) : ""
    if (!row) return
    this.bar.describe(row)
    this.allow()
    if (row.direction === "event") this.stage.showFacts(factsTable(row))
    else void this.load(row, false)
  }

  allow(): void {
    const { row } = this
    this.bar.allowAgain(row && row.direction !== "event" ? this.deps.blocked(row) : undefined)
  }

  destroy(): void {
    this.number++
    this.stop.abort()
    this.resized.disconnect()
    this.workshop.stop()
    this.stage.destroy()
    this.host.replaceChildren()
  }

  private makeBar(): Bar {
    const actions = {
      choose: (view: View) => this.choose(view),
      refuse: (why: string) => this.notice.say(why),
      find: () => void this.find(),
      step: (by: 1 | -1) => this.step(by),
      openAll: () => this.stage.tree?.openAll(),
      closeAll: () => this.stage.tree?.closeAll(),
      wrap: () => this.toggleWrap(),
      copy: () => void this.copy(),
      save: () => this.save(),
      again: () => this.again(),
      close: this.deps.close && (() => this.deps.close?.()),
    }
    return new Bar(actions, this.stop.signal)
  }

  // Where nothing is typed, a digit chooses a view.
  private key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
    const view = event.target instanceof HTMLInputElement ? undefined : views[Number(event.key) - 1]
    if (event.key === "Escape") this.deps.leave?.()
    else if (view) this.bar.press(view)
    else return
    event.preventDefault()
  }

  private clear(): void {
    this.body = null
    this.stage.clear()
    this.progress.hidden = true
    this.progress.value = 0
    this.notice.hush()
    this.hits = noHits
    this.current = -1
    this.bar.describe(null)
    this.bar.show(null)
    this.bar.unlink()
    this.bar.allowSave(false)
    this.bar.offer(() => say("detail.no.message"))
    this.mark()
  }

  private async load(row: Row, all: boolean): Promise<void> {
    const mine = this.number
    const isMine = (): boolean => mine === this.number
    const waiting = window.setTimeout(() => { if (isMine()) this.progress.hidden = false }, patience)
    const { seq, size, opcode } = row
    this.bar.link(this.deps.bodyURL(seq), fileName(row))
    const body = { url: this.deps.bodyURL(seq), max: maxBytesOf(size, all) }
    try {
      const opened = await this.workshop.run("open", { body, size, opcode }, (progress) => { if (isMine()) this.showStart(progress) })
      if (isMine()) await this.present(bodyOf(row, opened))
    } catch (error) {
      if (isMine()) this.fail(row, error)
    } finally {
      window.clearTimeout(waiting)
      if (isMine()) this.progress.hidden = true
    }
  }

  // showStart shows the beginning of a large body.
  private showStart({ received, start }: Progress): void {
    this.progress.value = received / this.size
    if (!start || start.content.kind === "image" || start.content.kind === "audio" || start.content.kind === "packed") return
    this.stage.showStart(start)
    this.bar.show(this.stage.view)
  }

  private async present(body: Body): Promise<void> {
    this.body = body
    const { row, content, wire } = body
    this.bar.describe(row, row.size > 0 ? kindOf(content) : "")
    this.bar.offer((view) => whyNot(view, body))
    this.bar.allowSave(row.opcode === "text" && row.size > 0 && wire.length >= row.size)
    this.explain(body)
    const offered = viewsOf(body)
    const wanted = this.preferred.get(content.kind)
    const best = offered.find((view) => view === wanted) ?? offered[0]
    if (best) await this.open(best)
    else this.stage.ready()
  }

  private explain(body: Body): void {
    const { row, wire } = body
    const sentences = explain(body)
    if (wire.length >= row.size) return this.notice.say(...sentences)
    this.notice.say(...sentences, say("detail.beginning", { held: size(wire.length), whole: size(row.size) }))
    this.notice.offer("detail.load_all", () => this.loadAll(row))
  }

  private loadAll(row: Row): void {
    this.number++
    this.clear()
    this.bar.describe(row)
    void this.load(row, true)
  }

  private fail(row: Row, error: unknown): void {
    this.stage.clear()
    this.notice.say(say("detail.failed", { why: whyOf(error) }))
    this.notice.offer("detail.again", () => this.show(row))
  }

  private choose(view: View): void {
    if (!this.body) return
    this.preferred.set(this.body.content.kind, view)
    this.explain(this.body)
    void this.open(view)
  }

  private async open(view: View): Promise<void> {
    if (!this.body) return
    this.bar.show(view)
    if (await this.stage.open(view, this.body)) await this.find()
  }

  private relay(): void {
    if (this.stage.takeWidth()) void this.open(this.stage.view)
  }

  private toggleWrap(): void {
    this.stage.wrap = !this.stage.wrap
    this.bar.showWrap(this.stage.wrap)
    void this.open(this.stage.view)
  }

  private async find(): Promise<void> {
    const { query } = this.bar
    const { body, stage } = this
    const { view } = stage
    if (!body || query === "" || !stage.isSearchable) return this.showFound(noHits)
    const hits = await this.workshop.run("find", { slot: slotOf(view), query, fold: true }).catch(() => noHits)
    if (body !== this.body || view !== stage.view || query !== this.bar.query) return
    this.showFound(hits)
    if (hits.from.length === 0 && query === this.bar.handed) await this.findElsewhere(body, query)
  }

  // findElsewhere looks where what the log found can be, when it is not in this view:
  // what was indented reads differently, and a very large body is not here whole.
  private async findElsewhere(body: Body, query: string): Promise<void> {
    const { view } = this.stage
    const hits = view === "pretty" ? await this.workshop.run("find", { slot: "raw", query, fold: true }).catch(() => noHits) : noHits
    if (body !== this.body || view !== this.stage.view) return
    if (hits.from.length > 0) return this.open("raw")
    if (!body.whole) this.loadAll(body.row)
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
    this.stage.show(this.hits, this.current)
    this.bar.showFound(this.hits, this.current, this.body !== null)
  }

  private async copy(): Promise<void> {
    if (!this.body) return
    try {
      await copyView(this.workshop, this.stage)
    } catch {
      return this.notice.say(say("detail.copy_failed"))
    }
    this.bar.showCopied()
  }

  private again(): void {
    const { row } = this
    const blocked = row && this.deps.blocked(row)
    if (blocked) this.notice.say(blocked)
    else if (row) this.deps.sendAgain(row)
  }

  private save(): void {
    if (!this.body) return
    const { text, type } = asMessage(this.body)
    this.deps.saveAsMessage(text, type)
  }
}

function whyOf(error: unknown): string {
  if (!(error instanceof JobError)) return ""
  return error.code === "unreachable" ? say("page.error.unreachable") : error.code === "refused" ? error.message : ""
}
