// The right side: one turn with its times, its figures beside those of the others, its request,
// and the message of a word.

import { clock, count, lasted, plural, say, size, visible, visibleLines } from "../text"
import { element, iconButton, setText, type Component } from "../ui"
import { bodyURL, readRows, type Row, type Turn } from "../wire"
import { Workshop } from "../worker"
import type { Book } from "./book"
import { figuresOf, isSlow, type Figures } from "./figures"
import { endOf, rateText } from "./meta"
import { codeLines } from "./code"

export interface DetailDeps {
  session(): string
  nowUS(): number
  // go selects a turn.
  go(n: number): void
  // message opens a message in the log.
  message(seq: number): void
}

const shownRequests = 4 // messages of a request
const bodyMost = 64 * 1024 // bytes of a message that is shown here

export class TurnDetail implements Component<Turn | null> {
  readonly element = element("div", { class: "turn-panel" })
  private readonly stop = new AbortController()
  private readonly title = element("h2", { "data-testid": "turn-title" })
  private readonly line = element("p", {})
  private readonly previous = iconButton("chevron-up", say("turns.previous"), { class: "tool low", "data-testid": "turn-previous" })
  private readonly next = iconButton("chevron-down", say("turns.next"), { class: "tool low", "data-testid": "turn-next" })
  private readonly bars = element("section", {})
  private readonly facts = element("section", {})
  private readonly compared = element("section", {})
  private readonly message = element("section", { hidden: true, "data-testid": "turn-word" })
  private readonly request = element("section", { "data-testid": "turn-request-body" })
  private readonly workshop = new Workshop()
  private turn: Turn | null = null
  private keys: string[] = []
  private responseID = ""
  private loading: AbortController | null = null

  constructor(private readonly book: Book, private readonly deps: DetailDeps) {
    const { signal } = this.stop
    const head = element("header", { class: "turn-detail-head" }, this.title, element("span", { class: "acts" }, this.previous, this.next), this.line)
    this.element.append(head, this.message, this.bars, this.facts, this.compared, this.request)
    this.previous.addEventListener("click", () => this.turn && deps.go(this.turn.n - 1), { signal })
    this.next.addEventListener("click", () => this.turn && deps.go(this.turn.n + 1), { signal })
    this.element.addEventListener("click", (event) => {
      const seq = (event.target as Element).closest<HTMLElement>("[data-open-seq]")?.dataset.openSeq
      if (seq) deps.message(Number(seq))
    }, { signal })
  }

  update(turn: Turn | null): void {
    const isOther = turn?.n !== this.turn?.n
    const isAsked = turn?.markSeq !== this.turn?.markSeq
    this.turn = turn
    if (isOther) {
      this.keys = []
      this.responseID = ""
      this.pick(null)
      this.element.scrollTop = 0
    }
    if (!turn) return
    setText(this.title, say("turns.turn", { n: turn.n }))
    this.previous.disabled = turn.n <= this.book.forgotten + 1
    this.next.disabled = turn.n >= this.book.last
    if (isOther || isAsked) void this.load(turn)
    this.draw(turn)
  }

  // tick redraws the running times.
  tick(): void {
    if (this.turn?.state === "open") this.draw(this.turn)
  }

  // pick shows a message of the turn; null shows none.
  pick(row: Row | null): void {
    this.message.hidden = row === null
    this.message.replaceChildren()
    if (!row) return
    const head = element("h3", {}, element("button", { type: "button", class: "link", "data-open-seq": row.seq, "data-testid": "turn-word-message" }, say("turns.message", { seq: row.seq })), row.label ? ` ${visible(row.label)}` : "")
    const facts = [size(row.size), clock(row.atUS)].join(" · ")
    const code = element("div", { class: "code-lines" })
    this.message.append(head, element("p", { class: "quiet" }, facts), code)
    this.element.scrollTop = 0
    void this.show(row, code)
  }

  destroy(): void {
    this.stop.abort()
    this.loading?.abort()
    this.workshop.stop()
    this.element.replaceChildren()
  }

  private draw(turn: Turn): void {
    const nowUS = this.deps.nowUS()
    const figures = figuresOf(turn, nowUS)
    this.part(0, `${turn.state} ${endOf(turn)}`, () => {
      const at = turn.markUS || turn.audioStartUS || turn.firstMessageUS
      this.line.replaceChildren(element("span", { class: "turn-state", "data-state": turn.state }, endOf(turn)), at ? ` · ${say(turn.markUS || turn.audioStartUS ? "turns.sent_at" : "turns.begun_at", { time: clock(at) })}` : "")
    })
    this.drawBars(turn, nowUS)
    this.drawFacts(turn, figures)
    this.drawCompared(turn, figures)
  }

  // part runs a drawing when what it draws has changed.
  private part(index: number, key: string, draw: () => void): void {
    if (this.keys[index] === key) return
    this.keys[index] = key
    draw()
  }

  private drawBars(turn: Turn, nowUS: number): void {
    const { markUS, firstMessageUS, firstTextUS, firstAudioUS, doneUS, state } = turn
    const first = Math.min(firstTextUS || Infinity, firstAudioUS || Infinity)
    const end = state === "open" ? nowUS : doneUS || (first === Infinity ? firstMessageUS : first)
    const total = end - markUS
    const accepted = markUS > 0 && firstMessageUS > markUS ? firstMessageUS - markUS : null
    const text = markUS > 0 && first !== Infinity && first >= markUS ? first - markUS : null
    const streaming = text !== null && end > first ? end - first : null
    this.bars.hidden = total <= 0 || (accepted === null && text === null)
    if (this.bars.hidden) return
    const share = (us: number): number => Math.round((us / total) * 1000) / 10
    const rows: [string, number, number, string][] = []
    if (accepted !== null) rows.push([say("turns.bar.accepted"), 0, accepted, ""])
    if (text !== null) rows.push([say(firstTextUS ? "turns.bar.first_text" : "turns.bar.first_audio"), accepted ?? 0, text, ""])
    if (streaming !== null && text !== null) rows.push([say("turns.bar.streaming"), text, text + streaming, "received"])
    this.part(1, rows.map((row) => row.join()).join("\n") + String(total), () => {
      const bars = rows.flatMap(([label, from, to, kind]) => {
        const bar = element("i", kind ? { class: kind } : {})
        bar.style.left = `${share(from)}%`
        bar.style.width = `${Math.max(1, share(to - from))}%`
        const took = kind ? to - from : to
        return [element("span", { class: "l" }, label), element("span", { class: "p" }, bar), element("span", { class: "t" }, lasted(kind && state === "open" ? Math.round(took / 1e5) * 1e5 : took))]
      })
      this.bars.replaceChildren(element("h3", {}, say("turns.bars")), element("div", { class: "turn-bars" }, ...bars))
    })
  }

  private drawFacts(turn: Turn, { rate }: Figures): void {
    const { gaps, text, usage } = turn
    const tokens = usage["output_tokens"] ?? 0
    const facts: [string, (Node | string)[]][] = []
    const add = (key: string, ...value: (Node | string)[]): void => void facts.push([say(key), value])
    const characters = [...text.answer].length
    if (characters > 0) add("turns.fact.output", [plural("turns.characters", characters, { count: count(characters) }), ...(tokens > 0 ? [plural("turns.tokens", tokens, { count: count(tokens) })] : [])].join(" · "))
    const input = usage["input_tokens"] ?? 0
    if (input > 0) add("turns.fact.input", plural("turns.tokens", input, { count: count(input) }))
    if (rate) add("turns.fact.rate", rateText(rate))
    if (gaps && gaps.maxUS > 0) {
      add("turns.fact.gap_median", lasted(gaps.p50US))
      add("turns.fact.gap_p95", lasted(gaps.p95US))
      const slow = isSlow(gaps.maxUS, this.book.medianUS) ? "link slow" : "link"
      const words = say("turns.gap_at", { time: lasted(gaps.maxUS), seq: gaps.maxSeq })
      add("turns.fact.gap_largest", gaps.maxSeq > 0 ? element("button", { type: "button", class: slow, "data-open-seq": gaps.maxSeq, "data-testid": "turn-gap" }, words) : lasted(gaps.maxUS))
    }
    const received = turn.messages - turn.sentMessages
    add("turns.fact.messages", `↑ ${count(turn.sentMessages)} · ↓ ${count(received)}`)
    add("turns.fact.size", `↑ ${size(turn.sentBytes)} · ↓ ${size(turn.bytes - turn.sentBytes)}`)
    if (this.responseID) add("turns.fact.response", element("code", { title: this.responseID }, this.responseID))
    const key = facts.map(([name, value]) => name + value.map((part) => (typeof part === "string" ? part : (part.textContent ?? ""))).join("")).join("\n")
    this.part(2, key, () => this.facts.replaceChildren(factList(facts)))
  }

  // drawCompared shows the turn beside the median of the others.
  private drawCompared(turn: Turn, { firstText, rate }: Figures): void {
    const others = this.book.all.filter(({ n, state }) => n !== turn.n && state === "done")
    const all = others.map((other) => figuresOf(other))
    const text = middle(all.flatMap(({ firstText: us }) => (us === null ? [] : [us])))
    const speed = middle(all.flatMap(({ rate: other }) => (other && other.unit === rate?.unit ? [other.perSecond] : [])))
    const facts: [string, (Node | string)[]][] = []
    if (firstText !== null && text !== null) facts.push([say("turns.fact.first_text"), [`${signed(firstText - text, lasted)} `, element("span", { class: "quiet" }, say("turns.compared.of", { value: lasted(text) }))]])
    if (rate && speed !== null) {
      const other = { ...rate, perSecond: speed }
      facts.push([say("turns.fact.rate"), [`${signed(Math.round(rate.perSecond - speed), (value) => say(`turns.rate.${rate.unit}`, { rate: count(value) }))} `, element("span", { class: "quiet" }, say("turns.compared.of", { value: rateText(other).split(" ")[0] ?? "" }))]])
    }
    this.compared.hidden = facts.length === 0
    if (facts.length === 0) return
    const [a, b] = others.map(({ n }) => n)
    const title = others.length === 1 ? say("turns.compared.one", { a: a ?? 0 }) : others.length === 2 ? say("turns.compared.two", { a: a ?? 0, b: b ?? 0 }) : say("turns.compared.many", { count: count(others.length) })
    const key = title + facts.map(([name, value]) => name + value.map((part) => (typeof part === "string" ? part : (part.textContent ?? ""))).join("")).join("\n")
    this.part(3, key, () => this.compared.replaceChildren(element("h3", {}, title), factList(facts)))
  }

  // load reads the messages of the request, and the id of the response in the first answer.
  private async load(turn: Turn): Promise<void> {
    this.loading?.abort()
    const loading = (this.loading = new AbortController())
    this.request.replaceChildren()
    if (turn.markSeq === 0) return
    const { ok } = await readRows(this.deps.session(), { after: turn.firstSeq - 1, before: turn.markSeq + 3, limit: 40 }, loading.signal)
    if (!ok || loading.signal.aborted) return
    const sent = ok.rows.filter(({ direction, seq, opcode }) => direction === "sent" && seq <= turn.markSeq && opcode === "text").slice(-shownRequests)
    this.request.append(element("h3", {}, say("turns.request")))
    for (const row of sent) {
      const code = element("div", { class: "code-lines" })
      this.request.append(element("p", {}, element("button", { type: "button", class: "link", "data-open-seq": row.seq }, `#${row.seq}`), ` ${visible(row.label)}`), code)
      await this.show(row, code)
      if (loading.signal.aborted) return
    }
    if (sent.length === 0) this.request.append(element("p", { class: "quiet" }, element("button", { type: "button", class: "link", "data-open-seq": turn.markSeq }, say("turns.message", { seq: turn.markSeq }))))
    const answer = ok.rows.find(({ direction, seq, opcode }) => direction === "received" && seq > turn.markSeq && opcode === "text")
    if (!answer || answer.size > bodyMost) return
    this.responseID = idIn(await this.read(answer))
    if (this.responseID && !loading.signal.aborted && this.turn) this.draw(this.turn)
  }

  // show writes a message as indented text; JSON is coloured.
  private async show(row: Row, place: HTMLElement): Promise<void> {
    if (row.opcode !== "text" || row.size > bodyMost) return place.replaceChildren(element("p", { class: "quiet" }, visibleLines(row.preview)))
    const text = await this.read(row)
    if (this.stop.signal.aborted) return
    place.replaceChildren(...codeLines(text))
  }

  private async read(row: Row): Promise<string> {
    try {
      const opened = await this.workshop.run("open", { body: { url: bodyURL(this.deps.session(), row.seq), max: bodyMost }, size: row.size, opcode: row.opcode })
      return new TextDecoder().decode(opened.pretty ?? opened.wire)
    } catch {
      return row.preview
    }
  }
}

function factList(facts: readonly [string, (Node | string)[]][]): HTMLElement {
  return element("dl", { class: "turn-facts" }, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, ...value)]))
}

function middle(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

function signed(value: number, format: (value: number) => string): string {
  return `${value < 0 ? "−" : "+"}${format(Math.abs(value))}`
}

// idIn returns the id that a service gave its response.
function idIn(text: string): string {
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    const response = typeof value["response"] === "object" && value["response"] !== null ? (value["response"] as Record<string, unknown>)["id"] : undefined
    for (const id of [response, value["response_id"], value["request_id"], value["id"]]) if (typeof id === "string" && id.length <= 200) return visible(id)
  } catch {
    // It is no JSON.
  }
  return ""
}

