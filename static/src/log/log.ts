// The log of a session: every message from the first to the newest, of which the page
// draws and holds a window. Nothing of a row is parsed before it is drawn.

import { clock, count, say } from "../text"
import { element, modifier, type MenuItem } from "../ui"
import type { Row, RowPage } from "../wire"
import { Bar, type Search } from "./bar"
import { Columns } from "./columns"
import { Follow } from "./follow"
import { FoundLog } from "./found"
import { goalOf, type Goal } from "./goal"
import { GoTo } from "./goto"
import { ListInput, type UnconfirmedActions } from "./input"
import { kindQuery } from "./choice"
import { LabelCounts, type CountLabels } from "./labels"
import { RowList } from "./list"
import { Notes } from "./notes"
import { Pace } from "./pace"
import { Selection } from "./selection"
import { termIn } from "./sentence"
import { WholeLog, type Fetch, type Query, type Source } from "./source"
import { Tools, type RowActions } from "./tools"
import type { Unconfirmed } from "./unconfirmed"

export interface LogDeps extends UnconfirmedActions {
  rows: Fetch
  labels: CountLabels
  // around fetches the rows around a goal.
  around(goal: Goal): Promise<RowPage>
  // span returns when the session was opened and ended; the end is now while it runs.
  span(): { openedUS: number; endedUS: number }
  // open shows a message in detail and finds a text in it; null closes the detail.
  open(row: Row | null, find: string): void
  // full gives the open message the whole width, or takes it back.
  full(): void
  actions: RowActions
  // me is the reader's own name, which is not shown beside messages.
  me: string
}

export function createLog(host: HTMLElement, deps: LogDeps): Log {
  return new Log(host, deps)
}

// Log shows a session's messages in a host element.
export class Log {
  private stop = new AbortController()
  private bar: Bar
  private goTo: GoTo
  private list: RowList
  private notes = new Notes()
  private pace = new Pace()
  private counts: LabelCounts
  private columns: Columns
  private follow = new Follow()
  private selection: Selection
  private lastSeq = 0
  private base = 0 // messages up to this seq are cleared away
  private jump = 0 // number of the newest jump
  private frame = 0

  constructor(readonly element: HTMLElement, private readonly deps: LogDeps) {
    const { signal } = this.stop
    this.counts = new LabelCounts(deps.labels, () => this.bar.choice.counted())
    this.bar = this.makeBar(signal)
    element.classList.add("log")
    this.columns = new Columns(element)
    element.dataset.testid ??= "log"
    this.list = new RowList(deps.me, this.pace, this.makeSource(), () => this.drawn())
    this.goTo = new GoTo((typed) => this.goToTyped(typed), () => this.focus(), signal)
    element.append(this.bar.element, this.body())
    this.selection = new Selection(this.list, (row) => this.deps.open(row, row ? termIn(row, this.bar.search) : ""))
    const tools = new Tools(deps.actions, (row) => this.list.rowBySeq(Number(row.dataset.seq)), element, signal)
    new ListInput(element, this.list, this.selection, tools, deps, () => deps.full(), signal)
    this.notes.pill.addEventListener("click", () => { this.toEnd(); this.focus() }, { signal })
    this.reset(0)
  }

  // append adds arriving rows and sets the newest seq of the session.
  append(rows: Row[], lastSeq: number): void {
    this.pace.add(rows)
    this.list.source.append(rows, lastSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq, rows.at(-1)?.seq ?? 0)
    this.element.dataset.count = String(this.lastSeq)
    this.schedule()
  }

  // showUnconfirmed shows messages without a row below all others.
  showUnconfirmed(messages: readonly Unconfirmed[]): void {
    if (this.list.setUnconfirmed(messages)) this.schedule()
  }

  // reset shows another session; lastSeq is its newest message.
  reset(lastSeq: number): void {
    this.lastSeq = lastSeq
    this.element.dataset.count = String(lastSeq)
    this.element.dataset.shown = "0"
    this.base = 0
    this.pace = new Pace()
    this.list.pace = this.pace
    this.counts.reset()
    this.jump++
    this.follow.reset()
    this.selection.reset()
    this.bar.reset()
    this.bar.showHidden(0)
    this.renew()
    this.toEnd()
  }

  // select opens a message and brings it into view as soon as its row has arrived, which
  // a running search may delay. 0 marks none as open.
  select(seq: number): void {
    this.selection.select(seq)
  }

  // showLabels makes room for the labels that a dialect gives to messages.
  showLabels(on: boolean): void {
    this.element.classList.toggle("labelled", on)
    this.bar.choice.hasLabels = on
    this.bar.choice.update(this.bar.search.filter === "event")
  }

  clear(): void {
    this.hideUpTo(this.lastSeq)
  }

  // search runs a search as if it had been typed.
  search(search: Partial<Search>): void {
    this.bar.set({ ...this.bar.search, ...search })
    this.runSearch()
  }

  // before returns the row before a message, if the list has it.
  before(seq: number): Row | undefined {
    const row = this.list.rowBySeq(seq - 1)
    return row?.seq === seq - 1 ? row : undefined
  }

  // step opens the next message of the list, or the one before.
  step(by: 1 | -1): void {
    this.selection.moveByKey(by === 1 ? "ArrowDown" : "ArrowUp")
  }

  // focus moves the focus to the list.
  focus(): void {
    this.list.element.focus()
  }

  focusSearch(): void {
    this.bar.focus()
  }

  // askWhere opens the input that goes to a message by number or time.
  askWhere(): void {
    this.goTo.open()
  }

  destroy(): void {
    this.stop.abort()
    this.list.destroy()
    cancelAnimationFrame(this.frame)
    this.element.replaceChildren()
  }

  private makeBar(signal: AbortSignal): Bar {
    return new Bar({
      search: () => this.runSearch(),
      step: (by) => this.selection.step(by),
      pause: (on) => this.pause(on),
      showAll: () => this.hideUpTo(0),
      menu: () => this.menu(),
      last: () => this.lastSeq,
    }, this.counts, signal)
  }

  private menu(): MenuItem[] {
    const since = this.list.isMeasuredSinceSent
    return [
      { name: say("log.menu.goto"), picture: "hash", keys: `${modifier} G`, run: () => this.askWhere() },
      { name: say("log.menu.since_sent"), picture: "timer", checked: since, run: () => this.list.measureSinceSent(!since) },
      ...this.columns.menu(),
      this.base > 0
        ? { name: say("log.menu.show_all"), picture: "list", run: () => this.hideUpTo(0) }
        : { name: say("log.clear"), picture: "ban", run: () => this.clear() },
    ]
  }

  private body(): HTMLElement {
    const { empty, progress, pill } = this.notes
    return element("div", { class: "log-body" }, this.columns.head, this.list.element, empty, progress, pill, this.goTo.element)
  }

  private makeSource(): Source {
    const watcher = {
      changed: () => this.schedule(),
      failed: (error: unknown) => this.fail(error),
    }
    const query = queryOf(this.bar.search)
    if (!query) return new WholeLog((ask, signal) => this.page(ask, signal), watcher, this.lastSeq, this.base)
    return new FoundLog(this.deps.rows, watcher, query, this.lastSeq, this.base)
  }

  // page fetches rows without a gap among them.
  private async page(...[ask, signal]: Parameters<Fetch>): ReturnType<Fetch> {
    const page = await this.deps.rows(ask, signal)
    this.pace.addPage(page.rows)
    return page
  }

  // renew lists the messages of the current search.
  private renew(): void {
    this.list.source.stop()
    this.notes.renew()
    this.selection.stopWaiting()
    this.list.replace(this.makeSource())
  }

  private runSearch(): void {
    this.renew()
    this.toEnd()
    // A cleared search shows its active match among the neighbouring messages.
    if (!this.bar.isSearching && this.list.active > 0) this.selection.reveal(this.list.active)
  }

  private hideUpTo(seq: number): void {
    this.base = seq
    this.bar.showHidden(seq)
    this.renew()
    this.toEnd()
  }

  private fail(error: unknown): void {
    this.notes.problem = messageOf(error)
    this.schedule()
  }

  private pause(on: boolean): void {
    this.follow.pause(on, this.lastSeq)
    this.bar.showPaused(on)
    this.schedule()
  }

  private toEnd(): void {
    if (this.follow.isPaused) this.pause(false)
    this.list.rows.resize(this.list.length)
    this.list.rows.toEnd()
  }

  private schedule(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      const { rows, length } = this.list
      rows.resize(this.follow.isPaused ? rows.length : length)
      this.selection.stepIfWaiting()
      this.selection.openPending()
    })
  }

  private drawn(): void {
    const { rows, source } = this.list
    const { isAway, newer } = this.follow.update(rows, this.lastSeq)
    this.element.dataset.shown = String(this.list.newestOnScreen())
    this.notes.update({ source, listed: rows.length, isCleared: this.base > 0, isAway, newer })
    this.showFound()
    this.selection.openPending()
  }

  private showFound(): void {
    const { source, active } = this.list
    const { problem, isThrough } = this.notes
    if (problem) return this.bar.showFound(source.count > 0 ? problem : "", true)
    if (!this.bar.isSearching) return this.bar.showFound("")
    const total = count(source.count) + (isThrough ? "" : "…")
    const place = source.place(active)
    const isMatch = active > 0 && source.seq(place) === active
    this.bar.showFound(isMatch ? `${count(place + 1)}/${total}` : total)
  }

  // goToTyped goes to the message or time that was typed and returns an error sentence,
  // or "".
  private async goToTyped(typed: string): Promise<string> {
    const span = { ...this.deps.span(), last: this.lastSeq }
    const goal = goalOf(typed, span)
    if (typeof goal === "string") return say(`goto.wrong.${goal}`, { last: count(span.last), from: clock(span.openedUS), to: clock(span.endedUS) })
    const jump = ++this.jump
    try {
      const { rows, at } = await this.deps.around(goal)
      if (jump === this.jump && at > 0) this.jumpTo(at, rows)
      return ""
    } catch (error) {
      return messageOf(error)
    }
  }

  // jumpTo shows a message with the rows around it. A cleared one comes back, and one
  // that the search excludes ends the search.
  private jumpTo(seq: number, rows: Row[]): void {
    if (this.follow.isPaused) this.pause(false)
    if (seq <= this.base) this.hideUpTo(0)
    const { source } = this.list
    if (source.seq(source.place(seq)) !== seq) {
      this.bar.reset()
      this.renew()
    }
    if (this.list.source instanceof WholeLog) this.list.source.hold(rows)
    this.list.rows.resize(this.list.length)
    this.selection.jumpTo(seq)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : say("log.search_failed")
}

function queryOf({ filter, kind, labels, text, regex, matchCase }: Search): Query | null {
  if (filter === "all" && kind === "" && labels.length === 0 && text === "") return null
  const query: Query = kindQuery(kind)
  if (labels.length > 0) query.label = [...labels]
  if (filter !== "all") query.direction = filter
  if (text !== "") Object.assign(query, { q: text, regex, fold: !matchCase })
  return query
}
