import assert from "node:assert/strict"
import { test } from "node:test"
import { label, marks, move, zoom } from "../src/speech/axis"
import { frameOf } from "../src/speech/frames"
import { heardPart } from "../src/speech/heard"
import { LevelTrack } from "../src/speech/levels"
import { Meter } from "../src/speech/meter"
import { changedWords, sentencesOf, subtitles, wordsOf } from "../src/speech/sentences"
import { gistOf } from "../src/speech/tool-chip"
import type { Segment, Turn } from "../src/wire"
import { parseLevels, parseTurn } from "../src/wire/turns"

const base = 1_700_000_000_000_000

// trackOf makes audio in frames of 100 ms: "s" speaks, "." is silent.
function trackOf(pattern: string, pace = 1): LevelTrack {
  const track = new LevelTrack()
  const bytes = (loud: number, soft: number) => btoa([...pattern].map((frame) => String.fromCharCode(frame === "s" ? loud : soft).repeat(5)).join(""))
  track.add(parseLevels({
    seq: [...pattern].map((_, at) => at + 1), at_us: [...pattern].map((_, at) => base + (at * 100_000) / pace), ms: [...pattern].map(() => 100), parts: [...pattern].map(() => 5),
    peaks: bytes(128, 1), powers: bytes(30, 120), bytes: 3200 * pattern.length, clipped: 0, next: pattern.length, ended: true,
  }))
  return track
}

function turnOf(segments: Partial<Segment>[], more: object = {}): Turn {
  return parseTurn({
    n: 1, state: "done", first_seq: 1, last_seq: 99, messages: 99, bytes: 1, text: { answer: segments.map(({ text }) => text).join(" ") }, audio_start_us: base,
    segments: segments.map(({ text, final, seq, atUS, firstSeq, firstUS }) => ({ stream: "answer", text, final, seq, at_us: atUS, first_seq: firstSeq, first_us: firstUS })), ...more,
  })
}

test("levels tell what was sent when, and how loud it was", () => {
  const track = trackOf("..ssss....sss.")
  assert.equal(track.length, 1400)
  assert.equal(track.sentBy(base + 250_000), 300)
  assert.equal(track.sentBy(base - 1), 0)
  assert.equal(track.timeOf(250), base + 200_000)
  assert.deepEqual(track.speech({ from: 0, to: 1400 }), [{ from: 200, to: 600 }, { from: 1000, to: 1300 }])
  assert.deepEqual(track.speech({ from: 700, to: 900 }), [])
  assert.ok(Math.abs(track.peak({ from: 200, to: 300 }) - 0.5) < 0.01)
  assert.equal(Math.round(track.power({ from: 200, to: 600 }) ?? 0), -15)
})

test("sentences have their place in the audio and their times", () => {
  const turn = turnOf([
    { text: "Good morning.", final: true, seq: 20, atUS: base + 1_100_000, firstSeq: 9, firstUS: base + 600_000 },
    { text: "We", final: false, seq: 30, atUS: base + 1_800_000, firstSeq: 30, firstUS: base + 1_800_000 },
  ], { state: "open" })
  const [first, second] = sentencesOf([{ turn, track: trackOf("..ssss......ssssssss"), offset: 5000 }])
  assert.deepEqual(first?.span, { from: 5200, to: 5600 })
  assert.equal(first?.firstWordUS, 400_000)
  assert.equal(first?.finalAfterUS, 600_000)
  assert.equal(first?.messages, 20)
  assert.equal(second?.span?.from, 6200)
  assert.equal(second?.finalAfterUS, null)
  assert.equal(second?.joint, " ")
  assert.equal(second?.messages, 10)
})

test("speech that began too late for a sentence is that of the next one", () => {
  const turn = turnOf([{ text: "Yes.", final: true, seq: 20, atUS: base + 1_350_000, firstSeq: 9, firstUS: base + 700_000 }])
  const [first] = sentencesOf([{ turn, track: trackOf("..sss.......sssss"), offset: 0 }])
  assert.deepEqual(first?.span, { from: 200, to: 500 })
})

test("a text without segments is one sentence", () => {
  const turn = turnOf([], { text: { answer: "all of it" }, first_text_us: base + 500_000, done_us: base + 900_000 })
  const all = sentencesOf([{ turn, track: null, offset: 0 }])
  assert.deepEqual(all.map(({ text, final, span }) => [text, final, span]), [["all of it", true, null]])
})

test("words that changed are told apart", () => {
  const kinds = (before: string, text: string, after: string | null) => wordsOf(before, text, after).map(({ text: word, kind }) => `${word.trim()}:${kind}`).join(" ")
  assert.equal(kinds("We would", "We would start with to", "We would start with two lines"), "We:same would:same start:new with:new to:gone")
  assert.equal(kinds("We start with to", "We start with two lines", null), "We:same start:same with:same two:changed lines:new")
  assert.equal(kinds("", "We", "We would"), "We:same")
  assert.equal(kinds("今天", "今天好", null), "今:same 天:same 好:new")
  assert.equal(changedWords(["We", "We would", "We could", "We could, yes"]), 1)
})

test("subtitles have the times of the final sentences", () => {
  const turn = turnOf([{ text: "Good morning.", final: true, seq: 20, atUS: base + 1_100_000, firstSeq: 9, firstUS: base + 600_000 }])
  assert.equal(subtitles(sentencesOf([{ turn, track: trackOf("..ssss......"), offset: 3_600_000 }])), "1\n01:00:00,200 --> 01:00:00,600\nGood morning.\n")
})

test("a window zooms around a place and stays within the audio", () => {
  assert.deepEqual(zoom({ from: 0, to: 10_000 }, 0.5, 2000, 10_000), { from: 1000, to: 6000 })
  assert.deepEqual(zoom({ from: 1000, to: 6000 }, 4, 2000, 10_000), { from: 0, to: 10_000 })
  assert.deepEqual(move({ from: 8000, to: 9000 }, 5000, 10_000), { from: 9000, to: 10_000 })
  assert.deepEqual(marks({ from: 0, to: 72_000 }, 8), [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000])
  assert.equal(marks({ from: 0, to: 3_600_000 }, 8).length <= 9, true)
  assert.deepEqual([label(0), label(500), label(20_000), label(80_000), label(125_000)], ["0 s", "0.5 s", "20 s", "80 s", "2:05"])
})

test("an interrupted answer is cut at a word", () => {
  assert.deepEqual(heardPart("There are six flights.", 500, 1000), { heard: "There are ", unheard: "six flights." })
  assert.deepEqual(heardPart("all", 1000, 1000), { heard: "all", unheard: "" })
  assert.deepEqual(heardPart("all", 0, 1000), { heard: "all", unheard: "" })
})

test("loudness is that of ITU-R BS.1770", () => {
  for (const rate of [16_000, 24_000, 48_000]) {
    const meter = new Meter(rate)
    const tone = Float32Array.from({ length: rate * 3 }, (_, at) => 0.1 * Math.sin((2 * Math.PI * 997 * at) / rate)) // -20 dBFS, mono: -23.0 LUFS
    meter.add([tone])
    const { lufs, peak, ms, peaks } = meter.result()
    assert.ok(Math.abs((lufs ?? 0) + 23.0) < 0.15, `${rate} Hz: ${lufs}`)
    assert.ok(Math.abs((peak ?? 0) + 20) < 0.1)
    assert.equal(ms, 3000)
    assert.equal(peaks.length, 150)
  }
  assert.equal(new Meter(16_000).result().lufs, null)
})

test("arguments of a tool are told in a few words", () => {
  assert.equal(gistOf('{"from":"HAM","to":{"city":"LIS"},"n":2}'), 'HAM, {"city":"LIS"}, 2')
  assert.equal(gistOf("not JSON"), "not JSON")
})

test("the length of a frame is that of the whole ones: the last may be shorter", () => {
  for (const [whole, frames, want] of [[4550, 46, 100], [4500, 45, 100], [3990, 41, 98], [1996, 100, 20], [64, 1, 64], [0, 0, 0]] as const) {
    assert.equal(frameOf(whole, frames), want, `${whole} ms in ${frames}`)
  }
})
