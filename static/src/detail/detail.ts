// One message in full: its body is loaded and analysed, shown in the view that a person
// prefers, and searched.

import { say, size } from "../text"
import type { Row } from "../wire"
import { JobError, Workshop, type BodyStart } from "../worker"
import { Bar } from "./bar"
import { kindOf, views, viewsOf, whyNot, type Body, type View } from "./body"
import { asMessage, copyView, fileName, type SavedType } from "./copy"
import { explain } from "./explain"
import { factsTable } from "./facts"
import { Finder } from "./finder"
import { Loader } from "./loader"
import { Notice } from "./notice"
import { Stage } from "./stage"

export interface DetailDeps {
  bodyURL(seq: number): string
  saveAsMessage(text: string, type: SavedType): void
  sendAgain(row: Row): void
  // blocked returns why a message cannot be sent again, or null.
  blocked(row: Row): string | null
  nonce: string
  // leave returns the focus to the list of messages.
  leave?(): void
  // close hides the pane; without it the pane has no close button.
  close?(): void
}

export function createDetail(host: HTMLElement, deps: DetailDeps): Detail {
  return new Detail(host, deps)
}

// Detail shows one message at a time in a host element.
export class Detail {
  private stop = new AbortController()
  private workshop = new Workshop()
  private stage = new Stage(this.workshop)
  private notice = new Notice(this.stop.signal)
  private bar: Bar
  private finder: Finder
  private loader: Loader
  private row: Row | null = null
  private preferred = new Map<string, View>() // the view that a person chose, by kind of content
  private resized = new ResizeObserver(() => this.relayout())

  constructor(readonly element: HTMLElement, private readonly deps: DetailDeps) {
    this.bar = this.makeBar()
    this.finder = new Finder(this.workshop, this.stage, this.bar, {
      openRaw: () => this.open("raw"),
      loadAll: ({ row }) => this.loadAll(row),
    })
    this.loader = new Loader(this.workshop, {
      started: (start) => this.showStart(start),
      loaded: (body) => this.present(body),
      failed: (error) => this.fail(error),
    })
    element.classList.add("detail")
    element.dataset.testid ??= "detail"
    element.append(this.bar.element, this.notice.element, this.loader.element, this.stage.element)
    element.addEventListener("keydown", (event) => this.key(event), { signal: this.stop.signal })
    this.resized.observe(this.stage.element)
    this.show(null)
  }

  // show opens a message and finds a text in it; null shows none.
  show(row: Row | null, find = ""): void {
    this.bar.setLogQuery(find)
    this.loader.cancel()
    this.row = row
    this.clear()
    this.element.dataset.seq = row ? String(row.seq) : ""
    if (!row) return
    this.bar.describe(row)
    this.allow()
    if (row.direction === "event") this.stage.showFacts(factsTable(row))
    else this.load(row, false)
  }

  // allow updates whether the message can be sent again.
  allow(): void {
    const { row } = this
    this.bar.allowAgain(row && row.direction !== "event" ? this.deps.blocked(row) : undefined)
  }

  destroy(): void {
    this.loader.cancel()
    this.stop.abort()
    this.resized.disconnect()
    this.workshop.stop()
    this.stage.destroy()
    this.element.replaceChildren()
  }

  private makeBar(): Bar {
    const actions = {
      choose: (view: View) => this.choose(view),
      refuse: (why: string) => this.notice.say(why),
      find: () => void this.finder.findText(),
      step: (by: 1 | -1) => this.finder.step(by),
      openAll: () => this.stage.tree?.openAll(),
      closeAll: () => this.stage.tree?.closeAll(),
      wrap: () => this.toggleWrap(),
      copy: () => void this.copy(),
      save: () => this.save(),
      again: () => this.sendAgain(),
      close: this.deps.close && (() => this.deps.close?.()),
    }
    return new Bar(actions, this.stop.signal)
  }

  // key chooses a view by a digit, except in an input.
  private key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
    const view = event.target instanceof HTMLInputElement ? undefined : views[Number(event.key) - 1]
    if (event.key === "Escape") this.deps.leave?.()
    else if (view) this.bar.press(view)
    else return
    event.preventDefault()
  }

  private clear(): void {
    this.stage.clear()
    this.notice.clear()
    this.bar.describe(null)
    this.bar.show(null)
    this.bar.unlink()
    this.bar.allowSave(false)
    this.bar.offer(() => say("detail.no.message"))
    this.finder.clear()
  }

  private load(row: Row, all: boolean): void {
    const url = this.deps.bodyURL(row.seq)
    this.bar.link(url, fileName(row))
    void this.loader.load(row, url, all)
  }

  private loadAll(row: Row): void {
    this.clear()
    this.bar.describe(row)
    this.load(row, true)
  }

  // showStart shows the beginning of a large body, where the beginning is of use.
  private showStart(start: BodyStart): void {
    const { kind } = start.content
    if (kind === "image" || kind === "audio" || kind === "packed") return
    this.stage.showStart(start)
    this.bar.show(this.stage.view)
  }

  private async present(body: Body): Promise<void> {
    this.finder.body = body
    const { row, content, wire } = body
    this.bar.describe(row, row.size > 0 ? kindOf(content) : "")
    this.bar.offer((view) => whyNot(view, body))
    this.bar.allowSave(row.opcode === "text" && row.size > 0 && wire.length >= row.size)
    this.explain(body)
    const offered = viewsOf(body)
    const preferred = this.preferred.get(content.kind)
    const best = offered.find((view) => view === preferred) ?? offered[0]
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

  private fail(error: unknown): void {
    this.stage.clear()
    this.notice.say(say("detail.failed", { why: reasonOf(error) }))
    this.notice.offer("detail.again", () => this.show(this.row))
  }

  private choose(view: View): void {
    const { body } = this.finder
    if (!body) return
    this.preferred.set(body.content.kind, view)
    this.explain(body)
    void this.open(view)
  }

  private async open(view: View): Promise<void> {
    const { body } = this.finder
    if (!body) return
    this.bar.show(view)
    if (await this.stage.open(view, body)) await this.finder.findText()
  }

  private relayout(): void {
    if (this.stage.takeWidth()) void this.open(this.stage.view)
  }

  private toggleWrap(): void {
    this.stage.wrap = !this.stage.wrap
    this.bar.showWrap(this.stage.wrap)
    void this.open(this.stage.view)
  }

  private async copy(): Promise<void> {
    if (!this.finder.body) return
    try {
      await copyView(this.workshop, this.stage)
    } catch {
      return this.notice.say(say("detail.copy_failed"))
    }
    this.bar.showCopied()
  }

  private sendAgain(): void {
    const { row } = this
    const blocked = row && this.deps.blocked(row)
    if (blocked) this.notice.say(blocked)
    else if (row) this.deps.sendAgain(row)
  }

  private save(): void {
    if (!this.finder.body) return
    const { text, type } = asMessage(this.finder.body)
    this.deps.saveAsMessage(text, type)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof JobError)) return ""
  return error.code === "unreachable" ? say("page.error.unreachable") : error.code === "refused" ? error.message : ""
}
