// The spoken turns of a session: cards with players, or one transcript, and the switch for
// their sound. What draws them is loaded when a session speaks.

import { say } from "../text"
import type { Match, SpeechCards, SpeechDeps, TurnCard } from "../turns"
import { element, icon, press, setIcon, setText } from "../ui"
import { exportURL, type Playing, type Speaks, type ToolCall, type Turn } from "../wire"
import { Jukebox, trackOf } from "./jukebox"
import { Pictures } from "./pictures"
import type * as Stage from "./stage"
import type { Coming, TranscriptView } from "./transcript"
import type { VoiceSide } from "./voice-side"

// SpeechParts are given by the console.
export interface SpeechParts {
  // place is the element of the view; a transcript covers the list in it.
  place: HTMLElement
  // detail shows content at the right under a name; kept leaves the tab that a person chose.
  detail(name: string, content: HTMLElement, opening: boolean, kept: boolean): void
}

export interface Spoken {
  session: string
  speaks: Speaks
  isLive: boolean
}

// SpokenTurns is what the console uses beside the cards.
export interface SpokenTurns extends SpeechCards {
  update(spoken: Spoken): void
  // coming tells the file that is being sent; null for none.
  coming(file: Coming | null): void
  playing(playing: Playing): void
  show(): void
  hide(): void
  tick(): void
  // size is the number of sentences of a transcript; null for others.
  readonly size: number | null
  // firstWordUS is the time from the start of speech to the first word of the newest sentence
  // of a transcript; null where it is not known.
  readonly firstWordUS: number | null
  // finalAfterUS is the time from the end of speech to the final text of the newest sentence
  // that has one.
  readonly finalAfterUS: number | null
}

export function createSpeech(deps: SpeechDeps, parts: SpeechParts): SpokenTurns {
  return new Speech(deps, parts)
}

class Speech implements SpokenTurns {
  readonly tools: readonly HTMLElement[]
  readonly more: readonly HTMLElement[]
  private readonly stop = new AbortController()
  private readonly jukebox = new Jukebox()
  private readonly pictures: Pictures
  private readonly bar = element("span", { class: "speech-tools" })
  private readonly end = element("span", { class: "speech-tools" })
  private readonly soundIcon = icon("volume-2")
  private readonly soundWord = element("span", {})
  private readonly soundButton = element("button", { type: "button", class: "button ghost low", hidden: true, "data-testid": "play-all" }, this.soundIcon, this.soundWord)
  private readonly saveCall = element("a", { class: "button ghost low", hidden: true, download: true, title: say("speech.whole_call.title"), "data-testid": "save-call-tool" }, icon("download"), element("span", {}, say("speech.download_wav")))
  private readonly sounding = new Set<number>() // turns whose audio was told
  private readonly turns = new Map<number, Turn>()
  private readonly cards = new Map<number, LazyCard>()
  private spoken: Spoken = { session: "", speaks: "", isLive: false }
  private file: Coming | null = null
  private view: TranscriptView | null = null
  private side: VoiceSide | null = null
  private stage: Promise<typeof Stage> | null = null
  private isShown = false
  private call: { n: number; call: ToolCall } | null = null // that was chosen last

  constructor(private readonly deps: SpeechDeps, private readonly parts: SpeechParts) {
    const { signal } = this.stop
    this.tools = [this.bar]
    this.more = [this.end]
    this.drawTools()
    this.pictures = new Pictures(deps.session, (n) => this.pictured(n))
    this.soundButton.addEventListener("click", () => this.jukebox.setPlays(!this.jukebox.plays), { signal })
    this.jukebox.watch(() => this.drawSound(), signal)
    this.drawSound()
  }

  get size(): number | null {
    return this.spoken.speaks === "transcript" ? (this.view?.size ?? 0) : null
  }

  get firstWordUS(): number | null {
    return this.spoken.speaks === "transcript" ? (this.view?.firstWordUS ?? null) : null
  }

  get finalAfterUS(): number | null {
    return this.spoken.speaks === "transcript" ? (this.view?.finalAfterUS ?? null) : null
  }

  attach(session: string): void {
    this.sounding.clear()
    this.turns.clear()
    this.pictures.clear()
    this.jukebox.silence()
    this.soundButton.hidden = this.saveCall.hidden = true
    this.saveCall.href = session ? exportURL(session, "wav") : ""
    if (this.view) this.view.update([])
  }

  update(spoken: Spoken): void {
    const { speaks, isLive } = this.spoken
    this.spoken = spoken
    if (speaks === spoken.speaks && isLive === spoken.isLive) return
    this.parts.place.dataset.speaks = spoken.speaks
    if (spoken.speaks === "transcript") void this.openTranscript()
    this.drawTools()
    this.view?.tick()
  }

  coming(file: Coming | null): void {
    this.file = file
    this.view?.tick()
  }

  playing({ state, sentMS, live }: Playing): void {
    if (this.file && !live) this.file = { ...this.file, sentMS }
    if (state !== "playing") this.file = null
    this.view?.tick()
  }

  show(): void {
    this.isShown = true
    this.view?.show()
  }

  hide(): void {
    this.isShown = false
    this.view?.hide()
  }

  tick(): void {
    if (this.isShown) this.view?.tick()
  }

  takes({ audio, firstAudioUS, text, audioStartUS, tools }: Turn): boolean {
    return this.spoken.speaks === "voice" || tools.length > 0 || audioStartUS > 0 || firstAudioUS > 0 || text.user !== "" || (audio !== null && audio.answerMS + audio.userMS > 0)
  }

  card(place: HTMLElement, turn: Turn): TurnCard {
    const card = new LazyCard(place, this.load(), (stage) => new stage.VoiceCard(place, {
      ...this.deps,
      sound: { jukebox: this.jukebox, pictures: this.pictures, session: this.deps.session },
      details: (shown, call) => this.choose(shown, call),
    }), () => this.cards.delete(turn.n))
    this.cards.set(turn.n, card)
    return card
  }

  heard(changed: readonly Turn[], first: boolean): void {
    for (const turn of changed) {
      this.turns.set(turn.n, turn)
      const sounds = turn.firstAudioUS > 0 || (turn.audio?.answerMS ?? 0) > 0
      if (!sounds) continue
      this.soundButton.hidden = this.saveCall.hidden = false
      const isNew = !this.sounding.has(turn.n)
      this.sounding.add(turn.n)
      if (isNew && !first && turn.state === "open") this.jukebox.arrive(trackOf(this.deps.session(), turn, "answer"))
    }
    this.view?.update(this.all())
    if (this.side?.element.isConnected) this.side.update()
  }

  // detail shows a turn at the right, with the call of a tool that was just chosen.
  detail(turn: Turn, opening: boolean, kept: boolean): void {
    void this.showSide(turn, opening, kept)
  }

  find(words: string): Match[] {
    return this.view?.find(words) ?? []
  }

  mark(match: Match | null): void {
    this.view?.mark(match)
  }

  focus(): void {
    this.view?.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.jukebox.destroy()
    this.pictures.clear()
    this.view?.destroy()
  }

  private all(): Turn[] {
    return [...this.turns.values()].sort((a, b) => a.n - b.n)
  }

  private load(): Promise<typeof Stage> {
    return (this.stage ??= import("./stage"))
  }

  private async openTranscript(): Promise<void> {
    const { TranscriptView } = await this.load()
    if (this.view || this.stop.signal.aborted) return
    this.view = new TranscriptView({
      ...this.deps, jukebox: this.jukebox, pictures: this.pictures, isLive: () => this.spoken.isLive, coming: () => this.file, detail: this.parts.detail,
    })
    this.parts.place.append(this.view.element)
    this.drawTools()
    this.view.update(this.all())
    if (this.isShown) this.view.show()
  }

  // choose shows what was clicked; the view selects its turn.
  private choose(turn: Turn, call: ToolCall | null): void {
    this.call = call ? { n: turn.n, call } : null
    this.deps.select(turn.n)
    void this.showSide(turn, true, false)
  }

  private async showSide(turn: Turn, opening: boolean, kept: boolean): Promise<void> {
    const { VoiceSide } = await this.load()
    this.side ??= new VoiceSide({
      session: this.deps.session, turns: () => this.all(), message: (seq) => this.deps.message(seq),
      go: (next) => this.choose(next, null),
    })
    this.side.show(turn, this.call?.n === turn.n ? this.call.call : null)
    this.parts.detail(say("speech.turn"), this.side.element, opening, kept)
  }

  private pictured(n: number): void {
    this.cards.get(n)?.redraw()
    this.view?.pictured()
  }

  private drawTools(): void {
    const { view } = this
    const isTranscript = this.spoken.speaks === "transcript"
    this.bar.replaceChildren(...(isTranscript ? (view?.tools ?? []) : [this.soundButton, this.saveCall]))
    this.end.replaceChildren(...(isTranscript && view ? [view.more] : []))
  }

  private drawSound(): void {
    const { plays } = this.jukebox
    press(this.soundButton, plays)
    setIcon(this.soundIcon, plays ? "volume-x" : "play")
    setText(this.soundWord, say(plays ? "speech.mute_agent" : "speech.play_all"))
  }
}

// LazyCard stands in for a card until its code is loaded.
class LazyCard implements TurnCard {
  private card: TurnCard | null = null
  private turn: Turn | null = null
  private isGone = false

  constructor(readonly element: HTMLElement, stage: Promise<typeof Stage>, make: (stage: typeof Stage) => TurnCard, private readonly gone: () => void) {
    void stage.then((loaded) => {
      if (this.isGone) return
      this.card = make(loaded)
      this.redraw()
    })
  }

  update(turn: Turn): void {
    this.turn = turn
    this.element.dataset.state = turn.state
    this.card?.update(turn)
  }

  redraw(): void {
    if (this.turn) this.card?.update(this.turn)
  }

  tick(): void {
    this.card?.tick()
  }

  destroy(): void {
    this.isGone = true
    this.gone()
    this.card?.destroy()
  }
}
