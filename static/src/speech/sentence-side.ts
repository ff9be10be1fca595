// The right side of a sentence: how its text grew, how fast it came, and what was sent.

import { count, lasted, plural, position, say, size, visible } from "../text"
import { element } from "../ui"
import { readGrowth, type Growth } from "../wire"
import { act, factList, section, seqLink, sideHead, type Fact } from "./facts"
import type { LevelTrack } from "./levels"
import { changedWords, wordsOf, type Sentence } from "./sentences"
import { decibels } from "./voice-side"

export interface SentenceSideDeps {
  session(): string
  message(seq: number): void
  play(sentence: Sentence): void
  // step shows the sentence before or after.
  step(by: number): void
  // trackOf returns the audio of a turn and where it begins among all, in ms.
  trackOf(n: number): { track: LevelTrack; offset: number } | null
}

const pause = 700 // ms between two readings of a sentence that grows
const most = 40 // texts that are shown

export class SentenceSide {
  readonly element = element("div", { class: "speech-side", "data-testid": "sentence-detail" })
  private readonly head = element("div", {})
  private readonly grew = element("div", {})
  private readonly facts = element("div", {})
  private readonly frames = element("div", {})
  private sentence: Sentence | null = null
  private isLast = false
  private growth: Growth | null = null
  private key = "" // of the sentence that was read
  private reading: AbortController | null = null
  private timer = 0
  private stop = new AbortController() // of what is drawn

  constructor(private readonly deps: SentenceSideDeps) {
    this.element.append(this.head, this.grew, this.facts, this.frames)
  }

  show(sentence: Sentence, isLast: boolean): void {
    const isOther = sentence.turn.n !== this.sentence?.turn.n || sentence.firstSeq !== this.sentence.firstSeq
    if (isOther) this.growth = null
    this.sentence = sentence
    this.isLast = isLast
    const key = `${sentence.turn.n} ${sentence.firstSeq} ${sentence.lastSeq} ${sentence.text}`
    if (isOther) void this.read(key)
    else if (key !== this.key) this.timer ||= window.setTimeout(() => void this.read(key), pause)
    this.draw()
  }

  destroy(): void {
    this.reading?.abort()
    window.clearTimeout(this.timer)
    this.element.remove()
  }

  private async read(key: string): Promise<void> {
    const { sentence } = this
    window.clearTimeout(this.timer)
    this.timer = 0
    if (!sentence) return
    this.key = key
    this.reading?.abort()
    const reading = (this.reading = new AbortController())
    const { ok } = await readGrowth(this.deps.session(), sentence.turn.n, "answer", sentence.segment?.firstSeq ?? 0, reading.signal)
    if (reading.signal.aborted || !ok) return
    this.growth = ok
    this.draw()
  }

  private draw(): void {
    const { sentence, growth, deps } = this
    if (!sentence) return
    this.stop.abort()
    this.stop = new AbortController()
    const { signal } = this.stop
    const heard = deps.trackOf(sentence.turn.n)
    const { span } = sentence
    const messages = growth?.messages ?? sentence.messages
    this.head.replaceChildren(sideHead({
      title: say("speech.sentence_n", { n: sentence.n }),
      below: [
        sentence.final ? say("speech.final") : element("span", { class: "live-word" }, say("speech.listening")),
        span ? ` · ${say("speech.from", { time: position(span.from * 1000) })}` : "",
        ` · ${plural("speech.messages", messages, { count: count(messages) })}`,
      ],
      acts: [
        act("play", say("speech.play_sentence"), "sentence-play", () => deps.play(sentence), signal, span === null),
        act("chevron-up", say("speech.sentence_before"), "sentence-previous", () => deps.step(-1), signal, sentence.n === 1),
        act("chevron-down", say("speech.sentence_after"), "sentence-next", () => deps.step(1), signal, this.isLast),
      ],
    }))
    this.drawGrowth(sentence, heard)
    this.drawFacts(sentence, heard)
  }

  private drawGrowth(sentence: Sentence, heard: ReturnType<SentenceSideDeps["trackOf"]>): void {
    const { growth } = this
    this.grew.hidden = !growth || growth.texts.length === 0
    if (!growth || growth.texts.length === 0) return
    const startUS = heard && sentence.span ? heard.track.timeOf(sentence.span.from - heard.offset) : (sentence.segment?.firstUS ?? growth.texts[0]?.atUS ?? 0)
    const texts = growth.texts.slice(-most)
    const list = element("dl", { class: "grew", tabindex: "0", "aria-label": say("speech.grew"), "data-testid": "grew" })
    texts.forEach(({ text, atUS }, at) => {
      const line = element("dd", {})
      const before = texts[at - 1]?.text ?? ""
      for (const word of wordsOf(before, text, texts[at + 1]?.text ?? null)) {
        const tag = word.kind === "changed" ? "b" : "span"
        line.append(element(tag, { class: `word ${word.kind}` }, visible(word.text)))
      }
      list.append(element("dt", {}, `${(Math.max(0, atUS - startUS) / 1e6).toFixed(2)} s`), line)
    })
    this.grew.replaceChildren(section(say("speech.grew"), list))
  }

  private drawFacts(sentence: Sentence, heard: ReturnType<SentenceSideDeps["trackOf"]>): void {
    const { growth } = this
    const { segment, span } = sentence
    const changed = growth ? changedWords(growth.texts.map(({ text }) => text)) : 0
    const sent = segment?.sentMS ?? 0
    const behind = sent > 0 && span && heard ? sent - (span.to - heard.offset) : null
    this.facts.replaceChildren(section("", factList([
      sentence.firstWordUS !== null ? [say("speech.first_word"), say("speech.after_start", { time: lasted(sentence.firstWordUS) })] : null,
      sentence.finalAfterUS !== null ? [say("speech.final_after"), lasted(sentence.finalAfterUS)] : null,
      growth ? [say("speech.partials"), changed > 0 ? plural("speech.changed", changed, { count: count(growth.texts.length), changed: count(changed) }) : count(growth.texts.length)] : null,
      growth && growth.largestGapSeq > 0 ? [say("speech.largest_gap"), element("span", {}, `${lasted(growth.largestGapUS)} `, say("speech.at"), " ", seqLink(growth.largestGapSeq, this.deps.message, this.stop.signal))] : null,
      behind !== null && behind >= 0 ? [say("speech.behind"), lasted(behind * 1000)] : null,
    ])))
    this.frames.hidden = !growth || growth.frames === 0
    if (!growth || growth.frames === 0) return
    const level = heard && span ? heard.track.power({ from: span.from - heard.offset, to: span.to - heard.offset }) : null
    const clipped = heard?.track.clipped ?? 0
    const pace = paceOf(heard)
    const facts: (Fact | null)[] = [
      [say("speech.frames"), say("speech.frames_of", { count: count(growth.frames), size: size(growth.frameBytes / growth.frames), late: count(growth.late) })],
      pace !== null ? [say("speech.pace_name"), say("speech.pace_of", { pace: pace.toFixed(1) })] : null,
      growth.frameGapP95US > 0 ? [say("speech.frame_gap"), lasted(growth.frameGapP95US)] : null,
      level !== null ? [say("speech.level"), say(clipped > 0 ? "speech.level_clipped" : "speech.level_of", { level: decibels(Math.round(level)), count: count(clipped) })] : null,
    ]
    this.frames.replaceChildren(section(say("speech.frames_sent"), factList(facts)))
  }
}

// paceOf returns how many seconds of audio were sent in a second; null when it is not known.
function paceOf(heard: ReturnType<SentenceSideDeps["trackOf"]>): number | null {
  if (!heard || heard.track.frames < 3) return null
  const { track } = heard
  const took = track.timeOf(track.length) - track.timeOf(0)
  return took > 0 ? (track.length * (1 - 1 / track.frames) * 1000) / took : null
}
