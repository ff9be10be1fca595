// The sentences of a transcript: what was said, where in the audio, and how fast it came.

import type { Segment, Turn } from "../wire"
import type { LevelTrack, Span } from "./levels"

export interface Sentence {
  n: number // from 1, in the session
  turn: Turn
  segment: Segment | null // null for a text without segments
  text: string
  joint: string // what separates it from the sentence before
  final: boolean
  firstSeq: number
  lastSeq: number
  messages: number
  span: Span | null // of its speech, in the audio of all turns; null when it is not known
  firstWordUS: number | null // from the start of its speech
  finalAfterUS: number | null // from the end of its speech
}

export interface Heard {
  turn: Turn
  track: LevelTrack | null
  offset: number // ms of audio in the turns before
}

const least = 300 // ms that a recogniser needs
const longest = 120_000 // ms of a sentence

export function sentencesOf(all: readonly Heard[]): Sentence[] {
  const out: Sentence[] = []
  for (const heard of all) {
    const { turn } = heard
    const segments = turn.segments.filter(({ stream }) => stream === "answer")
    let before = turn.firstSeq - 1
    let place = 0 // ms, the end of the speech before
    let from = 0
    const add = (segment: Segment | null, text: string): void => {
      const at = segment ? turn.text.answer.indexOf(segment.text, from) : -1
      const joint = at > from ? turn.text.answer.slice(from, at) : ""
      if (segment && at >= 0) from = at + segment.text.length
      const lastSeq = segment?.seq ?? turn.lastSeq
      const timed = timesOf(heard, segment, place)
      if (timed.span) place = timed.span.to - heard.offset
      out.push({
        n: out.length + 1, turn, segment, text, joint, final: segment?.final ?? turn.state !== "open",
        firstSeq: segment?.firstSeq ?? before + 1, lastSeq, messages: Math.max(0, lastSeq - before), ...timed,
      })
      before = lastSeq
    }
    if (segments.length > 0) for (const segment of segments) add(segment, segment.text)
    else if (turn.text.answer !== "") add(null, turn.text.answer)
  }
  return out
}

type Timed = Pick<Sentence, "span" | "firstWordUS" | "finalAfterUS">

// timesOf finds the speech of a sentence: what is loud after the sentence before and until
// its text came. A run of speech that began too shortly before is that of the next one.
function timesOf({ turn, track, offset }: Heard, segment: Segment | null, after: number): Timed {
  const firstUS = segment?.firstUS || turn.firstTextUS
  const isFinal = segment?.final ?? turn.state !== "open"
  const none = { span: null, firstWordUS: null, finalAfterUS: null }
  if (!track || track.size === 0 || firstUS === 0) return none
  const lastUS = segment?.atUS ?? turn.doneUS
  const first = track.sentBy(firstUS)
  const until = lastUS > 0 ? track.sentBy(lastUS) : track.length
  if (first <= after) return none
  const runs = track.speech({ from: after, to: Math.min(until, after + longest) })
  const start = runs[0]?.from
  if (start === undefined || start >= first) return none
  const late = Math.max(least, first - start)
  while (runs.length > 1 && (runs.at(-1)?.from ?? 0) > until - late) runs.pop()
  const end = Math.min(runs.at(-1)?.to ?? until, until)
  const endUS = track.timeOf(end - 1)
  return {
    span: { from: offset + start, to: offset + Math.max(end, start) },
    firstWordUS: firstUS - track.timeOf(start),
    finalAfterUS: isFinal && lastUS > 0 ? Math.max(0, lastUS - endUS) : null,
  }
}

// Word is a piece of a text in its history.
export interface Word {
  text: string
  kind: "same" | "new" | "changed" | "gone" // gone: the next text has another word here
}

// wordsOf compares a text with the one before and the one after it: new words, words in the
// place of others, and words that the next text takes back.
export function wordsOf(before: string, text: string, after: string | null): Word[] {
  const old = split(before)
  const now = split(text)
  const next = after === null ? now : split(after)
  return now.map((word, at) => {
    if (next.length > at && !sameWord(next[at], word)) return { text: word, kind: "gone" }
    if (at >= old.length) return { text: word, kind: before === "" ? "same" : "new" }
    return { text: word, kind: sameWord(old[at], word) ? "same" : "changed" }
  })
}

// changedWords returns the number of texts that changed an earlier word.
export function changedWords(texts: readonly string[]): number {
  return texts.filter((text, at) => {
    const old = split(texts[at - 1] ?? "")
    const now = split(text)
    return at > 0 && old.some((word, place) => !sameWord(now[place], word))
  }).length
}

// split keeps spaces with the word before; scripts without spaces are split by character.
function split(text: string): string[] {
  return text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]\s*|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+\s*|\s+/gu) ?? []
}

// sameWord compares two words without case and the marks at their end: recognisers set
// them late.
function sameWord(a: string | undefined, b: string): boolean {
  const plain = (word: string) => word.trim().replace(/[\p{P}]+$/u, "").toLowerCase()
  return a !== undefined && plain(a) === plain(b)
}

// subtitles writes sentences as SRT.
export function subtitles(sentences: readonly Sentence[]): string {
  const timed = sentences.filter(({ span, final }) => span !== null && final)
  return timed.map(({ span, text }, at) => `${at + 1}\n${stamp(span?.from ?? 0)} --> ${stamp(span?.to ?? 0)}\n${text.trim()}\n`).join("\n")
}

function stamp(ms: number): string {
  const pad = (value: number, width = 2) => String(Math.floor(value)).padStart(width, "0")
  return `${pad(ms / 3_600_000)}:${pad((ms / 60_000) % 60)}:${pad((ms / 1000) % 60)},${pad(ms % 1000, 3)}`
}
