// One message in full: its body is loaded and analysed, shown in the view that a person
// prefers, and searched.

import { say, size } from "../text"
import type { MenuItem } from "../ui"
import type { Row } from "../wire"
import { JobError, Workshop, type BodyStart } from "../worker"
import { Bar } from "./bar"
import { kindOf, mayPreview, views, viewsOf, whyNot, type Body, type View } from "./body"
import { asMessage, copyView, fileName, type SavedType } from "./copy"
import { Enclosed } from "./enclosed"
import { explain } from "./explain"
import { factsTable } from "./facts"
import { Finder } from "./finder"
import { Head } from "./head"
import { Joined, type JoinedDeps } from "./joined"
import { Loader } from "./loader"
import { Notice } from "./notice"
import { Stage } from "./stage"

export interface DetailDeps extends JoinedDeps {
  bodyURL(seq: number): string
  saveAsMessage(text: string, type: SavedType): void
  sendAgain(row: Row): void
  // blocked returns why a message cannot be sent again, or null.
  blocked(row: Row): string | null
  save(row: Row): void
  link(row: Row): void
  nonce: string
  // before returns the row before a message, if the list has it.
  before(seq: number): Row | undefined
  // full gives the message the whole width, or takes it back.
  full(): void
  // step opens the next message of the list, or the one before.
  step(by: 1 | -1): void
  // leave returns the focus to the list of messages.
  leave(): void
}

// Detail shows one message at a time in a host element.
export class Detail {
  private stop = new AbortController()
  private workshop = new Workshop()
  private stage = new Stage(this.workshop)
  private notice = new Notice(this.stop.signal)
  private enclosed = new Enclosed(this.workshop, this.stop.signal)
  private head: Head
  private joined: Joined
  private bar: Bar
  private finder: Finder
  private loader: Loader
  private row: Row | null = null
  private preferred = new Map<string, View>() // the view that a person chose, by kind of content
  private resized = new ResizeObserver(() => this.relayout())

  constructor(readonly element: HTMLElement, private readonly deps: DetailDeps) {
    this.head = new Head({ copy: () => void this.copy(), full: () => deps.full(), menu: () => this.menu() }, this.stop.signal)
    this.joined = new Joined(deps, this.stop.signal)
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
    element.append(this.head.element, this.bar.element, this.notice.element, this.enclosed.element, this.loader.element, this.stage.element, this.joined.element)
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
    this.describe(row)
    void this.joined.show(row)
    if (row.direction === "event") this.stage.showFacts(factsTable(row))
    else this.load(row, false)
  }

  // focus moves the focus to the body.
  focus(): void {
    ;(this.stage.element.querySelector<HTMLElement>("[tabindex]") ?? this.bar.element.querySelector("button"))?.focus()
  }

  showFull(on: boolean): void {
    this.head.showFull(on)
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
    }
    return new Bar(actions, this.stop.signal)
  }

  private describe(row: Row, kind = ""): void {
    this.head.describe(row, kind, this.deps.before(row.seq) ?? null)
  }

  private menu(): MenuItem[] {
    const { row, deps } = this
    if (!row) return []
    const isEvent = row.direction === "event" ? say("row.event") : null
    const isText = row.opcode === "text" && row.size > 0 && this.finder.body !== null && this.finder.body.wire.length >= row.size
    return [
      { name: say("row.again"), picture: "rotate-cw", blocked: isEvent ?? deps.blocked(row), run: () => deps.sendAgain(row) },
      { name: say("detail.save_as_message"), picture: "pencil-line", blocked: isEvent ?? (isText ? null : say("detail.no_edit")), run: () => this.save() },
      { name: say("row.save"), picture: "bookmark-plus", blocked: isEvent, run: () => deps.save(row) },
      { name: say("row.link"), picture: "link", run: () => deps.link(row) },
    ]
  }

  // key chooses a view by a digit, and steps through the messages, except in an input.
  private key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return
    if (event.altKey) {
      const by = ({ ArrowDown: 1, ArrowUp: -1 } as const)[event.key]
      if (!by) return
      event.preventDefault()
      return this.deps.step(by)
    }
    const isInput = event.target instanceof HTMLInputElement
    const view = isInput ? undefined : views[Number(event.key) - 1]
    if (event.key === "Escape" && this.element.closest("[data-full='1']")) return // the right side takes it
    if (event.key === "Escape") this.deps.leave()
    else if (!isInput && event.key.toLowerCase() === "f" && !event.shiftKey) this.deps.full()
    else if (view) this.bar.press(view)
    else return
    event.preventDefault()
  }

  private clear(): void {
    this.stage.clear()
    this.notice.clear()
    this.enclosed.clear()
    this.head.describe(null)
    this.head.unlink()
    this.head.allowCopy(false)
    this.bar.show(null)
    this.bar.offer(() => say("detail.no.message"))
    this.finder.clear()
    void this.joined.show(null)
  }

  private load(row: Row, all: boolean): void {
    const url = this.deps.bodyURL(row.seq)
    this.head.link(url, fileName(row))
    void this.loader.load(row, url, all)
  }

  private loadAll(row: Row): void {
    this.clear()
    this.describe(row)
    void this.joined.show(row)
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
    const { row, content } = body
    this.describe(row, row.size > 0 ? kindOf(content) : "")
    this.bar.offer((view) => whyNot(view, body), mayPreview(content))
    this.head.allowCopy(row.size > 0)
    this.explain(body)
    void this.lookInside(body)
    const offered = viewsOf(body)
    const preferred = this.preferred.get(content.kind)
    const best = offered.find((view) => view === preferred) ?? offered[0]
    if (best) await this.open(best)
    else this.stage.ready()
  }

  // lookInside marks the text that a turn joins, and shows images and sound in the body.
  private async lookInside(body: Body): Promise<void> {
    const { row, content, whole, raw } = body
    const isSamples = row.sound?.path === "" && row.sound.encoding !== "opus"
    if (isSamples && content.kind !== "audio") return this.enclosed.showSamples(row, raw.length)
    if (!whole || content.kind !== "json") return
    const text = row.joins === "" ? "" : row.gist
    const found = await this.workshop.run("inside", { path: row.path, text, sound: row.sound }).catch(() => null)
    if (!found || body !== this.finder.body) return
    this.stage.markText(found)
    this.enclosed.show(row, found.media)
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
    this.head.showCopied()
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
