// What a dialect adds to the console: turns beside the messages, a prompt and speech beside
// the composer, the choice of the dialect and of the environment.

import type { Composer, Message } from "../composer"
import { drawSends, HandshakePreview, Known, openDialogs, Picker } from "../dialects"
import { amountOf, sessionBody, type ServiceForm } from "../forms"
import { may } from "../identity"
import type { Log } from "../log"
import { Ask, type Asking, type Mode } from "../prompt"
import { has, lasted, say } from "../text"
import { createSpeech, measureFile, type SpokenTurns } from "../speech"
import { figuresOf, Turns } from "../turns"
import { byId, element, setText, type ProblemLine } from "../ui"
import { chooseDialect, pauseAudio, playAudio, stopAudio, type Dialect, type Limits, type Row, type Session } from "../wire"
import type { Quiet } from "./between"
import type { Connection } from "./connection"
import type { Delivery, Pending } from "./delivery"
import { aboutOf } from "./diagnosis"
import { askedView } from "./location"
import type { Model } from "./model"
import type { Places, ViewName } from "./places"
import { PendingSends } from "./pending"
import { Preferences } from "./preferences"
import { live } from "./state"
import { exampleOf } from "./teach"
import type { Views } from "./views"

export interface SpeakingParts {
  model: Model
  form: ServiceForm
  connection: Connection
  delivery(): Delivery
  log: Log
  views: Views
  // raw writes messages as they are.
  raw(): Composer
  // tools belong to every way to write.
  tools: readonly HTMLElement[]
  nonce: string
  problem: ProblemLine // tells what was not done
  dialect: Dialect | null // that came with the page
  places(): Places
  // connect opens the connection of the form.
  connect(): Promise<void>
  // detail shows content at the right under a name; null shows none of a turn, and kept
  // leaves the tab that a person chose.
  detail(name: string, content: HTMLElement | null, opening: boolean, kept: boolean): void
  // dialectChanged runs after the session was given another dialect.
  dialectChanged(): void
  changed(): void
}

const noLimits: Limits = { messageBytes: 0, frameMinBytes: 0, frameMaxBytes: 0, rate: 0, idleMS: 0, idleAudio: false, gapMS: 0, audioMS: 0, sessionMS: 0, requestMS: 0, chars: 0 }

export class Speaking {
  private readonly known = new Known()
  private readonly turns: Turns
  private speech!: SpokenTurns
  private readonly picker: Picker
  private readonly ask: Ask
  private readonly sends = new PendingSends(byId("turns"), {
    again: (clientID) => this.parts.delivery().again(clientID),
    drop: (clientID) => this.parts.delivery().dropFailed(clientID),
  })
  private readonly preview: HandshakePreview
  private readonly prefs = new Preferences(localStorage)
  private mode: Mode | null = null // chosen by a person
  private spoken: string | null = null // the dialect on the Auth tab
  private place = "" // the service or address that choices are kept for
  private first = { session: "", words: "" } // the first figure that was known last

  constructor(private readonly parts: SpeakingParts) {
    const { connection, model } = parts
    if (parts.dialect) this.known.know(parts.dialect)
    this.turns = new Turns(byId("turns"), {
      message: (seq) => parts.places().message(seq),
      timing: (fromUS, toUS) => parts.places().timing(fromUS, toUS),
      messages: () => parts.views.show("messages"),
      selected: (content, opening, kept) => parts.detail(say("page.side.turn"), content, opening, kept),
      dialect: (name) => this.known.find(name),
      useDialect: (name) => void this.choose(name),
      showDialect: () => void this.showDialect(this.dialectName()),
      problem: parts.problem,
      hintOf: (turn) => {
        const found = model.session?.diagnosis
        if (found && found.messageSeq > 0 && turn.error?.seq === found.messageSeq) return aboutOf(found)
        return turn.n === this.turns.newest?.n ? (found?.fix ?? "") : ""
      },
      speech: (deps) => (this.speech = createSpeech(deps, { place: byId("turns"), detail: (...shown) => parts.detail(...shown) })),
      changed: () => parts.changed(),
    })
    parts.views.add("turns", {
      tools: this.turns.tools,
      show: () => {
        this.turns.show()
        this.speech.show()
      },
      hide: () => {
        this.turns.hide()
        this.speech.hide()
      },
    })
    this.picker = new Picker(byId("dialect-place"), {
      choose: (name) => void this.choose(name),
      chooseEnvironment: (name) => this.chooseEnvironment(name),
      show: (name) => void this.showDialect(name),
      edit: (name) => void this.editDialect(name),
      editEnvironments: () => void this.editEnvironments(),
    })
    this.ask = new Ask({
      raw: () => parts.raw(),
      tools: parts.tools,
      send: (text) => this.send(text),
      play: (file, pace, signal) => this.play(file, pace, signal),
      stopPlaying: () => this.stopPlaying(),
      microphone: (rate) => connection.attachment?.microphone(rate) ?? false,
      hear: (samples) => connection.attachment?.hear(samples),
      pause: (paused) => this.pause(paused),
      reconnect: () => this.reconnect(),
      coming: (file) => this.speech.coming(file),
      measure: (file) => measureFile(file),
      chosen: (mode) => this.choseMode(mode),
      changed: () => this.prefs.keepPrompt(this.place, this.ask.value),
      about: () => void this.showDialect(this.dialectName()),
    })
    this.preview = new HandshakePreview({
      body: () => sessionBody(parts.form.value(), null),
      fail: (error) => parts.form.fail(error, true),
    })
    byId("panel-auth").append(this.preview.element)
  }

  // begin finds the choices and the prompt that were kept for a service, and fills in the
  // example of a demo.
  begin(demo: string): void {
    this.settlePlace()
    const example = `page.demo.${demo}.prompt`
    const kept = this.prefs.prompt(this.place)
    if (kept !== "" || has(example)) this.ask.set(kept || say(example))
    this.update()
  }

  // attached shows another session.
  attached(session: Session): void {
    this.settlePlace()
    this.ask.leave()
    this.turns.update(session)
    this.openView(session)
  }

  arrived(rows: readonly Row[]): void {
    if (this.parts.views.current === "turns" && rows.length > 0) this.turns.readSoon()
  }

  // connection has these two for its events.
  readonly heard = {
    turns: (updates: Parameters<Turns["apply"]>[0]) => this.turns.apply(updates),
    playing: (playing: Parameters<Ask["playing"]>[0]) => {
      this.ask.playing(playing)
      this.speech.playing(playing)
    },
    refused: (sentence: string) => this.ask.refuse(sentence) || this.parts.problem.tell(sentence),
  }

  // update draws the model.
  update(): void {
    const { model, form } = this.parts
    const { session } = model
    const value = form.value()
    const dialect = this.dialectName()
    if (session) this.turns.update(session)
    this.parts.log.showLabels(session !== null && session.dialect !== "")
    void this.speak(value.dialect)
    this.ask.update(this.asking(session))
    const isHeld = model.state.connection.kind === "connecting" || !may("member")
    this.picker.update({
      dialect, title: this.isOfSession ? (session?.dialectTitle ?? "") : "", address: value.base,
      environment: this.isOfSession ? (session?.environment ?? "") : value.environment,
      mayChange: !isHeld && (!this.isOfSession || (session?.access.maySend ?? false)),
      mayChangeEnvironment: !isHeld && !(this.isOfSession && model.isLive),
    })
    const { tabs } = this.parts.views
    const speaks = session?.speaks || (this.isOfSession ? "" : (this.known.get(dialect)?.speaks ?? ""))
    this.speech.update({ session: session?.id ?? "", speaks, isLive: model.isLive })
    const word = byId("tab-turns").firstElementChild
    if (word instanceof HTMLElement) setText(word, say(speaks === "transcript" ? "page.tab.transcript" : "page.tab.turns"))
    const size = this.speech.size ?? this.turns.size
    tabs.badge("turns", size > 0 ? String(size) : "", "")
    tabs.badge("messages", session && session.sent + session.received > 0 ? String(session.sent + session.received) : "", "")
    this.turns.hint()
  }

  tick(): void {
    this.turns.tick()
    this.speech.tick()
    this.ask.tick()
  }

  // limit is the largest message that the service takes, in bytes; 0 is unknown.
  get limit(): number {
    return (this.isOfSession ? this.parts.model.session?.limits : this.known.get(this.dialectName())?.limits)?.messageBytes ?? 0
  }

  // take gives a dropped file to the prompt; false leaves it to the composer.
  take(file: File): boolean {
    return this.ask.take(file)
  }

  // focus moves the focus to where a person writes.
  focus(): void {
    this.ask.focus()
  }

  // pending shows what has no turn yet.
  pending(messages: readonly Pending[]): void {
    this.sends.update(messages)
  }

  // retried takes away what the prompt says of an attempt before.
  retried(): void {
    this.ask.forgive()
  }

  // quiet tells what to say of a connection on which nothing happened yet.
  get quiet(): Quiet | null {
    const { session } = this.parts.model
    if (!session || session.state !== "open") return null
    return { isAsked: session.takesText || session.takesAudio !== null, hasExample: session.access.maySend && may("member") && this.example() !== null }
  }

  // tells reports whether a turn shows the error of a message.
  tells(seq: number): boolean {
    return this.turns.tells(seq)
  }

  // firstFigure tells how long the newest answer took to begin; "" before any.
  get firstFigure(): string {
    const session = this.parts.model.session?.id ?? ""
    const words = this.firstWords()
    if (words !== "" || this.first.session !== session) this.first = { session, words }
    return this.first.words
  }

  private firstWords(): string {
    const { firstWordUS } = this.speech
    if (firstWordUS !== null) return say("speech.first_word_after", { time: lasted(firstWordUS) })
    const { newest } = this.turns
    if (!newest || this.speech.size !== null) return ""
    const { firstAudio, firstText } = figuresOf(newest)
    if (firstAudio !== null) return say("speech.first_audio_after", { time: lasted(firstAudio) })
    return firstText === null ? "" : say("speech.first_text_after", { time: lasted(firstText) })
  }

  // finalFigure tells how long after the end of speech its final text came; "" before any.
  get finalFigure(): string {
    const { finalAfterUS } = this.speech
    return finalAfterUS === null ? "" : say("speech.final_after_end", { time: lasted(finalAfterUS) })
  }

  // sendExample sends the example of a demo.
  async sendExample(): Promise<void> {
    const example = this.example()
    if (!example) return
    if (example.isPrompt) {
      this.choseMode("prompt")
      this.ask.set(example.text)
      return this.ask.send()
    }
    this.write()
    this.parts.raw().set("json", example.text)
    await this.parts.raw().send()
  }

  // drops returns what is done with a dropped file of a type, or null.
  drops(type: string): string | null {
    return this.ask.drops(type)
  }

  // written returns the message that holds the prompt, or null where none is written.
  written(): Message | null {
    const text = this.ask.message()
    return text === null ? null : { type: "json", name: "", body: new Blob([text]) }
  }

  // write shows the composer of plain messages: one was put into it.
  write(): void {
    if (this.ask.mode !== "raw") this.choseMode("raw")
  }

  // turnOf returns the number of the turn of a message, or 0.
  turnOf(seq: number): number {
    return this.turns.numberAt(seq)
  }

  // searchTurns opens the search in the answers; false where there are none.
  searchTurns(): boolean {
    return this.turns.openSearch()
  }

  // showTurn selects a turn by its number.
  async showTurn(n: number, opening = false): Promise<void> {
    await this.turns.select(n, opening)
  }

  // chose keeps the view that a person chose for the service.
  chose(view: ViewName): void {
    if (this.place) this.prefs.keepView(this.place, view)
  }

  editDialects(): void {
    void this.editDialect("")
  }

  async editEnvironments(): Promise<void> {
    const { editEnvironments } = await openDialogs()
    await editEnvironments(() => this.picker.refresh())
  }

  destroy(): void {
    for (const part of [this.turns, this.picker, this.ask, this.preview]) part.destroy()
  }

  // isOfSession reports whether the choices shown are those of the session, not of the next.
  private get isOfSession(): boolean {
    const { model } = this.parts
    return model.session !== null && !(model.isLive && model.editing)
  }

  private dialectName(): string {
    const { model, form } = this.parts
    return this.isOfSession ? (model.session?.dialect ?? "") : form.value().dialect
  }

  // reconnect opens the connection again, and reports whether it is open.
  private async reconnect(): Promise<boolean> {
    const { connection, connect, delivery } = this.parts
    await connect()
    await connection.attachment?.joined
    return delivery().barred() === null
  }

  private asking(session: Session | null): Asking {
    const { model, delivery } = this.parts
    const isLive = session !== null && live(model.state.connection)
    const known = this.known.get(isLive ? session.dialect : this.dialectName())
    const taken = isLive ? session : known
    const open = this.turns.open
    const limits = isLive ? session.limits : (known?.limits ?? noLimits)
    return {
      takesText: taken?.takesText ?? false,
      takesAudio: taken?.takesAudio ?? null,
      limits,
      sends: known?.sends.filter(({ when }) => when === "text") ?? [],
      vars: known ? this.varsOf(known) : {},
      blocked: delivery().barred(),
      wait: isLive && open && open.markUS > 0 && limits.requestMS > 0 ? { sinceUS: open.markUS, limitMS: limits.requestMS } : null,
      mode: this.mode,
    }
  }

  private example(): { text: string; isPrompt: boolean } | null {
    const form = this.parts.form.value()
    const key = `page.demo.${form.demo}.prompt`
    if (form.demo !== "" && has(key) && this.parts.model.session?.takesText) return { text: say(key), isPrompt: true }
    const text = exampleOf(form)
    return text === "" ? null : { text, isPrompt: false }
  }

  // varsOf returns the variables of a dialect as the form has them.
  private varsOf({ vars }: Dialect): Record<string, string> {
    const { fields } = this.parts.form.value()
    return Object.fromEntries(vars.map(({ name, default: value }) => [name, fields[`vars.${name}`] || value]))
  }

  // speak shows the fields and messages of the form's dialect on the Auth tab.
  private async speak(name: string): Promise<void> {
    if (name === this.spoken) return
    this.spoken = name
    const dialect = await this.known.find(name)
    if (name !== this.spoken) return
    const sends = dialect ? [element("h2", {}, say("dialect.sends", { title: dialect.title })), drawSends(dialect)] : []
    this.parts.form.speak(dialect, sends)
    this.parts.changed()
  }

  private async choose(name: string): Promise<void> {
    const { form, model, views } = this.parts
    const { session } = model
    const dialect = await this.known.find(name)
    const before = form.value().dialect
    if (!session || !this.isOfSession) {
      form.choose(dialect, true)
      if (dialect && dialect.vars.length + dialect.secrets.length > 0) views.tabs.update("auth")
      return this.update()
    }
    const { dial } = model.state
    const { ok, error } = await chooseDialect(session.id, name)
    this.parts.problem.told(error)
    if (ok) {
      if (before === session.dialect) {
        form.choose(dialect, false)
        if (model.dialled) model.dialled = { ...model.dialled, dialect: name }
      }
      model.apply({ type: "session", dial, session: ok })
      this.turns.update(ok)
      this.turns.reread()
      this.parts.dialectChanged()
    }
    this.update()
  }

  private chooseEnvironment(name: string): void {
    this.parts.form.chooseEnvironment(name)
    this.update()
  }

  private choseMode(mode: Mode): void {
    this.mode = mode
    this.prefs.keepMode(this.place, mode)
    this.update()
  }

  private async send(text: string): Promise<void> {
    await this.parts.delivery().ask(text)
  }

  private async play(file: File, pace: number, signal: AbortSignal): Promise<string> {
    const { ok, error } = await playAudio(this.parts.model.sessionID, file, pace, signal)
    signal.throwIfAborted()
    if (error) throw new Error(error.message)
    return ok
  }

  private async pause(paused: boolean): Promise<void> {
    const { error } = await pauseAudio(this.parts.model.sessionID, paused)
    if (error) throw new Error(error.message)
  }

  private async stopPlaying(): Promise<void> {
    const { error } = await stopAudio(this.parts.model.sessionID)
    if (error) throw new Error(error.message)
  }

  // openView opens the view that was chosen for this service, else the turns where the
  // dialect finds them.
  private openView(session: Session): void {
    const asked = askedView() ?? this.prefs.view(this.place)
    this.parts.views.open(asked ?? (session.dialect !== "" ? "turns" : "messages"))
  }

  private settlePlace(): void {
    const { model, form } = this.parts
    const { service, base } = form.value()
    const place = model.session?.service || service || base
    if (place === this.place) return
    this.place = place
    this.mode = this.prefs.mode(place)
  }

  private async showDialect(name: string): Promise<void> {
    const dialect = await this.known.find(name)
    if (!dialect) return
    const { showDialect } = await openDialogs()
    showDialect(dialect, () => void this.editDialect(name))
  }

  private async editDialect(name: string): Promise<void> {
    const [dialect, { editDialect }] = await Promise.all([this.known.find(name), openDialogs()])
    await editDialect({
      dialect,
      nonce: this.parts.nonce,
      saved: (saved) => void this.saved(name, saved),
      deleted: (gone) => {
        this.known.forget(gone)
        this.picker.refresh()
      },
    })
  }

  // saved uses a dialect that was just written, where its former version was used.
  private async saved(before: string, saved: Dialect): Promise<void> {
    this.known.forget(saved.name)
    this.spoken = null
    this.picker.refresh()
    if (this.dialectName() === saved.name && this.parts.model.session) this.turns.reread()
    else if (this.dialectName() === before) await this.choose(saved.name)
    this.update()
  }
}

// smallest returns the smaller of two limits, of which 0 is none.
export function smallest(form: ReturnType<ServiceForm["value"]>, limit: number): number {
  const own = amountOf(form, "limits.max_message_bytes")
  return limit > 0 && (own === 0 || limit < own) ? limit : own
}
