// How loud audio is along its time, and when each part of it was sent.

import type { Levels } from "../wire"

export interface Span {
  from: number // ms
  to: number // ms
}

const step = 20 // ms of one level
const silent = 255
const below = 25 // dB; what is so much softer than the loud parts is no speech
const shortest = 3 // levels that begin speech
const pause = 15 // levels of silence between two runs of speech

export class LevelTrack {
  length = 0 // ms
  bytes = 0
  clipped = 0 // samples at full scale
  next = 0 // where the next levels begin
  isWhole = false
  private readonly ends: number[] = [] // of the frames, in ms
  private readonly at: number[] = [] // when the frames were sent, µs
  private readonly seqs: number[] = [] // of their messages
  private peaks: number[] = [] // 0 to 255
  private powers: number[] = [] // twice dB below full scale
  private threshold: { size: number; power: number } | null = null

  get frames(): number {
    return this.ends.length
  }

  get size(): number {
    return this.peaks.length
  }

  add(levels: Levels): void {
    const peaks = bytesOf(levels.peaks)
    const powers = bytesOf(levels.powers)
    let part = 0
    levels.ms.forEach((ms, frame) => {
      const parts = levels.parts[frame] ?? 1
      for (let i = 0; i < parts; i++, part++) this.put(this.length + (ms * i) / parts, this.length + (ms * (i + 1)) / parts, peaks[part] ?? 0, powers[part] ?? silent)
      this.length += ms
      this.ends.push(this.length)
      this.at.push(levels.atUS[frame] ?? 0)
      this.seqs.push(levels.seq[frame] ?? 0)
    })
    this.bytes += levels.bytes
    this.clipped += levels.clipped
    this.next = levels.next
    this.isWhole = levels.ended
  }

  // sentBy returns the audio that had been sent by a time in µs.
  sentBy(us: number): number {
    const frame = lowest(this.at, us + 1) - 1
    return frame < 0 ? 0 : (this.ends[frame] ?? 0)
  }

  // timeOf returns when the audio at a place was sent, in µs; 0 when it was not.
  timeOf(ms: number): number {
    return this.at[lowest(this.ends, ms + 0.001)] ?? this.at.at(-1) ?? 0
  }

  // clip returns a span as times from the audio of the message that it begins in.
  clip({ from, to }: Span): { seq: number; from: number; to: number } {
    const frame = Math.min(lowest(this.ends, from + 0.001), Math.max(0, this.ends.length - 1))
    const begin = this.ends[frame - 1] ?? 0
    return { seq: this.seqs[frame] ?? 0, from: from - begin, to: to - begin }
  }

  // peak returns the loudest sample of a span, 0 to 1.
  peak({ from, to }: Span): number {
    let loudest = 0
    const last = Math.min(this.peaks.length, Math.max(Math.ceil(to / step), Math.floor(from / step) + 1))
    for (let i = Math.max(0, Math.floor(from / step)); i < last; i++) loudest = Math.max(loudest, this.peaks[i] ?? 0)
    return loudest / 255
  }

  // power returns the mean power of a span in dB, at most 0; null for silence.
  power({ from, to }: Span): number | null {
    let sum = 0
    let amount = 0
    for (let i = Math.max(0, Math.floor(from / step)); i < Math.min(this.powers.length, Math.ceil(to / step)); i++) {
      const power = this.powers[i] ?? silent
      if (power < silent) sum += 10 ** (-power / 20)
      amount++
    }
    return amount > 0 && sum > 0 ? 10 * Math.log10(sum / amount) : null
  }

  // speech returns the runs of speech in a span: what is loud, without pauses of 300 ms.
  speech({ from, to }: Span): Span[] {
    const most = this.loudFrom()
    const runs: Span[] = []
    const last = Math.min(this.powers.length, Math.ceil(to / step))
    let loud = 0
    for (let i = Math.max(0, Math.floor(from / step)); i < last; i++) {
      loud = (this.powers[i] ?? silent) <= most ? loud + 1 : 0
      if (loud < shortest) continue
      const run = runs.at(-1)
      const begin = (i - loud + 1) * step
      if (run && begin - run.to < pause * step) run.to = (i + 1) * step
      else runs.push({ from: Math.max(begin, from), to: (i + 1) * step })
    }
    return runs
  }

  private put(from: number, to: number, peak: number, power: number): void {
    for (let i = Math.floor(from / step); i < Math.max(Math.floor(from / step) + 1, Math.floor(to / step)); i++) {
      this.peaks[i] = Math.max(this.peaks[i] ?? 0, peak)
      this.powers[i] = Math.min(this.powers[i] ?? silent, power)
    }
  }

  // loudFrom is the power of the softest speech: that of the loudest tenth, less a distance.
  private loudFrom(): number {
    const { size } = this
    if (!this.threshold || size > this.threshold.size * 1.1) {
      const amounts = new Uint32Array(silent + 1)
      for (const power of this.powers) amounts[power] = (amounts[power] ?? 0) + 1
      const tenth = (size - (amounts[silent] ?? 0)) / 10
      let loud = 0
      for (let seen = 0; loud < silent; loud++) if ((seen += amounts[loud] ?? 0) > tenth) break
      this.threshold = { size, power: Math.min(loud + below * 2, silent - 1) }
    }
    return this.threshold.power
  }
}

// lowest returns the index of the first number that is at least value.
function lowest(sorted: readonly number[], value: number): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((sorted[middle] ?? 0) < value) from = middle + 1
    else to = middle
  }
  return from
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64)
  const out = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i)
  return out
}
