// A search over all sessions: asks the server for one answer after another, shows its
// progress, and can be stopped and continued.

import { count, say } from "../text"
import { element, setText } from "../ui"
import { searchSessions, type Amount, type SessionSearch } from "../wire"
import { Results } from "./results"

const answerWithin = 200
const atMost = 10_000
const atOnce = 100 // sessions shown until a person asks for more

export class HistorySearch {
  private status = element("p", { role: "status", "data-testid": "found-status" })
  private button = element("button", { type: "button", class: "button", "data-testid": "found-stop" })
  private results: Results
  private asked: AbortController | null = null
  private next = ""
  private skipped = 0 // messages left out because searching them takes too long
  private total: Amount = { sessions: 0, messages: 0 }
  private searched: Amount = { sessions: 0, messages: 0 }
  private refused = false // the query is invalid: the search cannot continue

  constructor(
    host: HTMLElement,
    private readonly query: SessionSearch,
    address: (session: string, seq: number) => string,
    private readonly failed: (message: string) => void,
  ) {
    this.results = new Results(address)
    host.append(element("div", { class: "found-status" }, this.status, this.button), this.results.element)
    this.button.addEventListener("click", () => (this.asked ? this.stop() : void this.run()))
    window.addEventListener("pagehide", () => this.stop())
    void this.run()
  }

  private stop(): void {
    this.asked?.abort()
    this.asked = null
    this.draw()
  }

  // run searches until the end, a stop, or a full page of results.
  private async run(): Promise<void> {
    const asked = (this.asked = new AbortController())
    const enough = this.results.sessions + atOnce
    let allowed = answerWithin
    this.draw()
    do {
      const { ok, error } = await searchSessions({ ...this.query, next: this.next, budget_ms: allowed }, asked.signal)
      if (asked.signal.aborted) return
      if (error) {
        this.refused = error.field === "q"
        this.failed(error.message)
        break
      }
      this.total = ok.total ?? this.total
      this.searched = { sessions: this.searched.sessions + ok.searched.sessions, messages: this.searched.messages + ok.searched.messages }
      ok.sessions.forEach((found) => this.results.add(found))
      this.next = ok.next
      this.skipped += ok.skipped
      allowed = ok.slow ? atMost : answerWithin
      this.draw()
    } while (this.next && this.results.sessions < enough)
    this.asked = null
    this.draw()
  }

  private draw(): void {
    const { results, searched, total, refused } = this
    const through = !this.asked && !this.next && total.sessions === searched.sessions
    const key = this.asked ? "history.searching" : through ? (results.sessions > 0 ? "history.through" : "history.nothing") : "history.stopped"
    const words = say(key, {
      searched: count(searched.sessions), total: count(total.sessions), messages: count(searched.messages),
      matches: count(results.matches), found: count(results.sessions),
    })
    const left = this.skipped > 0 ? ` · ${say("history.skipped", { count: count(this.skipped) })}` : ""
    setText(this.status, refused ? "" : words + left)
    this.button.hidden = through || refused
    setText(this.button, say(this.asked ? "history.stop" : "history.go_on"))
  }
}
