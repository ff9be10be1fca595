// The log of a session: every message from the first to the newest, of which the
// page draws and holds a window. Nothing of a row is parsed before it is drawn.

import { clock, count, say } from "../text"
import { element, Rows } from "../ui"
import type { Row, RowPage } from "../wire"
import { Bar, type Search } from "./bar"
import type { Outgoing } from "./fate"
import { FoundLog } from "./found"
import { goalOf, type Goal } from "./goal"
import { GoTo } from "./goto"
import { kindQuery } from "./kinds"
import { Notes } from "./notes"
import { RowView } from "./row"
import { termIn } from "./sentence"
import { WholeLog, type Fetch, type Query, type Source } from "./source"
import { Tools, type RowActions } from "./tools"

export interface LogDeps {
  rows: Fetch
  // around is the rows around a place, which the server finds.
  around(goal: Goal): Promise<RowPage>
  // span is when the session was opened and ended; now, while it runs.
  span(): { openedUS: number; endedUS: number }
  // open is told which message to show in detail, and what to find in it; null closes it.
  open(row: Row | null, find: string): void
  // actions are what can be done with one message.
  actions: RowActions
  // again sends a message that failed once more, by its client id; drop forgets it.
  again(clientID: string): void
  drop(clientID: string): void
  // me is the reader's own name, which needs no mention beside a message.
  me: string
}

export interface Log {
  append(rows: Row[], lastSeq: number): void
  // showOutgoing shows messages that have no row yet below all others.
  showOutgoing(messages: readonly Outgoing[]): void
  // reset begins another session, whose newest message is lastSeq.
  reset(lastSeq: number): void
  // select opens a message and brings it into view, as soon as it is here: a search may
  // not have come to it yet. 0 marks none as open.
  select(seq: number): void
  clear(): void
  // search shows what is looked for, as if it had been typed.
  search(search: Partial<Search>): void
  // focus goes to the list, at the message the keys act on.
  focus(): void
  focusSearch(): void
  // askWhere opens the field that goes to a message by number or time.
  askWhere(): void
  destroy(): void
}

export function createLog(host: HTMLElement, deps: LogDeps): Log {
  return new LogView(host, deps)
}

const rowHeight = 24
const fetchPause = 60 // ms that a gap stays on screen before it is fetched
const around = 50 // rows fetched beyond the visible ones
const sentWithin = 2000 // rows looked back for the last sent one

class LogView implements Log {
  private stop = new AbortController()
  private bar: Bar
  private where: GoTo
  private list = element("div", { class: "log-list", role: "grid", tabindex: 0, "aria-label": say("log.label"), "aria-keyshortcuts": "C S L Shift+F10" })
  private notes = new Notes()
  private views = new Map<HTMLElement, RowView>()
  private tools: Tools
  private rows: Rows
  private source: Source
  private outgoing: readonly Outgoing[] = []
  private lastSeq = 0
  private base = 0 // cleared up to here
  private seen = 0 // newest seq when the list stopped following
  private active = 0 // seq the keys act on
  private open = 0 // seq that is shown in detail
  private due = 0 // seq to be opened once its row is here
  private waiting = false // for the next match, which has not been found yet
  private journey = 0 // the newest place that was gone to
  private paused = false
  private sinceSent = false
  private frame = 0
  private gap = 0
  private latest = 0 // seq that End went to: what comes below it is followed
  private held = 0 // seq of the row that was under the pointer when it went down

  constructor(private readonly host: HTMLElement, private readonly deps: LogDeps) {
    const { signal } = this.stop
    this.bar = new Bar({
      search: () => this.searched(),
      step: (by) => this.step(by),
      pause: (on) => this.pause(on),
      toEnd: () => this.toEnd(),
      goTo: () => this.askWhere(),
      clear: () => this.clear(),
      showAll: () => this.hideUpTo(0),
      sinceSent: (on) => { this.sinceSent = on; this.rows.refresh() },
    }, signal)
    host.classList.add("log")
    host.dataset.testid ??= "log"
    this.where = new GoTo((typed) => this.goTo(typed), () => this.list.focus(), signal)
    host.append(this.bar.element, element("div", { class: "log-body" }, this.list, this.notes.empty, this.notes.progress, this.notes.pill, this.where.element))
    this.tools = new Tools(deps.actions, (element) => this.rowOf(element), host)
    this.source = this.makeSource()
    this.rows = new Rows(this.list, {
      rowHeight,
      follow: true,
      make: () => this.make(),
      fill: (row, place) => this.fill(row, place),
      drawn: () => this.drawn(),
    })
    this.list.addEventListener("keydown", (event) => this.key(event), { signal })
    this.list.addEventListener("pointerdown", (event) => { this.held = Number(rowAt(event)?.dataset.seq) || 0 }, { signal })
    this.list.addEventListener("click", (event) => this.click(event), { signal })
    this.list.addEventListener("pointerover", (event) => this.tools.moveTo(rowAt(event), event), { signal })
    this.list.addEventListener("pointerleave", () => this.tools.moveTo(null), { signal })
    this.list.addEventListener("contextmenu", (event) => this.context(event), { signal })
    this.notes.pill.addEventListener("click", () => { this.toEnd(); this.list.focus() }, { signal })
    this.reset(0)
  }

  append(rows: Row[], lastSeq: number): void {
    this.source.append(rows, lastSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq, rows.at(-1)?.seq ?? 0)
    this.host.dataset.count = String(this.lastSeq)
    this.schedule()
  }

  showOutgoing(messages: readonly Outgoing[]): void {
    if (messages.length === 0 && this.outgoing.length === 0) return
    this.outgoing = messages
    this.schedule()
  }

  reset(lastSeq: number): void {
    this.lastSeq = lastSeq
    this.host.dataset.count = String(lastSeq)
    this.host.dataset.shown = "0"
    this.base = this.active = this.open = this.seen = this.due = 0
    this.journey++
    this.bar.reset()
    this.bar.showHidden(0)
    this.renew()
    this.toEnd()
  }

  select(seq: number): void {
    this.open = this.due = seq
    if (seq === 0) return this.rows.resume()
    this.reveal(seq, "middle")
    this.rows.refresh()
  }

  search(search: Partial<Search>): void {
    this.bar.set({ ...this.bar.search, ...search })
    this.searched()
  }

  askWhere(): void {
    this.where.open()
  }

  clear(): void {
    this.hideUpTo(this.lastSeq)
  }

  focus(): void {
    this.list.focus()
  }

  focusSearch(): void {
    this.bar.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.source.stop()
    this.rows.destroy()
    window.clearTimeout(this.gap)
    cancelAnimationFrame(this.frame)
    this.host.replaceChildren()
  }

  private makeSource(): Source {
    const watcher = {
      changed: () => this.schedule(),
      failed: (error: unknown) => this.failed(error),
    }
    const query = queryOf(this.bar.search)
    if (!query) return new WholeLog(this.deps.rows, watcher, this.lastSeq, this.base)
    return new FoundLog(this.deps.rows, watcher, query, this.lastSeq, this.base)
  }

  private renew(): void {
    this.source.stop()
    this.notes.renew()
    this.waiting = false
    this.source = this.makeSource()
    this.rows.resize(this.length)
  }

  // length is how many rows there are to show. What was found by a search or a filter
  // has none of the messages that are on their way.
  private get length(): number {
    return this.source.count + (this.source instanceof WholeLog ? this.outgoing.length : 0)
  }

  private searched(): void {
    this.renew()
    this.toEnd()
    // Back from a search, the message that was found stands among its neighbours.
    if (!this.bar.searching && this.active > 0) this.reveal(this.active, "middle")
  }

  private hideUpTo(seq: number): void {
    this.base = seq
    this.bar.showHidden(seq)
    this.renew()
    this.toEnd()
  }

  private failed(error: unknown): void {
    this.notes.problem = error instanceof Error && error.message ? error.message : say("log.search_failed")
    this.schedule()
  }

  private pause(on: boolean): void {
    this.paused = on
    this.bar.showPaused(on)
    if (on) this.seen = this.lastSeq
    this.schedule()
  }

  private toEnd(): void {
    if (this.paused) this.pause(false)
    this.rows.resize(this.length)
    this.rows.toEnd()
  }

  private schedule(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.rows.resize(this.paused ? this.rows.length : this.length)
      if (this.waiting) this.step(1)
    })
  }

  private make(): HTMLElement {
    const view = new RowView(this.deps.me)
    this.views.set(view.element, view)
    return view.element
  }

  private fill(made: HTMLElement, place: number): void {
    const view = this.views.get(made)
    if (!view) return
    const outgoing = this.outgoing[place - this.source.count]
    if (outgoing) {
      view.fillOutgoing(outgoing)
      return view.place(place, false, false)
    }
    const row = this.source.row(place)
    const seq = row?.seq ?? 0
    if (row) view.fill(row, this.since(row, place))
    else view.fillBlank()
    view.place(place, seq > 0 && seq === this.active, seq > 0 && seq === this.open)
    if (seq > 0 && seq === this.active) this.list.setAttribute("aria-activedescendant", made.id)
  }

  private since(row: Row, place: number): number | null {
    const before = this.sinceSent ? this.lastSent(place) : this.source.row(place - 1)
    return before ? row.atUS - before.atUS : null
  }

  private lastSent(place: number): Row | undefined {
    for (let at = place - 1; at >= 0 && at > place - sentWithin; at--) {
      const row = this.source.row(at)
      if (!row || row.direction === "sent") return row
    }
    return undefined
  }

  private drawn(): void {
    const { rows, source, list } = this
    list.setAttribute("aria-rowcount", String(rows.length))
    const isBelow = rows.last < rows.length - 1 // with more to see below
    if ((rows.following || !isBelow) && !this.paused) this.seen = this.lastSeq
    this.host.dataset.shown = String(this.newestOnScreen())
    if (rows.elementOf(source.place(this.active))?.dataset.seq !== String(this.active)) list.removeAttribute("aria-activedescendant")
    const isAway = (this.paused || !rows.following) && rows.length > 0
    this.notes.showPill(isAway && (this.paused || isBelow), this.lastSeq - this.seen)
    this.notes.show(source, rows.length, this.base > 0)
    this.showFound()
    this.openDue()
    if (this.hasGap()) this.gap ||= window.setTimeout(() => this.fetchGap(), fetchPause)
  }

  private newestOnScreen(): number {
    for (let at = this.rows.last; at >= this.rows.first; at--) {
      const row = this.source.row(at)
      if (row) return row.seq
    }
    return 0
  }

  private hasGap(): boolean {
    const last = Math.min(this.rows.last, this.source.count - 1)
    for (let at = this.rows.first; at <= last; at++) if (!this.source.row(at)) return true
    return false
  }

  private fetchGap(): void {
    this.gap = 0
    if (this.hasGap()) this.source.want(this.rows.first - around, this.rows.last + around)
  }

  private showFound(): void {
    const { source } = this
    const { problem, through } = this.notes
    if (problem) return this.bar.showFound(source.count > 0 ? problem : "", true)
    if (!this.bar.searching) return this.bar.showFound("")
    const total = count(source.count) + (through ? "" : "…")
    const place = source.place(this.active)
    const here = this.active > 0 && source.seq(place) === this.active
    this.bar.showFound(here ? `${count(place + 1)}/${total}` : total)
  }

  // openDue opens what was gone to as soon as it is here.
  private openDue(): void {
    if (this.due === 0) return
    const place = this.source.place(this.due)
    const row = this.source.row(place)
    if (row?.seq !== this.due) return
    queueMicrotask(() => {
      if (row.seq !== this.due) return
      if (place < this.rows.first || place > this.rows.last) this.rows.reveal(place, "middle")
      this.show(row)
    })
  }

  // click opens the row that was pressed, even where the list has moved on since.
  private click(event: MouseEvent): void {
    const row = rowAt(event)
    const seq = event.detail > 0 ? this.held : Number(row?.dataset.seq)
    this.held = 0
    if (this.tools.contains(event.target)) return
    const act = (event.target as Element).closest<HTMLElement>("[data-act]")?.dataset.act
    const client = row?.dataset.client ?? ""
    if (act && client) return act === "again" ? this.deps.again(client) : this.deps.drop(client)
    if (seq > 0) this.openPlace(this.source.place(seq))
  }

  private rowOf(element: HTMLElement): Row | undefined {
    const seq = Number(element.dataset.seq)
    return seq > 0 ? this.source.row(this.source.place(seq)) : undefined
  }

  private context(event: MouseEvent): void {
    const element = rowAt(event)
    const row = element && this.rowOf(element)
    if (!row) return
    event.preventDefault()
    this.act(row.seq)
    this.list.focus({ preventScroll: true })
    this.tools.menu(row, { x: event.clientX, y: event.clientY }, this.host)
  }

  private act(seq: number): void {
    this.active = seq
    this.rows.refresh()
  }

  // menu opens the menu of the active row, below it.
  private menu(): void {
    const place = this.source.place(this.active)
    const row = this.source.row(place)
    if (this.active === 0 || !row) return
    this.rows.reveal(place)
    const { left, bottom } = (this.rows.elementOf(place) ?? this.list).getBoundingClientRect()
    this.tools.menu(row, { x: left + 24, y: bottom }, this.host)
  }

  private tool(key: string): boolean {
    const row = this.active > 0 ? this.source.row(this.source.place(this.active)) : undefined
    return row !== undefined && this.tools.runKey(row, key)
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const move = this.moves(event.key)
    if (move !== null) {
      this.latest = event.key === "End" ? this.source.seq(move) : 0
      this.moveTo(move)
    } else if (event.key === "Enter") this.openPlace(this.active > 0 ? this.source.place(this.active) : Math.min(this.rows.last, this.source.count - 1))
    else if (event.key === "Escape" && this.open > 0) this.close()
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) this.menu()
    else if (event.shiftKey || !this.tool(event.key)) return
    event.preventDefault()
  }

  private moves(key: string): number | null {
    const last = this.source.count - 1
    const none = this.active === 0
    const at = none ? Math.min(this.rows.last, last) : this.source.place(this.active)
    switch (key) {
      case "ArrowUp": return none ? at : at - 1
      case "ArrowDown": return none ? at : at + 1
      case "PageUp": return at - this.rows.page
      case "PageDown": return at + this.rows.page
      case "Home": return 0
      case "End": return last
      default: return null
    }
  }

  // step goes to the next match or the one before, and around the ends. The end is
  // known once the search is through: until then the next one is waited for.
  private step(by: 1 | -1): void {
    const { source, active, rows } = this
    const at = source.place(active)
    const here = source.seq(at) === active
    const next = active === 0 ? (by === 1 ? 0 : source.count - 1) : here ? at + by : by === 1 ? at : at - 1
    this.waiting = by === 1 && next >= source.count && !source.complete
    if (this.waiting) return
    this.moveTo((next + source.count) % Math.max(1, source.count))
    if (!source.complete) rows.following = false // what is found meanwhile does not push it away
  }

  // moveTo goes to a row that may not be here yet: then it comes.
  private moveTo(wanted: number): void {
    const place = Math.max(0, Math.min(wanted, this.source.count - 1))
    this.waiting = false
    this.active = this.source.seq(place)
    this.due = this.open > 0 ? this.active : 0
    this.rows.reveal(place)
    if (place < this.source.count - 1) this.rows.following = false // the row the keys act on stays in view
    this.rows.refresh()
  }

  // goTo goes to what was typed, and answers with what is wrong with it. A message
  // that is filtered or cleared away is shown among all the others.
  private async goTo(typed: string): Promise<string> {
    const span = { ...this.deps.span(), last: this.lastSeq }
    const goal = goalOf(typed, span)
    if (typeof goal === "string") return say(`goto.wrong.${goal}`, { last: count(span.last), from: clock(span.openedUS), to: clock(span.endedUS) })
    const mine = ++this.journey
    try {
      const { rows, at } = await this.deps.around(goal)
      if (mine === this.journey && at > 0) this.arrive(at, rows)
      return ""
    } catch (error) {
      return error instanceof Error ? error.message : say("log.search_failed")
    }
  }

  private arrive(seq: number, rows: Row[]): void {
    if (this.paused) this.pause(false)
    if (seq <= this.base) this.hideUpTo(0)
    if (this.source.seq(this.source.place(seq)) !== seq) {
      this.bar.reset()
      this.renew()
    }
    if (this.source instanceof WholeLog) this.source.hold(rows)
    this.rows.resize(this.length)
    this.due = seq
    this.reveal(seq, "middle")
    this.rows.following = false
    this.rows.refresh()
  }

  private openPlace(place: number): void {
    const row = this.source.row(place)
    if (!row) return
    this.waiting = false
    this.latest = 0
    this.active = row.seq
    this.show(row)
  }

  private show(row: Row): void {
    this.open = row.seq
    this.due = 0
    if (row.seq !== this.latest) this.rows.following = false // it stays where it is
    this.rows.refresh()
    this.deps.open(row, termIn(row, this.bar.search))
    // In a narrow window the detail takes its room from the list.
    requestAnimationFrame(() => { if (this.open === row.seq) this.uncover(row.seq) })
  }

  private close(): void {
    this.open = this.due = 0
    this.deps.open(null, "")
    this.rows.resume()
  }

  // uncover brings a message back that is out of sight altogether.
  private uncover(seq: number): void {
    this.rows.refresh()
    const place = this.source.place(seq)
    if (place < this.rows.first || place > this.rows.last) this.rows.reveal(place)
  }

  private reveal(seq: number, where: "nearest" | "middle" = "nearest"): void {
    this.active = seq
    this.rows.reveal(this.source.place(seq), where)
  }
}

function rowAt(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>(".log-row")
}

function queryOf({ filter, kind, text, regex, matchCase }: Search): Query | null {
  if (filter === "all" && kind === "" && text === "") return null
  const query: Query = kindQuery(kind)
  if (filter !== "all") query.direction = filter
  if (text !== "") Object.assign(query, { q: text, regex, fold: !matchCase })
  return query
}
