// One message from its row to the screen: fetched, understood, shown in the view that
// a person prefers, searched.

import { element } from "../element"
import { count, size } from "../format"
import { say } from "../text"
import { visible } from "../visible"
import type { Row } from "../wire"
import type { Hits } from "../worker/find"
import type { Early } from "../worker/protocol"
import { JobError, Workshop } from "../workshop"
import { Bar } from "./bar"
import { mostOf, viewsOf, type Body, type View } from "./body"
import { copied, decoded, fileName } from "./copy"
import { factsTable } from "./facts"
import type { Detail, DetailDeps, SavedType } from "./index"
import { Notice } from "./notice"
import { Stage } from "./stage"

const heavy = 1 << 20 // bytes that keep the worker busy for longer than its start takes
const patience = 150 // ms without a body until its progress is shown
const noHits: Hits = { from: new Uint32Array(0), length: 0 }

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
    this.show(null)
  }

  show(row: Row | null, find = ""): void {
    this.bar.hand(find)
    if (this.size > heavy) this.workshop.drop()
    this.number++
    this.size = row?.size ?? 0
    this.clear()
    this.host.dataset.seq = row ? String(row.seq) : ""
    if (!row) return
    this.bar.describe(row)
    if (row.direction === "event") this.stage.facts(factsTable(row))
    else void this.load(row, false)
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
      find: () => void this.find(),
      step: (by: 1 | -1) => this.step(by),
      openAll: () => this.stage.tree?.openAll(),
      closeAll: () => this.stage.tree?.closeAll(),
      wrap: () => this.toggleWrap(),
      copy: () => void this.copy(),
      save: () => this.save(),
      close: this.deps.close && (() => this.deps.close?.()),
    }
    return new Bar(actions, this.stop.signal)
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
    this.offer([])
    this.mark()
  }

  private async load(row: Row, all: boolean): Promise<void> {
    const mine = this.number
    const isMine = (): boolean => mine === this.number
    const waiting = window.setTimeout(() => { if (isMine()) this.progress.hidden = false }, patience)
    const { seq, size, opcode } = row
    const request = { url: this.deps.bodyURL(seq), most: mostOf(size, all) }
    try {
      const opened = await this.workshop.run("open", { request, size, opcode }, (early) => { if (isMine()) this.begin(early) })
      if (isMine()) await this.present({ ...opened, row })
    } catch (error) {
      if (isMine()) this.fail(row, error)
    } finally {
      window.clearTimeout(waiting)
      if (isMine()) this.progress.hidden = true
    }
  }

  // begin shows what is here of a large body.
  private begin({ got, head }: Early): void {
    this.progress.value = got / this.size
    if (!head || head.content.kind === "image") return
    this.stage.early(head)
    this.bar.show(this.stage.view)
  }

  private async present(body: Body): Promise<void> {
    this.body = body
    this.notice.hush()
    this.explain(body)
    const offered = viewsOf(body)
    this.offer(offered)
    const wanted = this.preferred.get(body.content.kind)
    const best = offered.find((view) => view === wanted) ?? offered[0]
    if (best) await this.open(best)
    else this.stage.ready()
  }

  // explain says what a person should know before reading: why there is no better view.
  private explain({ row, bytes, whole, fault, content }: Body): void {
    if (content.kind === "empty") this.notice.say("detail.empty")
    else if (!whole) this.offerRest(row, bytes.length)
    else if (fault && "line" in fault) this.notice.say(`json.${fault.code}`, { line: count(fault.line), column: count(fault.column) })
    else if (fault) this.notice.say(`markup.${fault.code}`, { name: visible(fault.name) })
  }

  private offerRest(row: Row, held: number): void {
    this.notice.say("detail.beginning", { held: size(held), whole: size(row.size) })
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
    this.notice.say("detail.failed", { why: whyOf(error) })
    this.notice.offer("detail.again", () => this.show(row))
  }

  private offer(offered: View[]): void {
    const { body } = this
    const some = body !== null && offered.length > 0
    this.bar.offer(offered)
    this.bar.allowSave(some && body.row.opcode === "text" && body.whole)
    if (body) this.bar.link(this.deps.bodyURL(body.row.seq), fileName(body))
    else this.bar.unlink()
  }

  private choose(view: View): void {
    if (!this.body) return
    this.preferred.set(this.body.content.kind, view)
    void this.open(view)
  }

  private async open(view: View): Promise<void> {
    if (!this.body) return
    this.bar.show(view)
    if (await this.stage.open(view, this.body)) await this.find()
  }

  private relay(): void {
    if (this.stage.outgrown()) void this.open(this.stage.view)
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
    if (!body || query === "" || !stage.searchable) return this.showFound(noHits)
    const slot = view === "pretty" ? "pretty" : "raw"
    const hits = await this.workshop.run("find", { slot, query, fold: true }).catch(() => noHits)
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
      await navigator.clipboard.writeText(copied(this.body, this.stage))
    } catch {
      return this.notice.say("detail.copy_failed")
    }
    this.bar.showCopied()
  }

  private save(): void {
    if (!this.body) return
    const { kind } = this.body.content
    const type: SavedType = kind === "json" || kind === "xml" || kind === "html" ? kind : "text"
    this.deps.saveAsMessage(decoded(this.body.bytes), type)
  }
}

function whyOf(error: unknown): string {
  if (!(error instanceof JobError)) return ""
  return error.code === "unreachable" ? say("page.error.unreachable") : error.code === "refused" ? error.message : ""
}
