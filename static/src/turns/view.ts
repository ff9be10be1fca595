// The turns of a session, live or recorded, as cards or as a transcript.

import { count, say } from "../text"
import { element, iconButton, openMenu, placeBelow, setText, toast, type Component, type ProblemLine } from "../ui"
import { readPieces, readRows, readTurns, stopAnswer, toldTurns, type Dialect, type Piece, type Row, type Session, type Turn, type TurnUpdate } from "../wire"
import { Book } from "./book"
import type { CardMemory } from "./card"
import type { SpeechCards, SpeechDeps } from "./cards"
import { TurnDetail } from "./detail"
import { Empty, type Emptiness } from "./empty"
import { findIn, Finder, type Match } from "./find"
import { TurnList } from "./list"
import { suggest } from "./suggest"

export interface TurnsDeps {
  // message opens the message with a number in the log, timing a time in the charts.
  message(seq: number): void
  timing(fromUS: number, toUS: number): void
  // messages shows the log.
  messages(): void
  // selected shows the details of a turn at the right, null none; opening asks for them also
  // where the right side is closed, kept leaves the tab that a person chose there.
  selected(details: HTMLElement | null, opening: boolean, kept: boolean): void
  // hintOf returns what to do about the error of a turn; "" when nothing is known.
  hintOf(turn: Turn): string
  speech(deps: SpeechDeps): SpeechCards
  // dialect returns a dialect by its name; null for none.
  dialect(name: string): Promise<Dialect | null>
  // useDialect reads the session by another dialect.
  useDialect(name: string): void
  // showDialect shows what the dialect of the session reads.
  showDialect(): void
  problem: ProblemLine // tells what was not done
  // changed runs when turns came or changed.
  changed(): void
}

const pause = 400 // ms between two readings of turns that are not told live
const atOnce = 60 // turns that are asked for around the view
const manyAtOnce = 500 // turns that are asked for to search all
const greetings = 3 // messages that a service may send before it is asked
const mostSuggested = 5000 // messages of a session for which dialects are tried

export class Turns implements Component<Session | null> {
  // tools are placed beside the tabs.
  readonly tools: readonly HTMLElement[]
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly book = new Book()
  private readonly speech: SpeechCards
  private readonly list: TurnList
  private readonly finder: Finder
  private readonly empty: Empty
  private readonly detail: TurnDetail
  private readonly guessed = element("p", { class: "turns-guessed", hidden: true, "data-testid": "turns-guessed" }, say("turns.guessed"))
  private readonly field = element("b", { class: "mono" })
  private readonly from = element("button", { type: "button", class: "chip flat turns-from", hidden: true, title: say("turns.from.title"), "data-testid": "turns-from" }, say("turns.from"), " ", this.field)
  private readonly search = iconButton("search", say("turns.find.open"), { class: "tool low", hidden: true, "data-testid": "turns-find-open" })
  private readonly more = iconButton("ellipsis", say("turns.more_tools"), { class: "tool low", hidden: true, "aria-haspopup": "menu", "data-testid": "turns-more" })
  private readonly halt = iconButton("square", "", { class: "tool low turn-stop", hidden: true, "data-testid": "turn-stop" }) // of a spoken answer, whose card has none
  private readonly memories = new Map<number, CardMemory>()
  private readonly pieces = new Map<number, { key: string; pieces: readonly Piece[] }>()
  private session: Session | null = null
  private reading: AbortController | null = null
  private readonly asked = new Set<number>() // last numbers of pages that are asked for
  private timer = 0
  private isShown = false
  private told = false // the newest turns of the session are known
  private isCancelled = false
  private problem = ""
  private selected = 0 // the turn at the right; 0 for none
  private dialect: Dialect | null = null
  private offer: Emptiness["offer"] = null
  private tried = "" // session and dialect for which others were tried
  private fieldOf = "" // session and dialect whose field is shown

  constructor(host: HTMLElement, private readonly deps: TurnsDeps) {
    const { signal } = this.stop
    this.element = host
    const shared: SpeechDeps = {
      session: () => this.id,
      select: (n) => this.choose(n, false),
      message: (seq) => deps.message(seq),
      hintOf: (turn) => deps.hintOf(turn),
      nowUS: () => Date.now() * 1000,
    }
    this.speech = deps.speech(shared)
    this.list = new TurnList(this.book, {
      ...shared,
      medianUS: () => this.book.medianUS,
      timing: (turn) => this.showTimes(turn),
      stopsBy: () => this.session?.stopsBy ?? "",
      stop: () => void this.stopAnswer(),
      word: (turn, at, open) => void this.showWord(turn, at, open),
      pick: (row) => this.pick(row),
      memory: (n) => this.memory(n),
      need: (from, to) => void this.readPage(from, to),
      moved: (isFollowing) => { if (isFollowing && this.session?.state !== "closed") this.follow() },
    }, this.speech)
    this.detail = new TurnDetail(this.book, { ...shared, go: (n) => this.choose(n, false, true) })
    this.finder = new Finder({
      whole: () => this.readWhole(),
      find: (words) => (this.isTranscript ? this.speech.find(words) : findIn(this.book, words)),
      go: (match) => (this.isTranscript ? this.speech.mark(match) : this.showMatch(match)),
      left: () => this.focus(),
    })
    this.empty = new Empty({ use: (name) => deps.useDialect(name), messages: () => deps.messages(), cancel: () => this.cancel(), read: () => void this.read() })
    this.element.append(this.guessed, this.finder.element, this.list.element, this.empty.element)
    this.tools = [this.halt, this.from, ...this.speech.tools, this.search, ...this.speech.more, this.more]
    this.halt.addEventListener("click", () => void this.stopAnswer(), { signal })
    this.search.addEventListener("click", () => this.openSearch(), { signal })
    this.more.addEventListener("click", () => this.openTools(), { signal })
    this.from.addEventListener("click", () => deps.showDialect(), { signal })
    this.list.element.addEventListener("click", (event) => this.pressed(event), { signal })
    document.addEventListener("keydown", (event) => this.key(event), { signal })
    this.draw()
  }

  // size is the number of turns.
  get size(): number {
    return this.book.size
  }

  // open returns the newest turn while it waits for its end.
  get open(): Turn | null {
    const { newest } = this.book
    return newest?.state === "open" ? newest : null
  }

  get newest(): Turn | null {
    return this.book.newest
  }

  // numberAt returns the number of the turn of a message, or 0.
  numberAt(seq: number): number {
    return this.book.at(seq)
  }

  // tells reports whether a turn shows the error of a message.
  tells(seq: number): boolean {
    return seq > 0 && this.book.get(this.book.at(seq))?.error?.seq === seq
  }

  // update shows another session, or the same one read by another dialect.
  update(session: Session | null): void {
    const isOther = session?.id !== this.session?.id || session?.dialect !== this.session?.dialect
    this.session = session
    if (isOther) this.begin()
    this.draw()
  }

  // reread reads the turns again: the dialect has changed.
  reread(): void {
    this.begin()
    void this.read()
  }

  // show reads turns that nobody tells; it runs when the view is opened.
  show(): void {
    this.isShown = true
    if (this.session && !this.told && !this.isCancelled) void this.read()
    this.list.shown()
    this.draw()
  }

  hide(): void {
    this.isShown = false
  }

  // apply takes turns from the session's socket.
  apply(updates: readonly TurnUpdate[]): void {
    const { last } = this.book
    const changed = this.book.apply(updates)
    if (!changed) return void this.read()
    this.reading?.abort()
    this.reading = null
    this.took(changed, this.told ? this.book.last - last : 0)
  }

  // readSoon reads turns anew that nobody tells, after new messages.
  readSoon(): void {
    if (!this.session || (this.session.dialect !== "" && this.session.state !== "closed")) return
    this.timer ||= window.setTimeout(() => {
      this.timer = 0
      void this.read()
    }, pause)
  }

  // hint draws the errors again: what to do about them is known now.
  hint(): void {
    this.list.redraw()
  }

  tick(): void {
    this.list.tick()
    if (this.selected > 0) this.detail.tick()
  }

  focus(): void {
    if (this.isTranscript) this.speech.focus()
    else this.list.focus()
  }

  // openSearch opens the search in the answers or the transcript; false where there are none.
  openSearch(): boolean {
    if (this.search.hidden) return false
    this.finder.open(say(this.isTranscript ? "speech.find" : "turns.find"))
    return true
  }

  // select shows a turn by its number, which may have to be read first.
  async select(n: number, opening = false): Promise<void> {
    if (!this.book.get(n)) await this.readPage(Math.max(1, n - atOnce / 2), n + atOnce / 2)
    this.choose(n, opening, true, true)
  }

  destroy(): void {
    this.stop.abort()
    this.reading?.abort()
    window.clearTimeout(this.timer)
    for (const part of [this.list, this.finder, this.empty, this.detail, this.speech]) part.destroy()
  }

  private get id(): string {
    return this.session?.id ?? ""
  }

  private get isTranscript(): boolean {
    return this.session?.speaks === "transcript"
  }

  private begin(): void {
    this.reading?.abort()
    this.reading = null
    window.clearTimeout(this.timer)
    this.timer = 0
    this.told = this.isCancelled = false
    this.problem = this.tried = ""
    this.offer = null
    this.asked.clear()
    this.memories.clear()
    this.pieces.clear()
    this.book.replace([])
    this.finder.close()
    this.list.reset()
    this.speech.attach(this.id, this.session?.state !== "closed")
    this.present(0, false)
    void this.learn()
    if (this.isShown && this.session && (this.session.dialect === "" || this.session.state === "closed")) this.readSoon()
    this.draw()
    this.deps.changed()
  }

  // learn reads what the dialect of the session looks for.
  private async learn(): Promise<void> {
    const { session } = this
    this.dialect = null
    if (!session || session.dialect === "") return
    const dialect = await this.deps.dialect(session.dialect)
    if (this.session?.id !== session.id || this.session.dialect !== session.dialect) return
    this.dialect = dialect
    this.draw()
  }

  // read reads the newest turns.
  private async read(): Promise<void> {
    if (!this.session) return
    this.reading?.abort()
    const reading = (this.reading = new AbortController())
    this.isCancelled = false
    this.problem = ""
    this.draw()
    const { last } = this.book
    const { ok, error } = await readTurns(this.id, { limit: toldTurns }, reading.signal)
    if (reading.signal.aborted) return
    this.reading = null
    this.problem = error?.message ?? ""
    if (!ok) return this.draw()
    const isFirst = !this.told
    this.book.put(ok.turns, ok.last, true)
    this.took(ok.turns, isFirst ? 0 : this.book.last - last)
  }

  private cancel(): void {
    this.reading?.abort()
    this.reading = null
    this.isCancelled = true
    this.draw()
  }

  // took draws turns that came.
  private took(changed: readonly Turn[], added: number): void {
    const isFirst = !this.told
    this.told = true
    this.speech.heard(changed, isFirst)
    if (!this.isTranscript) this.list.update(changed, added) // hidden there
    this.finder.update()
    if (this.list.follows) this.follow()
    else if (changed.some(({ n }) => n === this.selected)) this.present(this.selected, false, true)
    this.draw()
    void this.learnField()
    this.deps.changed()
  }

  // follow selects the newest turn while the list follows it.
  private follow(): void {
    if (this.book.last > 0) this.present(this.book.last, false, true)
  }

  // readPage reads turns around the view.
  private async readPage(from: number, to: number): Promise<void> {
    const before = Math.min(this.book.last || Infinity, Math.max(to, from + atOnce - 1)) + 1
    if (this.asked.has(before) || !this.session) return
    this.asked.add(before)
    const { id } = this
    const { ok } = await readTurns(id, { before, limit: Math.min(manyAtOnce, Math.max(atOnce, before - from)) }, this.stop.signal)
    if (this.id !== id) return
    this.asked.delete(before)
    if (ok) this.put(ok.turns, ok.last, from)
  }

  private put(turns: readonly Turn[], last: number, from: number): void {
    this.book.put(turns, last)
    const first = turns[0]?.n ?? 0
    if (first > from || turns.length === 0) this.book.forgotten = Math.max(this.book.forgotten, (first || from + 1) - 1)
    this.speech.heard(turns, true)
    if (!this.isTranscript) this.list.update(turns, 0)
    this.finder.update()
  }

  // readWhole reads all turns that are not known yet, for a search.
  private async readWhole(): Promise<void> {
    const { id, book } = this
    while (!book.isWhole && this.id === id) {
      let missing = book.last
      while (missing > book.forgotten && book.get(missing)) missing--
      if (missing <= book.forgotten) return
      const from = Math.max(1, missing - manyAtOnce + 1)
      const { ok } = await readTurns(id, { before: missing + 1, limit: missing - from + 1 }, this.stop.signal)
      if (!ok || this.id !== id) return
      this.put(ok.turns, ok.last, from)
    }
  }

  private memory(n: number): CardMemory {
    const memory = this.memories.get(n) ?? { request: false, rows: "none" }
    this.memories.set(n, memory)
    return memory
  }

  // choose selects a turn as a person does: the list stops to follow the newest one.
  private choose(n: number, opening: boolean, reveal = false, isFar = false): void {
    if (n < 0 || n > this.book.last) return
    if (n !== this.book.last || reveal) this.list.hold()
    if (reveal && n > 0) this.list.reveal(n, isFar)
    this.present(n, opening)
  }

  // present shows a turn at the right; 0 shows the session.
  private present(n: number, opening: boolean, kept = false): void {
    this.selected = n
    this.list.select(n)
    if (this.isTranscript) return // it shows a sentence there
    const turn = this.book.get(n) ?? null
    this.detail.update(turn)
    if (turn && this.speech.detail && this.speech.takes(turn)) this.speech.detail(turn, opening, kept)
    else this.deps.selected(turn && this.detail.element, opening, kept)
  }

  private pick(row: Row): void {
    const n = this.book.at(row.seq)
    if (n > 0) this.choose(n, false)
    this.detail.pick(row)
  }

  // showWord shows the message that brought a place of the answer.
  private async showWord(turn: Turn, at: number, open: boolean): Promise<void> {
    const key = `${turn.lastSeq} ${turn.text.answer.length}`
    let known = this.pieces.get(turn.n)
    if (known?.key !== key) {
      const { ok } = await readPieces(this.id, turn.n, "answer", this.stop.signal)
      if (!ok) return
      known = { key, pieces: ok }
      this.pieces.set(turn.n, known)
    }
    const piece = known.pieces.findLast(({ from }) => from <= at)
    if (!piece) return
    if (open) return this.deps.message(piece.seq)
    const { ok } = await readRows(this.id, { after: piece.seq - 1, before: piece.seq + 1, limit: 1 }, this.stop.signal)
    const row = ok?.rows[0]
    if (row && this.selected === turn.n) this.detail.pick(row)
  }

  private showMatch(match: Match | null): void {
    const marks = typeof Highlight === "undefined" ? null : CSS.highlights
    marks?.delete("turn-match")
    if (!match) return
    this.choose(match.n, false, true, !this.list.cardOf(match.n))
    const card = this.list.cardOf(match.n)
    const range = match.from < 0 ? null : (card?.range(match.from, match.to) ?? null)
    if (!range) return
    marks?.set("turn-match", new Highlight(range))
    const box = range.getBoundingClientRect()
    const view = this.list.scroller.getBoundingClientRect()
    if (box.top < view.top + 8 || box.bottom > view.bottom - 8) this.list.scroller.scrollTop += box.top - view.top - view.height / 3
  }

  private showTimes({ markUS, firstMessageUS, doneUS, audioStartUS }: Turn): void {
    const from = audioStartUS || markUS || firstMessageUS
    if (from > 0) this.deps.timing(from, doneUS || Date.now() * 1000)
  }

  private async stopAnswer(): Promise<void> {
    const { error } = await stopAnswer(this.id)
    this.deps.problem.told(error)
  }

  private openTools(): void {
    const place = placeBelow(this.more)
    const all = (request: boolean): void => {
      for (let n = 1; n <= this.book.last; n++) this.memory(n).request = request
      this.list.redraw(true)
    }
    openMenu(say("turns.more_tools"), [
      { name: say("turns.unfold_all"), picture: "unfold-vertical", run: () => all(true) },
      { name: say("turns.fold_all"), picture: "fold-vertical", run: () => all(false) },
      { name: say("turns.copy_all"), picture: "copy", run: () => void this.copyAll() },
      { name: say("turns.refresh"), picture: "rotate-cw", run: () => this.reread() },
    ], place, document.body)
  }

  // copyAll copies requests and answers as Markdown.
  private async copyAll(): Promise<void> {
    await this.readWhole()
    const parts = this.book.all.map(({ n, request, text }) => `## ${say("turns.turn", { n })}\n\n${request.split("\n").map((line) => `> ${line}`).join("\n")}\n\n${text.answer}`)
    try {
      await navigator.clipboard.writeText(parts.join("\n\n"))
      toast(say("turns.copied_all", { count: count(parts.length) }))
    } catch {
      this.deps.problem.tell(say("turns.no_clipboard"))
    }
  }

  private pressed(event: MouseEvent): void {
    const target = event.target as Element
    const n = Number(target.closest<HTMLElement>(".turn")?.dataset.turn ?? 0)
    if (n > 0 && !target.closest(".turn-row, .turn-spark, .turn-stop")) this.choose(n, false)
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (!this.isShown || this.isTranscript || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || this.list.element.hidden) return
    if (target.closest("input, textarea, select, [contenteditable], dialog, [role=menu], [role=tablist], .cm-editor")) return
    if (target !== document.body && !this.element.contains(target) && !this.detail.element.contains(target)) return
    if (this.act(event)) event.preventDefault()
  }

  // act does what a key says, and reports whether it says something.
  private act(event: KeyboardEvent): boolean {
    const n = this.selected || this.list.first()
    const card = this.list.cardOf(n)
    switch (event.key.toLowerCase()) {
      case "j": return this.walk(n, this.selected ? 1 : 0)
      case "k": return this.walk(n, this.selected ? -1 : 0)
      case "o": return card !== null && (card.toggleRequest(), true)
      case "m": return card !== null && (card.toggleRows(), true)
      case "c": return card !== null && (void card.copy(event.shiftKey), true)
      case "enter":
        if ((event.target as Element).closest("button, a")) return false
        if (n > 0) this.choose(n, true)
        return true
      case "escape":
        if (this.finder.isOpen) return this.finder.close(), true
        if (!this.selected || this.list.follows) return false
        this.present(0, false)
        return true
      default: return false
    }
  }

  private walk(n: number, by: number): boolean {
    const next = Math.max(this.book.forgotten + 1, Math.min(this.book.last, n + by))
    if (next > 0) this.choose(next, false, true)
    this.list.focus()
    return true
  }

  // learnField shows which field the answer is joined from, once per session and dialect.
  private async learnField(): Promise<void> {
    const { session, book } = this
    const key = `${session?.id} ${session?.dialect}`
    if (!session || this.fieldOf === key || session.dialect === "") return
    const turn = book.all.findLast(({ text, gaps }) => text.answer !== "" && gaps !== null)
    if (!turn) return
    this.fieldOf = key
    const { ok } = await readRows(session.id, { after: turn.markSeq, limit: 40 }, this.stop.signal)
    const row = ok?.rows.find(({ joins, direction }) => joins !== "" && direction === "received")
    if (this.fieldOf !== key || !row) return
    setText(this.field, row.label || row.path.replace(/^\$\.?/, ""))
    this.draw()
  }

  // trySuggest looks for a dialect that finds answers where this one finds none.
  private async trySuggest(session: Session): Promise<void> {
    const key = `${session.id} ${session.dialect} ${session.state}`
    if (this.tried === key || session.received > mostSuggested) return
    this.tried = key
    const offer = await suggest(session, this.stop.signal)
    if (this.tried !== key) return
    this.offer = offer
    this.draw()
  }

  private emptiness(): Emptiness {
    const { session, book } = this
    const all = { isTranscript: this.isTranscript, messages: session ? session.sent + session.received : 0, problem: this.problem, dialect: session?.dialectTitle ?? "", fields: this.dialect?.reads ?? [], offer: this.offer }
    if (!session) return { ...all, kind: "none" }
    if (this.problem) return { ...all, kind: "failed" }
    if (this.isCancelled) return { ...all, kind: "cancelled" }
    if (book.size > 0) return { ...all, kind: "filled" }
    if (!this.told && (this.reading || session.state === "closed")) return { ...all, kind: "reading" }
    if (session.received === 0) return { ...all, kind: session.state === "closed" ? "unfound" : "quiet" }
    const waits = session.askedUS > 0 || session.received <= greetings
    return { ...all, kind: session.dialect !== "" && session.state !== "closed" && waits ? "quiet" : "unfound" }
  }

  private draw(): void {
    const { session, book } = this
    const emptiness = this.emptiness()
    if (emptiness.kind === "unfound" && session && this.isShown) void this.trySuggest(session)
    this.empty.update(emptiness)
    this.element.dataset.found = emptiness.kind
    const isEmpty = book.size === 0
    const { open } = this
    const by = open && this.speech.takes(open) ? (session?.stopsBy ?? "") : ""
    this.halt.hidden = by === ""
    const title = say("turns.stop", { label: by })
    this.halt.title = title
    this.halt.setAttribute("aria-label", title)
    this.list.element.hidden = this.isTranscript
    this.guessed.hidden = isEmpty || session?.dialect !== ""
    this.from.hidden = isEmpty || this.session?.speaks !== "" || this.fieldOf !== `${session?.id} ${session?.dialect}` || this.field.textContent === ""
    this.search.hidden = isEmpty
    this.more.hidden = isEmpty || this.isTranscript
  }
}
