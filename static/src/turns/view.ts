// The turns of a session, live or recorded, and the switch for their sound.

import { say } from "../text"
import { element, iconButton, setText, type Component } from "../ui"
import { readTurns, type Turn, type TurnUpdate } from "../wire"
import { Book } from "./book"
import type { SpeechCards, SpeechDeps } from "./cards"
import { TurnList } from "./list"

export interface TurnsDeps {
  // showMessages opens the message with a number in the log.
  showMessages(seq: number): void
  // hintOf returns what to do about the error of a turn; "" when nothing is known.
  hintOf(turn: Turn): string
  speech(deps: SpeechDeps): SpeechCards
  // changed runs when turns came or changed.
  changed(): void
}

// Watched is the session to show.
export interface Watched {
  session: string // "" for none
  hasDialect: boolean
  isLive: boolean
}

const pause = 400 // ms between two readings of turns that are not told live

export class Turns implements Component<Watched> {
  // tools are placed beside the tabs.
  readonly tools: readonly HTMLElement[]
  private readonly stop = new AbortController()
  private readonly book = new Book()
  private readonly list: TurnList
  private readonly speech: SpeechCards
  private readonly empty = element("p", { class: "turns-empty", "data-testid": "turns-empty" })
  private readonly guessed = element("p", { class: "turns-guessed", hidden: true, "data-testid": "turns-guessed" }, say("turns.guessed"))
  private readonly refresh = iconButton("rotate-cw", say("turns.refresh"), { hidden: true, "data-testid": "turns-refresh" })
  private watched: Watched = { session: "", hasDialect: false, isLive: false }
  private reading: AbortController | null = null
  private timer = 0
  private told = false // all turns of the session are known
  private problem = ""

  constructor(readonly element: HTMLElement, private readonly deps: TurnsDeps) {
    const { signal } = this.stop
    const shared = {
      session: () => this.watched.session,
      select: () => {},
      message: (seq: number) => deps.showMessages(seq),
      hintOf: (turn: Turn) => deps.hintOf(turn),
      nowUS: () => Date.now() * 1000,
    }
    this.speech = deps.speech(shared)
    this.list = new TurnList(shared, this.speech)
    this.element.append(this.guessed, this.list.element, this.empty)
    this.tools = [...this.speech.tools, this.refresh]
    this.refresh.addEventListener("click", () => void this.read(), { signal })
    this.draw()
  }

  get size(): number {
    return this.book.size
  }

  // open returns the newest turn while it waits for its end.
  get open(): Turn | null {
    const last = this.book.all.at(-1)
    return last?.state === "open" ? last : null
  }

  // numberAt returns the number of the turn of a message, or 0.
  numberAt(seq: number): number {
    return this.book.at(seq)
  }

  // newest returns the newest turn.
  get newest(): Turn | null {
    return this.book.all.at(-1) ?? null
  }

  // update shows another session, or the same one read by another dialect.
  update(watched: Watched): void {
    const { session, hasDialect } = this.watched
    const isOther = watched.session !== session || watched.hasDialect !== hasDialect
    this.watched = watched
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
    if (this.watched.session && !this.told) void this.read()
    this.list.toEnd()
  }

  // apply takes turns from the session's socket.
  apply(updates: readonly TurnUpdate[]): void {
    const changed = this.book.apply(updates)
    if (!changed) return void this.read()
    const first = !this.told
    this.told = true
    this.list.update(changed)
    this.speech.heard(changed, first)
    this.draw()
    this.deps.changed()
  }

  // readSoon reads turns anew that nobody tells, after new messages.
  readSoon(): void {
    if (this.watched.hasDialect && this.watched.isLive) return
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
  }

  focus(): void {
    this.list.focus()
  }

  // select shows a turn by its number.
  async select(n: number): Promise<void> {
    if (!this.told) await this.read()
    this.element.querySelector(`[data-turn="${n}"]`)?.scrollIntoView()
  }

  destroy(): void {
    this.stop.abort()
    this.reading?.abort()
    window.clearTimeout(this.timer)
    this.list.destroy()
    this.speech.destroy()
  }

  private begin(): void {
    this.reading?.abort()
    window.clearTimeout(this.timer)
    this.timer = 0
    this.told = false
    this.problem = ""
    this.book.replace([])
    this.list.reset()
    this.speech.attach(this.watched.session, this.watched.isLive)
    this.draw()
    this.deps.changed()
  }

  private async read(): Promise<void> {
    const { session } = this.watched
    this.reading?.abort()
    const reading = (this.reading = new AbortController())
    const { ok, error } = await readTurns(session, reading.signal)
    if (reading.signal.aborted) return
    this.problem = error?.message ?? ""
    if (ok) {
      this.told = true
      this.book.replace(ok)
      this.list.update(ok)
      this.speech.heard(ok, true)
    }
    this.draw()
    this.deps.changed()
  }

  private draw(): void {
    const { watched, book } = this
    const isEmpty = book.size === 0
    this.empty.hidden = !isEmpty
    setText(this.empty, this.problem || (watched.session ? say(watched.isLive ? "turns.empty.live" : "turns.empty") : ""))
    this.guessed.hidden = isEmpty || watched.hasDialect
    this.refresh.hidden = !watched.isLive || watched.hasDialect
  }
}
