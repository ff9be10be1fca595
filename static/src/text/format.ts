// Formats numbers: counts, sizes, times of day, durations.

import { locale } from "./say"

const units = ["kB", "MB", "GB", "TB"]
const plain = new Intl.NumberFormat(locale)

// count formats a whole number: 1,204.
export function count(n: number): string {
  return plain.format(n)
}

// size formats a number of bytes in powers of 1000: 48 B, 1.2 kB, 12.0 MB.
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  let value = bytes
  let unit = ""
  for (const next of units) {
    if (value < 999.95) break
    value /= 1000
    unit = next
  }
  return `${value.toFixed(1)} ${unit}`
}

// clock formats a time in microseconds since 1970 in the viewer's time zone, HH:mm:ss.SSS.
export function clock(us: number): string {
  const at = new Date(us / 1000)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${three(at.getMilliseconds())}`
}

// stamp formats a time with its date, to the microsecond, in the viewer's time zone.
export function stamp(us: number): string {
  const at = new Date(us / 1000)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${clock(us)}${three(us % 1000)}`
}

// delta formats a difference in microseconds with its sign: +0.313, -0.002, and
// +12:01:07 from a thousand seconds on.
export function delta(us: number): string {
  const sign = us < 0 ? "-" : "+"
  const seconds = Math.abs(us) / 1e6
  if (seconds < 999.9995) return sign + seconds.toFixed(3)
  const whole = Math.round(seconds)
  return `${sign}${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

// lasted formats a duration in microseconds.
export function lasted(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`
  if (us < 1_000_000) return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`
  return `${(us / 1_000_000).toFixed(2)} s`
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`
}

function three(n: number): string {
  return n.toString().padStart(3, "0")
}
