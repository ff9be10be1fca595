// The log of a session: every message from the first to the newest, of which the
// page draws and holds a window. Nothing of a row is parsed before it is drawn.

import { element, setText } from "../element"
import { count } from "../format"
import { Rows } from "../rows"
import { say } from "../text"
import type { Row } from "../wire"
import { Bar, type Search } from "./bar"
import { RowView } from "./row"
import { FoundLog, WholeLog, type Fetch, type Query, type Source } from "./source"

export interface LogDeps {
  rows: Fetch
  // open is told which message to show in detail; null closes it.
  open(row: Row | null): void
  // me is the reader's own name, which needs no mention beside a message.
  me: string
}

export interface Log {
  append(rows: Row[], lastSeq: number): void
  // reset begins another session, whose newest message is lastSeq.
  reset(lastSeq: number): void
  // select marks a message as open and brings it into view; 0 marks none.
  select(seq: number): void
  clear(): void
  focusSearch(): void
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
  private list = element("div", { class: "log-list", role: "grid", tabindex: 0, "aria-label": say("log.label") })
  private empty = element("p", { class: "log-empty" })
  private pill = element("button", { type: "button", class: "log-pill", hidden: true })
  private views = new Map<HTMLElement, RowView>()
  private rows: Rows
  private source: Source
  private lastSeq = 0
  private base = 0 // cleared up to here
  private seen = 0 // newest seq when the list stopped following
  private active = 0 // seq the keys act on
  private open = 0 // seq that is shown in detail
  private paused = false
  private sinceSent = false
  private problem = ""
  private frame = 0
  private gap = 0

  constructor(private readonly host: HTMLElement, private readonly deps: LogDeps) {
    const { signal } = this.stop
    this.bar = new Bar({
      search: (search) => this.search(search),
      step: (by) => this.step(by),
      pause: (on) => this.pause(on),
      toEnd: () => this.toEnd(),
      clear: () => this.clear(),
      showAll: () => this.hideUpTo(0),
      sinceSent: (on) => { this.sinceSent = on; this.rows.refresh() },
    }, signal)
    host.classList.add("log")
    host.dataset.testid ??= "log"
    host.append(this.bar.element, element("div", { class: "log-body" }, this.list, this.empty, this.pill))
    this.source = this.makeSource()
    this.rows = new Rows(this.list, {
      rowHeight,
      follow: true,
      make: () => this.make(),
      fill: (row, place) => this.fill(row, place),
      drawn: () => this.drawn(),
    })
    this.list.addEventListener("keydown", (event) => this.key(event), { signal })
    this.list.addEventListener("click", (event) => this.click(event), { signal })
    this.pill.addEventListener("click", () => { this.toEnd(); this.list.focus() }, { signal })
    this.reset(0)
  }

  append(rows: Row[], lastSeq: number): void {
    this.source.append(rows, lastSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq, rows.at(-1)?.seq ?? 0)
    this.host.dataset.count = String(this.lastSeq)
    this.schedule()
  }

  reset(lastSeq: number): void {
    this.lastSeq = lastSeq
    this.host.dataset.count = String(lastSeq)
    this.host.dataset.shown = "0"
    this.base = this.active = this.open = this.seen = 0
    this.bar.reset()
    this.bar.showHidden(0)
    this.renew()
    this.toEnd()
  }

  select(seq: number): void {
    this.open = seq
    if (seq > 0) this.reveal(seq)
    this.rows.refresh()
  }

  clear(): void {
    this.hideUpTo(this.lastSeq)
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
    this.problem = ""
    this.source = this.makeSource()
    this.rows.resize(this.source.count)
  }

  private search({ text }: Search): void {
    this.renew()
    this.toEnd()
    // Back from a search, the message that was found stands among its neighbours.
    if (text === "" && this.active > 0) this.reveal(this.active, "middle")
  }

  private hideUpTo(seq: number): void {
    this.base = seq
    this.bar.showHidden(seq)
    this.renew()
    this.toEnd()
  }

  private failed(error: unknown): void {
    this.problem = error instanceof Error && error.message ? error.message : say("log.search_failed")
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
    this.rows.resize(this.source.count)
    this.rows.toEnd()
  }

  private schedule(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.rows.resize(this.paused ? this.rows.length : this.source.count)
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
    const row = this.source.row(place)
    const seq = row?.seq ?? 0
    if (row) view.fill(row, this.since(row, place))
    else view.blank(0)
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
    if (rows.following && !this.paused) this.seen = this.lastSeq
    this.host.dataset.shown = String(this.newestOnScreen())
    if (rows.elementOf(source.place(this.active))?.dataset.seq !== String(this.active)) list.removeAttribute("aria-activedescendant")
    this.showPill()
    this.showEmpty()
    this.showFound()
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
    for (let at = this.rows.first; at <= this.rows.last; at++) if (!this.source.row(at)) return true
    return false
  }

  private fetchGap(): void {
    this.gap = 0
    if (this.hasGap()) this.source.want(this.rows.first - around, this.rows.last + around)
  }

  private showPill(): void {
    const away = this.paused || !this.rows.following
    this.pill.hidden = !away || this.rows.length === 0
    const more = this.lastSeq - this.seen
    setText(this.pill, more > 0 ? say("log.jump_more", { count: count(more) }) : say("log.jump"))
  }

  private showEmpty(): void {
    const { source } = this
    this.empty.hidden = source.count > 0 || this.rows.length > 0
    const key = source instanceof FoundLog ? (source.complete ? "log.none_found" : "log.searching") : this.base > 0 ? "log.cleared" : "log.empty"
    this.empty.classList.toggle("log-quiet", key === "log.empty")
    this.empty.classList.toggle("failed", this.problem !== "")
    setText(this.empty, this.problem || say(key))
  }

  private showFound(): void {
    const { source } = this
    if (this.problem) return this.bar.showFound(source.count > 0 ? this.problem : "", true)
    if (!this.bar.searching) return this.bar.showFound("")
    const total = count(source.count) + (source.complete ? "" : "…")
    const place = source.place(this.active)
    const here = source.row(place)?.seq === this.active && this.active > 0
    this.bar.showFound(here ? `${count(place + 1)}/${total}` : total)
  }

  private click(event: MouseEvent): void {
    const seq = Number((event.target as Element).closest<HTMLElement>(".log-row")?.dataset.seq)
    if (seq > 0) this.openPlace(this.source.place(seq))
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const move = this.moves(event.key)
    if (move !== null) this.moveTo(move)
    else if (event.key === "Enter") this.openPlace(this.active > 0 ? this.source.place(this.active) : this.rows.last)
    else if (event.key === "Escape" && this.open > 0) this.close()
    else return
    event.preventDefault()
  }

  private moves(key: string): number | null {
    const last = this.rows.length - 1
    const none = this.active === 0
    const at = none ? this.rows.last : this.source.place(this.active)
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

  private step(by: 1 | -1): void {
    const at = this.source.place(this.active)
    const here = this.source.row(at)?.seq === this.active
    const next = this.active === 0 ? (by === 1 ? 0 : this.rows.length - 1) : here ? at + by : by === 1 ? at : at - 1
    this.moveTo((next + this.rows.length) % Math.max(1, this.rows.length))
  }

  // An arrow goes to a row that may not be here yet: then the list moves, and the
  // next arrow finds it.
  private moveTo(wanted: number): void {
    const place = Math.max(0, Math.min(wanted, this.rows.length - 1))
    this.rows.reveal(place)
    const row = this.source.row(place)
    if (row) this.active = row.seq
    else if (this.source instanceof WholeLog) this.active = this.base + place + 1
    if (row && this.open > 0) this.show(row)
    this.rows.refresh()
  }

  private openPlace(place: number): void {
    const row = this.source.row(place)
    if (!row) return
    this.active = row.seq
    this.show(row)
    this.rows.refresh()
  }

  private show(row: Row): void {
    this.open = row.seq
    this.deps.open(row)
    // In a narrow window the detail takes its room from the list.
    requestAnimationFrame(() => { if (this.open === row.seq) this.uncover(row.seq) })
  }

  private close(): void {
    this.open = 0
    this.deps.open(null)
    this.rows.refresh()
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

function queryOf({ filter, text, regex, matchCase }: Search): Query | null {
  if (filter === "all" && text === "") return null
  const query: Query = {}
  if (filter !== "all") query.direction = filter
  if (text !== "") Object.assign(query, { q: text, regex, fold: !matchCase })
  return query
}
