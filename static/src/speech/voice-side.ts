// The right side of a turn that is spoken: how fast the answer came, its audio, the calls of
// tools and the interruptions of the session.

import { clock, count, lasted, say, visible, visibleLines } from "../text"
import { element, icon, setText } from "../ui"
import { audioURL, exportURL, type ToolCall, type Turn } from "../wire"
import { act, factList, section, seqLink, sideHead, type Fact } from "./facts"
import { frameOf } from "./frames"
import { measureURL } from "./measurer"
import { indented } from "./tool-chip"

export interface VoiceSideDeps {
  session(): string
  turns(): readonly Turn[]
  message(seq: number): void
  // go shows another turn.
  go(turn: Turn): void
}

export class VoiceSide {
  readonly element = element("div", { class: "speech-side", "data-testid": "voice-detail" })
  private turn: Turn | null = null
  private call: ToolCall | null = null
  private drawn = ""
  private stop = new AbortController() // of what is drawn

  constructor(private readonly deps: VoiceSideDeps) {}

  get shown(): Turn | null {
    return this.turn
  }

  show(turn: Turn, call: ToolCall | null): void {
    this.turn = turn
    this.call = call
    this.update()
  }

  // update draws the turn again when it has changed.
  update(): void {
    const { turn: old, call } = this
    if (!old) return
    const all = this.deps.turns()
    const turn = (this.turn = all.find(({ n }) => n === old.n) ?? old)
    const tools = all.flatMap(({ n, tools, interrupted }) => [n, tools.map(({ seq, doneSeq }) => [seq, doneSeq]), interrupted])
    const key = JSON.stringify([turn.n, turn.state, turn.messages, turn.audio, call, tools])
    if (key === this.drawn) return
    this.drawn = key
    this.stop.abort()
    this.stop = new AbortController()
    this.element.replaceChildren(...this.parts(turn, all))
  }

  private parts(turn: Turn, all: readonly Turn[]): HTMLElement[] {
    const at = all.findIndex(({ n }) => n === turn.n)
    const step = (by: number) => () => {
      const next = all[at + by]
      if (next) this.deps.go(next)
    }
    const from = turn.firstAudioUS || turn.firstTextUS || turn.markUS || turn.audioStartUS
    const to = turn.doneUS || turn.audio?.answer?.lastUS || 0
    const head = sideHead({
      title: say("speech.answer_in", { n: turn.n }),
      below: [say(turn.interrupted ? "speech.state_of.interrupted" : `speech.state_of.${turn.state}`), from > 0 ? ` · ${to > from ? say("speech.from_to", { from: clock(from), to: clock(to) }) : clock(from)}` : ""],
      acts: [
        act("chevron-up", say("speech.previous"), "voice-previous", step(-1), this.stop.signal, at <= 0),
        act("chevron-down", say("speech.next"), "voice-next", step(1), this.stop.signal, at < 0 || at >= all.length - 1),
      ],
    })
    return [head, ...this.callPart(), this.timesPart(turn), this.audioPart(turn), this.toolsPart(all), this.interruptionsPart(all)].filter((part): part is HTMLElement => part !== null)
  }

  // callPart shows the arguments and the result of a call.
  private callPart(): HTMLElement[] {
    const call = this.call && (this.turn?.tools.find(({ seq, id }) => seq === this.call?.seq && id === this.call.id) ?? this.call)
    if (!call) return []
    const { message } = this.deps
    const code = (text: string, id: string) => element("pre", { class: "call-text", "data-testid": id, tabindex: 0 }, visibleLines(indented(text)))
    return [section(say("speech.tool", { name: visible(call.name) }),
      factList([
        [say("speech.tool.called"), seqLink(call.seq, message, this.stop.signal)],
        call.doneSeq > 0 ? [say("speech.tool.answered"), element("span", {}, `${lasted(call.doneUS - call.atUS)} · `, seqLink(call.doneSeq, message, this.stop.signal))] : [say("speech.tool.answered"), say("speech.tool.waits")],
      ]),
      element("h4", {}, say("speech.tool.arguments")), code(call.arguments || "–", "tool-arguments"),
      ...(call.doneSeq > 0 ? [element("h4", {}, say("speech.tool.result")), code(call.result || "–", "tool-result")] : []),
    )]
  }

  private timesPart(turn: Turn): HTMLElement | null {
    const from = turn.audioEndUS || turn.markUS
    const heard = turn.segments.filter(({ stream, final }) => stream === "user" && final).at(-1)?.atUS ?? 0
    const last = turn.audio?.answer?.lastUS ?? 0
    const rows = ([["speech.final_transcript", heard], ["speech.first_text", turn.firstTextUS], ["speech.first_audio", turn.firstAudioUS], ["speech.last_audio", last]] as const).filter(([, us]) => us >= from && us > 0)
    if (from === 0 || rows.length === 0) return null
    const whole = Math.max(...rows.map(([, us]) => us - from), 1)
    let before = 0
    const bars = element("div", { class: "phases" })
    rows.forEach(([name, us]) => {
      const share = ((us - from) / whole) * 100
      const bar = element("i", { class: name === "speech.last_audio" ? "recv" : "" })
      bar.style.insetInlineStart = `${name === "speech.final_transcript" ? 0 : Math.min(before, share)}%`
      bar.style.inlineSize = `${Math.max(1.5, share - (name === "speech.final_transcript" ? 0 : Math.min(before, share)))}%`
      before = share
      bars.append(element("span", { class: "l" }, say(name)), element("span", { class: "p", "aria-hidden": "true" }, bar), element("span", { class: "t" }, lasted(us - from)))
    })
    return section(say(turn.audioEndUS > 0 ? "speech.from_end" : "speech.from_mark"), bars)
  }

  private audioPart(turn: Turn): HTMLElement | null {
    const { audio } = turn
    const stream = audio?.answer
    if (!audio || !stream) return null
    const session = this.deps.session()
    const loudness = element("span", { "data-testid": "loudness" }, "…")
    if (turn.state !== "open") void measureURL(audioURL(session, turn.n, "answer", false)).then(({ failed, lufs, peak }) => {
      setText(loudness, failed ? "–" : say("speech.loud", { lufs: lufs === null ? "–" : decibels(lufs), peak: peak === null ? "–" : decibels(peak) }))
    })
    const facts: (Fact | null)[] = [
      [say("speech.length"), lasted(audio.answerMS * 1000)],
      [say("speech.format_name"), formatOf(stream.encoding, stream.rate, stream.channels)],
      [say("speech.format_from"), stream.formatSeq > 0 ? seqLink(stream.formatSeq, this.deps.message, this.stop.signal) : say("speech.format_dialect")],
      [say("speech.chunks"), stream.chunks > 0 && audio.answerMS > 0 ? say("speech.chunks_of", { count: count(stream.chunks), time: lasted(frameOf(audio.answerMS, stream.chunks) * 1000) }) : count(stream.chunks)],
      turn.state !== "open" ? [say("speech.loudness"), loudness] : null,
    ]
    const save = (href: string, name: string, title: string, id: string) => element("a", { class: "button low", href, download: true, title, "data-testid": id }, icon("download"), name)
    return section(say("speech.received"), factList(facts), element("div", { class: "side-buttons" },
      save(audioURL(session, turn.n, "answer", false), say("speech.this_answer"), say("speech.save"), "save-answer"),
      save(exportURL(session, "wav"), say("speech.whole_call"), say("speech.whole_call.title"), "save-call"),
    ))
  }

  private toolsPart(all: readonly Turn[]): HTMLElement | null {
    const calls = all.flatMap(({ tools }) => tools)
    if (calls.length === 0) return null
    return section(say("speech.tools_of_session"), factList(calls.map((call): Fact => [
      visible(call.name),
      element("span", {}, call.doneSeq > 0 ? `${lasted(call.doneUS - call.atUS)} · ` : `${say("speech.tool.waits")} · `, seqLink(call.seq, this.deps.message, this.stop.signal)),
    ])))
  }

  private interruptionsPart(all: readonly Turn[]): HTMLElement | null {
    const cut = all.filter(({ interrupted }) => interrupted !== null)
    if (cut.length === 0) return null
    return section(say("speech.interruptions"), factList(cut.map(({ n, interrupted }): Fact => [
      interrupted && interrupted.playedMS > 0 ? say("speech.turn_at", { n, time: lasted(interrupted.playedMS * 1000) }) : say("speech.turn_n", { n }),
      seqLink(interrupted?.seq ?? 0, this.deps.message, this.stop.signal),
    ])))
  }
}

// decibels writes a level with a minus sign.
export function decibels(value: number): string {
  const text = Math.abs(value).toFixed(Math.abs(value) < 10 ? 1 : 0)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

const names: Readonly<Record<string, string>> = { s16le: "PCM 16 bit", f32le: "PCM float", mulaw: "µ-law", alaw: "A-law", opus: "Opus" }

// formatOf names a form of audio: PCM 16 bit · 24 kHz · mono.
export function formatOf(encoding: string, rate: number, channels: number): string {
  return [names[encoding] ?? encoding, rate > 0 ? `${+(rate / 1000).toFixed(3)} kHz` : "", say(channels === 1 ? "speech.mono" : "speech.channels", { count: channels })].filter(Boolean).join(" · ")
}
