// A search over all sessions: asks the server for one answer after another, shows its
// progress, and can be stopped and continued.

import { count, lasted, plural, say } from "../text"
import { element, setText } from "../ui"
import { searchBudget, searchSessions, type Amount, type FoundSession } from "../wire"
import type { HistoryQuery } from "./filters"
import { messageLine, moreLine, turnLine } from "./hit"
import type { HistoryList } from "./list"
import { drawRow, type HistoryRow } from "./row"

const sessionsPerRun = 100 // sessions shown until a person asks for more

export interface SearchPlaces {
  list: HistoryList
  status: HTMLElement // in the search field
  foot: HTMLElement // below the list
  // same is the search as the address of a session has it.
  same: URLSearchParams
  explain(message: string): void
  nameOf(service: string): string
  searchMessages(): void
  changed(): void // rows were added
}

interface Found {
  row: HistoryRow
  shown: number
  more: HTMLElement | null
  places: number
  atLeast: boolean
}

// HistorySearch runs one search.
export class HistorySearch {
  private request: AbortController | null = null
  private stopped = new AbortController()
  private found = new Map<string, Found>()
  private next = ""
  private skipped = 0 // messages left out because searching them takes too long
  private total: Amount = { sessions: 0, messages: 0 }
  private searched: Amount = { sessions: 0, messages: 0 }
  private took = 0 // ms
  private isRefused = false // the query is invalid: the search cannot continue
  private button = element("button", { type: "button", class: "button low", "data-testid": "found-stop" })

  constructor(private readonly query: HistoryQuery, private readonly places: SearchPlaces) {
    const { signal } = this.stopped
    this.button.addEventListener("click", () => (this.request ? this.stop() : void this.searchAll()), { signal })
    window.addEventListener("pagehide", () => this.stop(), { signal })
    void this.searchAll()
  }

  destroy(): void {
    this.stopped.abort()
    this.request?.abort()
    setText(this.places.status, "")
    this.places.foot.replaceChildren()
  }

  private stop(): void {
    this.request?.abort()
    this.request = null
    this.update()
  }

  // searchAll searches until the end, a stop, or a full page of results.
  private async searchAll(): Promise<void> {
    const request = (this.request = new AbortController())
    const enough = this.found.size + sessionsPerRun
    const { text, regex, matchCase, inAnswers, filter } = this.query
    let budget = searchBudget.usual
    let began = performance.now()
    this.update()
    do {
      const { ok, error } = await searchSessions({
        q: text, in: inAnswers ? "answers" : "messages", regex, fold: !matchCase, ...filter, next: this.next, budget_ms: budget,
      }, request.signal)
      if (request.signal.aborted) return
      this.took += performance.now() - began
      began = performance.now()
      if (error) {
        this.isRefused = error.field === "q"
        this.places.explain(error.message)
        break
      }
      this.total = ok.total ?? this.total
      this.searched = { sessions: this.searched.sessions + ok.searched.sessions, messages: this.searched.messages + ok.searched.messages }
      ok.sessions.forEach((found) => this.add(found))
      if (ok.sessions.length > 0) this.places.changed()
      this.next = ok.next
      this.skipped += ok.skipped
      budget = ok.slow ? searchBudget.slow : searchBudget.usual
      this.update()
    } while (this.next && this.found.size < enough)
    this.request = null
    this.update()
  }

  private add(answer: FoundSession): void {
    const { session } = answer
    let found = this.found.get(session.id)
    if (!found) {
      const row = drawRow(session, Date.now() * 1000, this.hrefOf(session.id, 0), this.places.nameOf)
      found = { row, shown: 0, more: null, places: 0, atLeast: false }
      this.found.set(session.id, found)
      this.places.list.add(row)
    }
    if (this.query.inAnswers) {
      found.places += answer.texts
      const [first] = answer.turns
      if (first) found.row.addHits(turnLine(first, session.id, answer.texts - 1))
      return
    }
    const turns = found.shown === 0 ? answer.turns : []
    found.places += answer.found + turns.length
    found.atLeast = answer.more
    const lines = [...turns.slice(0, 2).map((turn) => turnLine(turn, session.id, 0)), ...answer.messages.map((row) => messageLine(row, this.hrefOf(session.id, row.seq)))]
    found.shown += lines.length
    found.more?.remove()
    found.more = found.places > found.shown ? moreLine(found.places - found.shown, found.atLeast) : null
    found.row.addHits(...lines, ...(found.more ? [found.more] : []))
  }

  private hrefOf(session: string, seq: number): string {
    const page = `/sessions/${encodeURIComponent(session)}`
    if (this.query.inAnswers) return page
    return `${page}?${this.places.same}${seq > 0 ? `&seq=${seq}` : ""}`
  }

  private update(): void {
    const { status, foot, list } = this.places
    const isThrough = !this.request && !this.next && !this.isRefused
    const [sessions, places] = [this.found.size, [...this.found.values()].reduce((sum, found) => sum + found.places, 0)]
    const atLeast = [...this.found.values()].some((found) => found.atLeast) ? "+" : ""
    setText(status, this.isRefused || (sessions === 0 && !isThrough) ? "" : say("history.places", {
      sessions: plural("history.count", sessions, { count: count(sessions) }), places: plural("history.places", places, { count: count(places) + atLeast }),
    }))
    list.element.toggleAttribute("aria-busy", this.request !== null)
    if (this.isRefused) return foot.replaceChildren()
    const parts: (Node | string)[] = []
    if (isThrough && sessions === 0) parts.push(say(this.query.inAnswers ? "history.none.answers" : "history.none.messages"), " ")
    parts.push(element("span", { "data-testid": "found-progress" }, this.progress(isThrough)), " ")
    if (this.skipped > 0) parts.push(plural("history.skipped", this.skipped, { count: count(this.skipped) }), " ")
    if (isThrough && this.query.inAnswers) parts.push(this.searchMessages())
    if (!isThrough) {
      setText(this.button, say(this.request ? "history.stop" : "history.go_on"))
      parts.push(this.button)
    }
    foot.replaceChildren(...parts)
  }

  private progress(isThrough: boolean): string {
    const { searched, total } = this
    const amounts = { searched: count(searched.sessions), total: count(total.sessions), messages: count(searched.messages) }
    if (!isThrough) return this.request ? say("history.searching", amounts) : say("history.stopped", amounts)
    const time = lasted(this.took * 1000)
    if (!this.query.inAnswers) return plural("history.searched.messages", searched.messages, { count: count(searched.messages), time })
    return say(this.query.hasDays ? "history.searched.answers.days" : "history.searched.answers", { time })
  }

  private searchMessages(): HTMLElement {
    const button = element("button", { type: "button", class: "link", "data-testid": "search-messages" }, say("history.search_messages"))
    button.addEventListener("click", () => this.places.searchMessages(), { signal: this.stopped.signal })
    return button
  }
}
