// Ticks of the axes, and the times beside them.

import { hms } from "../text"

const second = 1_000_000 // µs
const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map((s) => s * second)]

// timeTicks returns round times of a part of a session, at most so many, counted from an origin.
export function timeTicks(fromUS: number, toUS: number, originUS: number, most: number): { at: number[]; stepUS: number } {
  const stepUS = steps.find((step) => (toUS - fromUS) / step <= most) ?? Math.ceil((toUS - fromUS) / most / (86_400 * second)) * 86_400 * second
  const at: number[] = []
  for (let us = originUS + Math.ceil((fromUS - originUS) / stepUS) * stepUS; us <= toUS; us += stepUS) at.push(us)
  return { at, stepUS }
}

// fineStep is the step by which the ends of a part of that length are told apart.
export function fineStep(lengthUS: number): number {
  return lengthUS >= 20 * second ? second : lengthUS >= 2 * second ? 100_000 : lengthUS >= 20_000 ? 1000 : 1
}

// sessionTime formats a time in a session: 2:40, 1:02:05, 2:40.5 for steps below a second.
export function sessionTime(us: number, stepUS: number): string {
  const sign = us < 0 ? "−" : ""
  const digits = digitsOf(stepUS)
  const scale = 10 ** digits
  const units = Math.round((Math.abs(us) / second) * scale)
  const seconds = Math.floor(units / scale)
  const part = digits > 0 ? `.${String(units % scale).padStart(digits, "0")}` : ""
  const rest = `${Math.floor(seconds / 60) % 60}:${String(seconds % 60).padStart(2, "0")}`
  return sign + (seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest.padStart(5, "0")}`) + part
}

// clockTime formats a time of the day: 17:23:47, and its parts below a second.
export function clockTime(us: number, stepUS: number): string {
  const digits = digitsOf(stepUS)
  if (digits === 0) return hms(us)
  const part = String(Math.floor((((us % second) + second) % second) / 10 ** (6 - digits))).padStart(digits, "0")
  return `${hms(us)}.${part}`
}

function digitsOf(stepUS: number): number {
  if (stepUS >= second) return 0
  return stepUS >= 100_000 ? 1 : stepUS >= 1000 ? 3 : 6
}

const niceSteps = [1, 2, 2.5, 4, 5, 10]
const mostSteps = 2.9
const nearly = 0.15 // of a step: a tick may lie so far above the largest value

// valueTicks returns one or two round values above 0, the last of which is about the largest.
export function valueTicks(largest: number): number[] {
  if (!(largest > 0)) return []
  const power = 10 ** Math.floor(Math.log10(largest / mostSteps))
  const step = (niceSteps.find((n) => largest / (n * power) <= mostSteps) ?? 10) * power
  return Array.from({ length: Math.max(1, Math.floor(largest / step + nearly)) }, (_, index) => (index + 1) * step)
}

// durationTicks are valueTicks in round units: ms, s or minutes.
export function durationTicks(largestUS: number): number[] {
  const unit = largestUS >= 120 * second ? 60 * second : largestUS >= second ? second : largestUS >= 1000 ? 1000 : 1
  return valueTicks(largestUS / unit).map((n) => n * unit)
}
