// The joined text around a message, at the bottom: its turn, and its own part marked.

import { count, say, visible } from "../text"
import { element, setText } from "../ui"
import type { Row } from "../wire"

export interface JoinedDeps {
  // around fetches the rows around a message.
  around(seq: number, signal: AbortSignal): Promise<Row[]>
  // turnOf returns the number of the turn of a message, or 0.
  turnOf(seq: number): number
  showTurn(n: number): void
}

const most = 90 // characters on each side

export class Joined {
  private before = document.createTextNode("")
  private own = element("mark", {})
  private after = document.createTextNode("")
  private space = document.createTextNode("")
  private name = element("h3", {})
  private link = element("button", { type: "button", class: "link", "data-testid": "detail-turn-open" }, say("detail.turn.show"))
  readonly element = element("section", { class: "detail-turn", hidden: true, "data-testid": "detail-turn" }, this.name, element("p", {}, this.before, this.own, this.after, this.space, this.link))
  private stop = new AbortController()
  private turn = 0

  constructor(private readonly deps: JoinedDeps, signal: AbortSignal) {
    this.link.addEventListener("click", () => deps.showTurn(this.turn), { signal })
    signal.addEventListener("abort", () => this.stop.abort())
  }

  // show shows the turn of a message, or of none.
  async show(row: Row | null): Promise<void> {
    this.stop.abort()
    this.turn = row ? this.deps.turnOf(row.seq) : 0
    this.element.hidden = this.turn === 0
    if (!row || this.turn === 0) return
    setText(this.name, say("detail.turn.in", { n: count(this.turn) }))
    const own = row.joins === "" ? "" : row.gist
    this.fill("", own, "")
    if (row.joins !== "append") return
    this.stop = new AbortController()
    const { signal } = this.stop
    const rows = await this.deps.around(row.seq, signal).catch(() => [])
    if (signal.aborted) return
    const { before, after } = textAround(row, rows.filter((other) => this.deps.turnOf(other.seq) === this.turn))
    this.fill(before, own, after)
  }

  private fill(before: string, own: string, after: string): void {
    this.before.data = visible(before)
    setText(this.own, own ? visible(own) : "")
    this.own.hidden = own === ""
    this.after.data = visible(after)
    this.space.data = own ? " " : ""
  }
}

// textAround joins the texts of the rows beside one, as far as they belong to the same text.
export function textAround(row: Row, rows: readonly Row[]): { before: string; after: string } {
  const same = rows.filter((other) => other.joins === row.joins && other.label === row.label && other.direction === row.direction)
  const join = (part: readonly Row[]): string => part.map((other) => other.gist).join("")
  const before = join(same.filter((other) => other.seq < row.seq))
  const after = join(same.filter((other) => other.seq > row.seq))
  const isCut = (same[0]?.seq ?? 0) > (rows[0]?.seq ?? 0) ? "" : "…"
  return {
    before: before.length > most ? `…${tail(before)}` : before && isCut + before,
    after: after.length > most ? `${head(after)}…` : after,
  }
}

// tail and head cut a text between words where there are some.
function tail(text: string): string {
  const cut = text.slice(-most)
  const at = cut.indexOf(" ")
  return at >= 0 && at < 20 ? cut.slice(at + 1) : cut
}

function head(text: string): string {
  const cut = text.slice(0, most)
  const at = cut.lastIndexOf(" ")
  return at > most - 20 ? cut.slice(0, at) : cut
}
