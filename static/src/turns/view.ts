// The turns of a session, live or recorded, and the switch for their sound.

import { say } from "../text"
import { element, icon, iconButton, press, setIcon, setText, type Component } from "../ui"
import { readTurns, type Turn, type TurnUpdate } from "../wire"
import { Book } from "./book"
import { Jukebox, trackOf } from "../speech"
import { TurnList } from "./list"

export interface TurnsDeps {
  // showMessages opens the message with a number in the log.
  showMessages(seq: number): void
  // hintOf returns what to do about the error of a turn; "" when nothing is known.
  hintOf(turn: Turn): string
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
  private readonly jukebox = new Jukebox()
  private readonly empty = element("p", { class: "turns-empty", "data-testid": "turns-empty" })
  private readonly guessed = element("p", { class: "turns-guessed", hidden: true, "data-testid": "turns-guessed" }, say("turns.guessed"))
  private readonly soundIcon = icon("volume-2")
  private readonly soundWord = element("span", {})
  private readonly soundButton = element("button", { type: "button", class: "button quiet", hidden: true, "data-testid": "play-all" }, this.soundIcon, this.soundWord)
  private readonly refresh = iconButton("rotate-cw", say("turns.refresh"), { hidden: true, "data-testid": "turns-refresh" })
  private watched: Watched = { session: "", hasDialect: false, isLive: false }
  private reading: AbortController | null = null
  private timer = 0
  private told = false // all turns of the session are known
  private problem = ""

  constructor(readonly element: HTMLElement, private readonly deps: TurnsDeps) {
    const { signal } = this.stop
    this.list = new TurnList({
      showMessages: (seq) => deps.showMessages(seq),
      hintOf: (turn) => deps.hintOf(turn),
      sound: { jukebox: this.jukebox, session: () => this.watched.session },
      nowUS: () => Date.now() * 1000,
    })
    this.element.append(this.guessed, this.list.element, this.empty)
    this.tools = [this.soundButton, this.refresh]
    this.soundButton.addEventListener("click", () => this.jukebox.setPlays(!this.jukebox.plays), { signal })
    this.refresh.addEventListener("click", () => void this.read(), { signal })
    this.jukebox.watch(() => this.drawSound(), signal)
    this.drawSound()
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
    const known = new Map(this.book.all.map((turn) => [turn.n, turn.firstAudioUS]))
    const changed = this.book.apply(updates)
    if (!changed) return void this.read()
    const first = !this.told
    this.told = true
    this.list.update(changed)
    for (const turn of changed) {
      const began = turn.firstAudioUS > 0 && turn.state === "open" && !known.get(turn.n)
      if (began && !first) this.jukebox.arrive(trackOf(this.watched.session, turn, "answer"))
    }
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

  destroy(): void {
    this.stop.abort()
    this.reading?.abort()
    window.clearTimeout(this.timer)
    this.list.destroy()
    this.jukebox.destroy()
  }

  private begin(): void {
    this.reading?.abort()
    window.clearTimeout(this.timer)
    this.timer = 0
    this.told = false
    this.problem = ""
    this.book.replace([])
    this.list.reset()
    this.jukebox.silence()
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
    this.soundButton.hidden = !book.all.some(({ audio, firstAudioUS }) => firstAudioUS > 0 || (audio?.answerMS ?? 0) > 0)
  }

  private drawSound(): void {
    const { plays } = this.jukebox
    press(this.soundButton, plays)
    setIcon(this.soundIcon, plays ? "volume-2" : "volume-x")
    setText(this.soundWord, say(plays ? "turns.mute" : "turns.play_all"))
  }
}
