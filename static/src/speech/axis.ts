// The part of the audio that a picture shows, and the marks below it.

export interface Window {
  from: number // ms
  to: number // ms
}

const least = 500 // ms; the closest look

// zoom changes a window by a factor around a place, within a length.
export function zoom({ from, to }: Window, factor: number, around: number, length: number): Window {
  const size = Math.min(Math.max(length, least), Math.max(least, (to - from) * factor))
  const share = to > from ? (around - from) / (to - from) : 0.5
  return move({ from: around - size * share, to: around + size * (1 - share) }, 0, length)
}

// move shifts a window, and keeps it within a length.
export function move({ from, to }: Window, by: number, length: number): Window {
  const size = to - from
  const begin = Math.max(0, Math.min(from + by, Math.max(0, length - size)))
  return { from: begin, to: begin + size }
}

const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000]

// marks returns the times that are written below a window, so that there are at most so many.
export function marks({ from, to }: Window, most: number): number[] {
  const step = steps.find((ms) => (to - from) / ms <= most) ?? (steps.at(-1) ?? 1)
  const out: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) out.push(at)
  return out
}

// label names a time on the axis: 20 s, 1:20, 0.5 s.
export function label(ms: number): string {
  const seconds = ms / 1000
  if (seconds >= 100) return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`
  return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`
}
