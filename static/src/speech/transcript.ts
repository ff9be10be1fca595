// A session whose service hears and answers with text: its audio along the time, and a row
// for each sentence. A text that may still change is grey; rows above never move.

import { count, lasted, position, say, visible } from "../text"
import { placesOf, type Match, type SpeechDeps } from "../turns"
import { element, icon, iconButton, openMenu, Paced, placeBelow, setText, type Component } from "../ui"
import { exportURL, type Turn } from "../wire"
import { frameOf } from "./frames"
import type { Jukebox, Track } from "./jukebox"
import type { Span } from "./levels"
import { Marks } from "./marks"
import type { Pictures } from "./pictures"
import { sentencesOf, subtitles, type Heard, type Sentence } from "./sentences"
import { SentenceSide } from "./sentence-side"
import { Timeline } from "./timeline"

export interface TranscriptDeps extends SpeechDeps {
  jukebox: Jukebox
  pictures: Pictures
  isLive(): boolean
  // coming is the file that is being sent, and its picture.
  coming(): Coming | null
  // detail shows content at the right under a name; kept leaves the tab that a person chose.
  detail(name: string, content: HTMLElement, opening: boolean, kept: boolean): void
}

export interface Coming {
  name: string
  about: string
  ms: number
  peaks: Uint8Array | null // one for each 20 ms
  sentMS: number
}

const part = 60_000 // ms that are loaded at a time, for playing
const redraw = 120 // ms between two drawings
const slice = 50 // rows added in one task
const nearEnd = 24 // px; closer to the end the list follows it

interface Row {
  element: HTMLElement
  from: HTMLElement
  joint: Text
  words: HTMLElement
  first: HTMLElement
  final: HTMLElement
  messages: HTMLElement
  key: string
}

export class TranscriptView implements Component<readonly Turn[]> {
  readonly element: HTMLElement
  readonly tools: HTMLElement[]
  readonly more = iconButton("ellipsis", say("speech.more_transcript"), { class: "tool low", "aria-haspopup": "menu", "data-testid": "transcript-more" })
  private readonly stop = new AbortController()
  private readonly timeline: Timeline
  private readonly side: SentenceSide
  private readonly rows: Row[] = []
  private readonly marks = new Marks((n) => this.rows[n - 1]?.words ?? null)
  private readonly list = element("div", { class: "segs", role: "table", "aria-label": say("speech.transcript"), "data-testid": "transcript" })
  private readonly scroller: HTMLElement
  private readonly errors = element("div", { class: "segs-errors" })
  private readonly empty = element("p", { class: "segs-empty" }, say("speech.empty"))
  private readonly pill = element("button", { type: "button", class: "turn-pill", hidden: true, "data-testid": "turns-latest" }, say("speech.latest"))
  private readonly slowest = element("span", { class: "chip flat slowest", hidden: true, title: say("speech.slowest.title"), "data-testid": "slowest" })
  private turns: readonly Turn[] = []
  private sentences: Sentence[] = []
  private selected = 0
  private isFollowing = true
  private session = ""
  private failures = ""
  private readonly drawing = new Paced(() => this.draw(), redraw)
  private filling = 0

  constructor(private readonly deps: TranscriptDeps) {
    const { signal } = this.stop
    this.timeline = new Timeline({ select: (n) => this.choose(n, true), play: (span) => this.play(span), pause: () => deps.jukebox.pause() })
    this.side = new SentenceSide({
      session: () => deps.session(), message: (seq) => deps.message(seq),
      play: ({ span }) => span && this.play(span),
      step: (by) => this.choose(this.selected + by, true),
      trackOf: (n) => {
        const heard = this.heard().find(({ turn }) => turn.n === n)
        return heard?.track ? { track: heard.track, offset: heard.offset } : null
      },
    })
    const cell = (key: string, more = "") => element("span", { role: "columnheader", class: more, title: key === "speech.column.first" || key === "speech.column.final" ? say(`${key}.title`) : null }, say(key))
    const head = element("div", { class: "seg-row is-head", role: "row" }, cell("speech.column.from"), cell("speech.column.words"), cell("speech.column.first", "r"), cell("speech.column.final", "r"), cell("speech.column.messages", "r"))
    this.list.append(head)
    this.scroller = element("div", { class: "segs-scroll", tabindex: -1 }, this.list, this.errors, this.empty)
    this.element = element("div", { class: "transcript-view" }, this.timeline.element, element("div", { class: "segs-place" }, this.scroller, this.pill))
    const copy = iconButton("copy", say("speech.copy_all"), { class: "tool low", "data-testid": "copy-transcript" })
    this.tools = [this.slowest, copy]
    copy.addEventListener("click", () => void this.copy(copy), { signal })
    this.more.addEventListener("click", () => this.menu(this.more), { signal })
    this.list.addEventListener("click", (event) => this.clicked(event), { signal })
    this.list.addEventListener("keydown", (event) => this.key(event), { signal })
    this.scroller.addEventListener("scroll", () => this.scrolled(), { signal, passive: true })
    this.pill.addEventListener("click", () => this.toEnd(), { signal })
    deps.jukebox.watch(() => this.drawTimeline(), signal)
  }

  // size is the number of sentences.
  get size(): number {
    return this.sentences.length
  }

  get firstWordUS(): number | null {
    return this.sentences.at(-1)?.firstWordUS ?? null
  }

  // finalAfterUS is the time from the end of speech to the final text, of the newest sentence
  // that has one.
  get finalAfterUS(): number | null {
    return this.sentences.findLast(({ finalAfterUS }) => finalAfterUS !== null)?.finalAfterUS ?? null
  }

  update(turns: readonly Turn[]): void {
    const session = this.deps.session()
    const isOther = session !== this.session
    if (isOther) this.reset(session)
    this.turns = turns
    for (const turn of turns) this.deps.pictures.want(turn, "user")
    this.drawing.ask()
    if (isOther) this.drawing.flush()
  }

  // pictured draws the audio that was read.
  pictured(): void {
    this.drawing.ask()
  }

  // tick looks for audio that was sent meanwhile.
  tick(): void {
    for (const turn of this.turns) if (turn.state === "open") this.deps.pictures.want(turn, "user")
    this.drawing.ask()
  }

  show(): void {
    this.draw() // what is hidden has no size
    if (this.isFollowing) this.toEnd()
  }

  hide(): void {
    this.deps.jukebox.pause()
  }

  // select shows a turn by its number: its first sentence.
  select(n: number): void {
    this.drawing.flush()
    const sentence = this.sentences.find(({ turn }) => turn.n === n)
    if (sentence && !this.sentences.some((one) => one.n === this.selected && one.turn.n === n)) this.choose(sentence.n, false)
  }

  // find returns where words are in the sentences, and marks them.
  find(words: string): Match[] {
    this.drawing.flush()
    const found = this.sentences.flatMap(({ n, text }) => placesOf(visible(text), words).map((place) => ({ n, ...place })))
    this.marks.update(found)
    return found
  }

  // mark shows one of the found places; null takes the marks away.
  mark(match: Match | null): void {
    if (match) this.choose(match.n, false)
    this.marks.show(match)
  }

  focus(): void {
    const row = this.rows[this.selected - 1] ?? this.rows[0]
    ;(row?.element ?? this.scroller).focus()
  }

  destroy(): void {
    this.stop.abort()
    this.marks.destroy()
    this.drawing.stop()
    window.clearTimeout(this.filling)
    this.timeline.destroy()
    this.side.destroy()
    this.element.remove()
  }

  private reset(session: string): void {
    this.session = session
    this.selected = 0
    this.isFollowing = true
    this.timeline.reset()
    for (const { element: row } of this.rows.splice(0)) row.remove()
  }

  // heard places the turns one after the other.
  private heard(): Heard[] {
    let offset = 0
    return this.turns.map((turn) => {
      const track = this.deps.pictures.of(turn.n, "user")
      const heard = { turn, track, offset }
      offset += Math.max(track?.length ?? 0, turn.audio?.userMS ?? 0)
      return heard
    })
  }

  private draw(): void {
    const heard = this.heard()
    this.sentences = sentencesOf(heard)
    while (this.rows.length > this.sentences.length) this.rows.pop()?.element.remove()
    this.rows.forEach((row, at) => this.drawRow(row, this.sentences[at]))
    this.fill()
    this.drawErrors()
    this.list.dataset.turns = String(this.turns.length)
    this.list.dataset.state = this.turns.at(-1)?.state ?? ""
    this.empty.hidden = this.sentences.length > 0 || this.errors.childElementCount > 0
    const finals = this.sentences.flatMap(({ finalAfterUS }) => (finalAfterUS === null ? [] : [finalAfterUS]))
    this.slowest.hidden = finals.length === 0
    this.slowest.replaceChildren(say("speech.slowest"), " ", element("b", {}, lasted(Math.max(0, ...finals))))
    this.drawTimeline()
    if (this.isFollowing) this.toEnd()
    this.follow()
    const chosen = this.sentences[this.selected - 1]
    if (chosen) this.side.show(chosen, this.selected === this.sentences.length)
  }

  // follow selects the sentence that is being said, while the list follows it.
  private follow(): void {
    const last = this.sentences.at(-1)
    if (last && this.isFollowing && this.deps.isLive() && last.turn.state === "open" && last.n !== this.selected) this.choose(last.n, false, true)
  }

  // fill adds rows, a part of many in each task.
  private fill(): void {
    if (this.filling) return
    for (let added = 0; added < slice && this.rows.length < this.sentences.length; added++) this.drawRow(this.addRow(), this.sentences[this.rows.length - 1])
    this.marks.draw()
    if (this.rows.length === this.sentences.length) return
    this.filling = window.setTimeout(() => {
      this.filling = 0
      this.fill()
      if (this.isFollowing) this.toEnd()
    })
  }

  private addRow(): Row {
    const cell = (className = "") => element("span", { role: "cell", class: className })
    const joint = document.createTextNode("")
    const words = element("span", { class: "segment-words", "data-testid": "segment-words" })
    const row: Row = {
      from: cell(), joint, words, first: cell("r"), final: cell("r"), key: "",
      messages: element("button", { type: "button", class: "link", tabindex: -1, title: say("speech.show_messages") }),
      element: element("div", { class: "seg-row", role: "row", tabindex: this.rows.length === 0 ? 0 : -1, "data-testid": "segment" }),
    }
    row.element.append(row.from, element("span", { role: "cell", class: "words" }, joint, words), row.first, row.final, element("span", { role: "cell", class: "r" }, row.messages))
    this.rows.push(row)
    this.list.append(row.element)
    return row
  }

  private drawRow(row: Row, sentence: Sentence | undefined): void {
    if (!sentence) return
    const { span, text, joint, final, firstWordUS, finalAfterUS, messages, n, turn } = sentence
    const key = JSON.stringify([span, text, joint, final, firstWordUS, finalAfterUS, messages, turn.state])
    if (key === row.key) return
    row.key = key
    setText(row.from, span ? position(span.from * 1000) : "–")
    if (row.joint.data !== joint) row.joint.data = joint
    setText(row.words, visible(text))
    setText(row.first, firstWordUS === null ? "–" : lasted(firstWordUS))
    if (final) setText(row.final, finalAfterUS === null ? "–" : lasted(finalAfterUS))
    else row.final.replaceChildren(element("span", { class: "live-word" }, say(turn.state === "open" ? "speech.listening" : `speech.state_of.${turn.state}`)))
    setText(row.messages, count(messages))
    row.messages.dataset.seq = String(sentence.firstSeq)
    row.element.dataset.final = String(final)
    row.element.dataset.n = String(n)
    row.element.setAttribute("aria-label", say("speech.sentence_n", { n }))
  }

  private drawErrors(): void {
    const failed = this.turns.filter(({ error }) => error !== null)
    const key = JSON.stringify(failed.map((turn) => [turn.n, turn.error, this.deps.hintOf(turn)]))
    if (key === this.failures) return
    this.failures = key
    this.errors.replaceChildren(...failed.map((turn) => {
      const { error } = turn
      const hint = this.deps.hintOf(turn)
      const words = [error?.code && !error.message.includes(error.code) ? error.code : "", error?.message].filter(Boolean).join(": ")
      const link = element("button", { type: "button", class: "link", "data-testid": "turn-error-message" }, say("speech.message", { seq: error?.seq ?? 0 }))
      link.addEventListener("click", () => this.deps.message(error?.seq ?? 0), { signal: this.stop.signal })
      return element("div", { class: "turn-error", role: "note", "data-testid": "turn-error" }, icon("triangle-alert"), element("div", {},
        element("p", { class: "cause" }, say("speech.said", { words: visible(words || say("speech.no_words")) })),
        ...(hint ? [element("p", { class: "fix" }, hint)] : []), ...((error?.seq ?? 0) > 0 ? [link] : [])))
    }))
  }

  private drawTimeline(): void {
    const heard = this.heard()
    const coming = this.deps.coming()
    const read = heard.reduce((end, { track, offset }) => Math.max(end, offset + (track?.length ?? 0)), 0)
    const sent = heard.reduce((end, { turn, offset }) => Math.max(end, offset + (turn.audio?.userMS ?? 0)), read)
    const open = heard.findLast(({ turn }) => turn.audioStartUS > 0)
    const isComing = coming !== null && this.deps.isLive()
    const begin = isComing && open?.turn.state === "open" ? open.offset : sent
    const whole = isComing ? Math.max(sent, begin + coming.ms) : sent
    const head = isComing ? Math.max(sent, Math.min(whole, begin + coming.sentMS)) : sent
    const stream = open?.turn.audio?.user
    this.timeline.update({
      name: coming?.name ?? (heard.length > 0 ? say("speech.sent_audio") : ""),
      about: stream ? aboutAudio(stream, open.turn) : (coming?.about ?? ""),
      sent: head, whole, sentences: this.sentences, selected: this.selected, isLive: this.deps.isLive() && open?.turn.state === "open",
      peak: (span) => (span.from < read ? peakOf(heard, span) : comingPeak(coming, { from: span.from - begin, to: span.to - begin })),
      playing: this.playingAt(heard),
    })
    this.timeline.element.hidden = whole === 0
  }

  // playingAt returns the place that sounds; null when nothing does.
  private playingAt(heard: readonly Heard[]): number | null {
    const { jukebox } = this.deps
    const { current } = jukebox
    if (!current || current.stream !== "user" || current.session !== this.deps.session()) return null
    const state = jukebox.stateOf(current)
    const offset = heard.find(({ turn }) => turn.n === current.n)?.offset
    return state?.playing && offset !== undefined ? offset + state.position * 1000 : null
  }

  private play(span: Span): void {
    const tracks: Track[] = []
    for (const { turn, offset, track } of this.heard()) {
      if (!track) continue
      const to = Math.min(track.length, span.to - offset)
      for (let from = Math.max(0, span.from - offset); from < to - 1; from += part) {
        tracks.push({ session: this.deps.session(), n: turn.n, stream: "user", from, part: track.clip({ from, to: Math.min(to, from + part) }) })
      }
    }
    this.deps.jukebox.start(tracks)
  }

  // choose shows the details of a sentence; kept leaves the tab that a person chose at the right.
  private choose(n: number, opening: boolean, kept = false): void {
    const sentence = this.sentences[n - 1]
    if (!sentence) return
    this.rows[this.selected - 1]?.element.removeAttribute("aria-current")
    this.selected = n
    const row = this.rows[n - 1]
    for (const other of this.rows) other.element.tabIndex = other === row ? 0 : -1
    row?.element.setAttribute("aria-current", "true")
    row?.element.scrollIntoView({ block: "nearest" })
    if (n < this.sentences.length) this.setFollow(false)
    if (sentence.span) this.timeline.show(sentence.span)
    this.side.show(sentence, n === this.sentences.length)
    this.deps.detail(say("speech.sentence"), this.side.element, opening, kept)
    this.drawTimeline()
  }

  private clicked(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null
    const link = target?.closest<HTMLElement>("[data-seq]")
    if (link) return this.deps.message(Number(link.dataset.seq))
    const n = Number(target?.closest<HTMLElement>("[data-n]")?.dataset.n)
    if (n > 0 && (getSelection()?.isCollapsed ?? true)) this.choose(n, true)
  }

  private key(event: KeyboardEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-n]") : null
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return
    const n = Number(row.dataset.n)
    const to = { ArrowDown: n + 1, j: n + 1, ArrowUp: n - 1, k: n - 1, Home: 1, End: this.rows.length }[event.key]
    if (event.key === "Enter" && event.target === row) this.choose(n, true)
    else if (event.key === "m" || event.key === "M") this.deps.message(this.sentences[n - 1]?.firstSeq ?? 0)
    else if (event.key === " " && event.target === row) {
      const span = this.sentences[n - 1]?.span
      if (span) this.play(span)
    } else if (to !== undefined) {
      this.choose(to, false)
      this.rows[to - 1]?.element.focus()
    } else return
    event.preventDefault()
  }

  private scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller
    if (clientHeight === 0) return
    this.setFollow(scrollTop + clientHeight >= scrollHeight - nearEnd)
  }

  private setFollow(on: boolean): void {
    this.isFollowing = on
    const { scrollHeight, clientHeight } = this.scroller
    this.pill.hidden = on || scrollHeight <= clientHeight + nearEnd
  }

  private toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight
    this.setFollow(true)
  }

  private text(): string {
    return this.sentences.map(({ text, joint }) => joint + text).join("")
  }

  private async copy(button: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text())
      button.classList.add("done")
      window.setTimeout(() => button.classList.remove("done"), 1200)
    } catch {
      // The browser does not allow it; the text can still be selected.
    }
  }

  private menu(button: HTMLButtonElement): void {
    const session = this.deps.session()
    const timed = this.sentences.some(({ span, final }) => span && final)
    openMenu(say("speech.more_transcript"), [
      { name: say("speech.copy_all"), picture: "copy", run: () => void this.copy(button) },
      { name: say("speech.download_wav"), picture: "download", run: () => save(exportURL(session, "wav"), "") },
      { name: say("speech.download_srt"), picture: "download", blocked: timed ? null : say("speech.no_times"), run: () => this.saveText(subtitles(this.sentences), "srt") },
      { name: say("speech.download_text"), picture: "download", run: () => this.saveText(this.sentences.map(({ text }) => text).join("\n"), "txt") },
    ], placeBelow(button), document.body)
  }

  private saveText(text: string, extension: string): void {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }))
    save(url, `duplex-${this.deps.session()}.${extension}`)
    window.setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
}

function save(href: string, name: string): void {
  element("a", { href, download: name }).click()
}

function peakOf(heard: readonly Heard[], span: Span): number {
  let loudest = 0
  for (const { track, offset } of heard) if (track && span.to > offset && span.from < offset + track.length) loudest = Math.max(loudest, track.peak({ from: span.from - offset, to: span.to - offset }))
  return loudest
}

function comingPeak(coming: Coming | null, { from, to }: Span): number {
  const peaks = coming?.peaks
  if (!peaks) return 0
  let loudest = 0
  for (let at = Math.max(0, Math.floor(from / 20)); at < Math.min(peaks.length, Math.max(Math.ceil(to / 20), Math.floor(from / 20) + 1)); at++) loudest = Math.max(loudest, peaks[at] ?? 0)
  return loudest / 255
}

const encodings: Readonly<Record<string, string>> = { s16le: "16 bit", f32le: "32 bit float", mulaw: "µ-law", alaw: "A-law", opus: "Opus" }

// aboutAudio names a form of audio and its frames.
function aboutAudio({ encoding, rate, channels, chunks }: NonNullable<NonNullable<Turn["audio"]>["user"]>, turn: Turn): string {
  const ms = frameOf(turn.audio?.userMS ?? 0, chunks)
  return [
    rate > 0 ? `${+(rate / 1000).toFixed(3)} kHz` : "", encodings[encoding] ?? encoding, say(channels === 1 ? "speech.mono" : "speech.channels", { count: channels }),
  ].filter(Boolean).join(" · ") + (ms > 0 ? say("speech.as_frames", { ms }) : "")
}

