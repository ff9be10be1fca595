// The messages of a turn, in place: the first five, and the rest on demand.

import { eventSentence } from "../log"
import { clock, count, gap, plural, say, size, visible } from "../text"
import { element, type Component } from "../ui"
import { readRows, type Row, type Turn } from "../wire"
import { isSlow } from "./figures"

const fewRows = 5
const mostRows = 500 // drawn in a card; the log has all
const readAtOnce = 1000 // the largest page of the server

export interface RowsDeps {
  session(): string
  medianUS(): number
  // message opens a message in the log.
  message(seq: number): void
  // pick shows a message at the right.
  pick(row: Row): void
}

export class TurnRows implements Component<Turn> {
  readonly element = element("div", { class: "turn-raw", role: "group", "aria-label": say("turns.messages_of") })
  private readonly stop = new AbortController()
  private readonly list = element("div", {})
  private readonly rest = element("p", { class: "turn-rest", "data-testid": "turn-rest" })
  private rows: Row[] = []
  private turn: Turn | null = null
  private readTo = 0 // seq up to which rows were read
  private isReading = false
  private isWhole: boolean
  private drawn = 0
  private problem = ""

  constructor(private readonly deps: RowsDeps, showAll: boolean, private readonly expanded: () => void) {
    this.isWhole = showAll
    this.element.append(this.list, this.rest)
    this.element.addEventListener("click", (event) => this.pressed(event, false), { signal: this.stop.signal })
    this.element.addEventListener("dblclick", (event) => this.pressed(event, true), { signal: this.stop.signal })
  }

  update(turn: Turn): void {
    this.turn = turn
    if (this.readTo < turn.lastSeq && (this.drawn < fewRows || this.isWhole)) void this.read()
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private async read(): Promise<void> {
    const { turn } = this
    if (this.isReading || !turn) return
    this.isReading = true
    const after = Math.max(this.readTo, turn.firstSeq - 1)
    const { ok, error } = await readRows(this.deps.session(), { after, before: turn.lastSeq + 1, limit: readAtOnce }, this.stop.signal)
    this.isReading = false
    if (this.stop.signal.aborted) return
    this.problem = error?.message ?? ""
    if (ok) {
      this.rows.push(...ok.rows)
      this.readTo = ok.rows.at(-1)?.seq ?? turn.lastSeq
      if (ok.rows.length === 0) this.readTo = turn.lastSeq
    }
    this.draw()
    if (ok && this.isWhole && this.readTo < turn.lastSeq && this.rows.length < mostRows) void this.read()
  }

  private draw(): void {
    const { turn } = this
    if (!turn) return
    const wanted = Math.min(this.rows.length, this.isWhole ? mostRows : fewRows)
    for (; this.drawn < wanted; this.drawn++) {
      const row = this.rows[this.drawn]
      if (row) this.list.append(this.line(row, this.rows[this.drawn - 1]))
    }
    this.drawRest(turn)
  }

  private line(row: Row, before: Row | undefined): HTMLElement {
    const since = before ? row.atUS - before.atUS : null
    const cell = (name: string, ...content: (Node | string)[]): HTMLElement => element("span", { class: name }, ...content)
    const isEvent = row.direction === "event"
    const words = visible(row.gist || (isEvent ? "" : row.preview))
    const gist = row.joins === "append" ? cell("gist", element("q", {}, words)) : cell("gist", words)
    const name = isEvent ? eventSentence(row) : row.label || say(`turns.kind.${row.opcode ?? "text"}`)
    return element("button", { type: "button", class: `turn-row${isEvent ? " is-event" : ""}${since !== null && isSlow(since, this.deps.medianUS()) ? " is-slow" : ""}`, "data-testid": "turn-row", "data-seq": row.seq, "data-direction": row.direction },
      cell("seq", String(row.seq)),
      cell(`way ${row.direction}`, element("span", { "aria-hidden": "true" }, { sent: "↑", received: "↓", event: "•" }[row.direction]), element("span", { class: "visually-hidden" }, say(`log.${row.direction}`))),
      cell("what", visible(name)),
      gist,
      cell("size", isEvent ? "" : size(row.size)),
      cell("at", clock(row.atUS)),
      cell("gap", since === null ? "" : gap(since)))
  }

  private drawRest(turn: Turn): void {
    const isDone = turn.state !== "open"
    const end = isDone ? say(turn.state === "done" ? "turns.done_at" : "turns.ended_at", { time: clock(turn.doneUS || (this.rows.at(-1)?.atUS ?? turn.markUS)) }) : ""
    const isKnown = this.readTo >= turn.lastSeq // with the events between
    const more = Math.max(0, (isKnown ? this.rows.length : turn.messages) - this.drawn)
    if (this.problem) return this.rest.replaceChildren(element("span", { class: "error" }, this.problem))
    const parts: (Node | string)[] = []
    if (more > 0 && this.drawn > 0) {
      const label = this.mostFrequent()
      const words = plural("turns.more", more, { count: count(more) })
      parts.push(element("span", {}, words, ...(label && !this.isWhole ? [element("span", { class: "turn-rest-of" }, say("turns.more_of", { count: count(label.count), label: visible(label.name) }))] : [])))
      parts.push(element("button", { type: "button", class: "link", "data-testid": "turn-show-all" }, say(this.isWhole ? "turns.open_messages" : "turns.show_all")))
    }
    if (end && this.rows.length > 0) parts.push(element("span", {}, end))
    this.rest.hidden = parts.length === 0
    this.rest.replaceChildren(...parts)
  }

  // mostFrequent returns the label that most of the hidden rows have; null unless all rows of
  // the turn are known.
  private mostFrequent(): { name: string; count: number } | null {
    if (!this.turn || this.readTo < this.turn.lastSeq) return null
    const counts = new Map<string, number>()
    for (const { label } of this.rows.slice(this.drawn)) if (label) counts.set(label, (counts.get(label) ?? 0) + 1)
    let best: { name: string; count: number } | null = null
    for (const [name, amount] of counts) if (!best || amount > best.count) best = { name, count: amount }
    return best
  }

  private pressed(event: MouseEvent, isDouble: boolean): void {
    const target = event.target as Element
    if (target.closest("[data-testid=turn-show-all]")) {
      if (this.isWhole) return this.deps.message(this.rows[this.drawn - 1]?.seq ?? this.turn?.firstSeq ?? 0)
      this.isWhole = true
      this.expanded()
      this.draw()
      if (this.turn && this.readTo < this.turn.lastSeq) void this.read()
      return
    }
    const seq = Number(target.closest<HTMLElement>(".turn-row")?.dataset.seq ?? 0)
    const row = this.rows.find((other) => other.seq === seq)
    if (!row) return
    event.stopPropagation()
    if (isDouble) this.deps.message(seq)
    else this.deps.pick(row)
  }
}
