// A search over all sessions: asks the server for one answer after another, shows its
// progress, and can be stopped and continued.

import { count, say } from "../text"
import { element, setText } from "../ui"
import { searchBudget, searchSessions, type Amount, type SessionSearch } from "../wire"
import { Results } from "./results"

const sessionsPerRun = 100 // sessions shown until a person asks for more

// HistorySearch shows a search in host; fail is called with the sentence of an error.
export class HistorySearch {
  private status = element("p", { role: "status", "data-testid": "found-status" })
  private button = element("button", { type: "button", class: "button", "data-testid": "found-stop" })
  private results: Results
  private request: AbortController | null = null
  private stopped = new AbortController()
  private next = ""
  private skipped = 0 // messages left out because searching them takes too long
  private total: Amount = { sessions: 0, messages: 0 }
  private searched: Amount = { sessions: 0, messages: 0 }
  private isRefused = false // the query is invalid: the search cannot continue

  constructor(
    host: HTMLElement,
    private readonly query: SessionSearch,
    addressOf: (session: string, seq: number) => string,
    private readonly fail: (message: string) => void,
  ) {
    const { signal } = this.stopped
    this.results = new Results(addressOf)
    host.append(element("div", { class: "found-status" }, this.status, this.button), this.results.element)
    this.button.addEventListener("click", () => (this.request ? this.stop() : void this.searchAll()), { signal })
    window.addEventListener("pagehide", () => this.stop(), { signal })
    void this.searchAll()
  }

  destroy(): void {
    this.stopped.abort()
    this.request?.abort()
  }

  private stop(): void {
    this.request?.abort()
    this.request = null
    this.update()
  }

  // searchAll searches until the end, a stop, or a full page of results.
  private async searchAll(): Promise<void> {
    const request = (this.request = new AbortController())
    const enough = this.results.sessions + sessionsPerRun
    let budget = searchBudget.usual
    this.update()
    do {
      const { ok, error } = await searchSessions({ ...this.query, next: this.next, budget_ms: budget }, request.signal)
      if (request.signal.aborted) return
      if (error) {
        this.isRefused = error.field === "q"
        this.fail(error.message)
        break
      }
      this.total = ok.total ?? this.total
      this.searched = { sessions: this.searched.sessions + ok.searched.sessions, messages: this.searched.messages + ok.searched.messages }
      ok.sessions.forEach((found) => this.results.addSession(found))
      this.next = ok.next
      this.skipped += ok.skipped
      budget = ok.slow ? searchBudget.slow : searchBudget.usual
      this.update()
    } while (this.next && this.results.sessions < enough)
    this.request = null
    this.update()
  }

  private update(): void {
    const { results, searched, total, isRefused } = this
    const isThrough = !this.request && !this.next && total.sessions === searched.sessions
    const key = this.request ? "history.searching" : isThrough ? (results.sessions > 0 ? "history.through" : "history.nothing") : "history.stopped"
    const words = say(key, {
      searched: count(searched.sessions), total: count(total.sessions), messages: count(searched.messages),
      matches: count(results.matches), found: count(results.sessions),
    })
    const left = this.skipped > 0 ? ` · ${say("history.skipped", { count: count(this.skipped) })}` : ""
    setText(this.status, isRefused ? "" : words + left)
    this.button.hidden = isThrough || isRefused
    setText(this.button, say(this.request ? "history.stop" : "history.go_on"))
  }
}
