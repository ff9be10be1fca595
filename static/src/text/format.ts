// The one format of numbers and times on the page. Times are microseconds since 1970,
// durations microseconds. Times are shown in the viewer's time zone; a title gives the
// time with its zone (iso). Symbols of units are the same in every language.

import { locale, say } from "./say"

const units = ["kB", "MB", "GB", "TB"]
const binary = [{ name: "MiB", bytes: 1 << 20 }, { name: "KiB", bytes: 1 << 10 }]
const plain = new Intl.NumberFormat(locale)
const minute = 60_000_000
const hour = 60 * minute

// count formats a whole number: 1,204.
export function count(n: number): string {
  return plain.format(n)
}

// size formats a number of bytes in powers of 1000: 48 B, 26.4 kB, 388 kB, 12.0 MB.
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  let value = bytes
  let unit = ""
  for (const next of units) {
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

// sizeLimit formats the largest size that is allowed. Limits are powers of 1024 in the documents
// of services: 12 MiB, 64 KiB; others are as size has them. exactSize is for its title.
export function sizeLimit(bytes: number): string {
  return sizeWithin(bytes, bytes)
}

// sizeWithin formats a number of bytes beside a limit, in its unit: 11.5 of 12 MiB. One that is
// too large by less than is shown has all its digits.
export function sizeWithin(bytes: number, limit: number): string {
  const unit = binary.find((one) => limit >= one.bytes && limit % one.bytes === 0)
  if (!unit) return bytes > limit && size(bytes) === size(limit) ? exactSize(bytes) : size(bytes)
  const digits = bytes === limit ? 0 : 1
  const shown = (bytes / unit.bytes).toFixed(digits)
  return bytes > limit && Number(shown) * unit.bytes === limit ? exactSize(bytes) : `${shown} ${unit.name}`
}

// exactSize formats a number of bytes with all its digits: 12,582,912 B.
export function exactSize(bytes: number): string {
  return `${count(bytes)} B`
}

// timeLimit formats a limit of milliseconds, which is a round one: 2 h, 20 min, 40 s, 250 ms.
export function timeLimit(ms: number): string {
  const [unit, of] = ([["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const).find(([, long]) => ms >= long && ms % long === 0) ?? ["ms", 1]
  return `${count(ms / of)} ${unit}`
}

// clock formats a time to the millisecond: 17:22:38.120.
export function clock(us: number): string {
  return `${hms(us)}.${three(dateOf(us).getMilliseconds())}`
}

// hms formats a time to the second: 17:22:38.
export function hms(us: number): string {
  return `${hhmm(us)}:${two(dateOf(us).getSeconds())}`
}

// hhmm formats a time to the minute: 17:22.
export function hhmm(us: number): string {
  const at = dateOf(us)
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}

// stamp formats a time with its date, to the microsecond: 2026-11-29 17:22:38.120345.
export function stamp(us: number): string {
  return `${ymd(us)} ${clock(us)}${three(Math.floor(us) % 1000)}`
}

// iso formats a time with its zone, for titles: 2026-11-29T17:22:38.120+08:00.
export function iso(us: number): string {
  const offset = -dateOf(us).getTimezoneOffset()
  const ahead = Math.abs(offset)
  return `${ymd(us)}T${clock(us)}${offset < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`
}

// ymd formats the day of a time: 2026-11-29.
export function ymd(us: number): string {
  const at = dateOf(us)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

// day names the day of a time: Today, Yesterday, Friday, 12 November, 12 November 2025.
export function day(us: number, nowUS = Date.now() * 1000): string {
  const ago = daysBetween(us, nowUS)
  if (ago === 0) return say("time.today")
  if (ago === 1) return say("time.yesterday")
  if (ago > 1 && ago < 7) return weekday.format(dateOf(us))
  return date(us, nowUS)
}

// dayInFull completes day where it is a word: Sunday 29 November after Today, 27 November
// after Friday, nothing after a date.
export function dayInFull(us: number, nowUS = Date.now() * 1000): string {
  const ago = daysBetween(us, nowUS)
  if (ago < 0 || ago > 6) return ""
  return ago < 2 ? say("time.weekday_date", { weekday: weekday.format(dateOf(us)), date: date(us, nowUS) }) : date(us, nowUS)
}

// date formats a day, with its year unless it is this one: 29 November.
export function date(us: number, nowUS = Date.now() * 1000): string {
  const at = dateOf(us)
  return (at.getFullYear() === dateOf(nowUS).getFullYear() ? dayAndMonth : dayMonthYear).format(at)
}

// when formats a time with its day, to the minute: Today 17:21, 12 November 09:48.
export function when(us: number, nowUS = Date.now() * 1000): string {
  return `${day(us, nowUS)} ${hhmm(us)}`
}

// lasted formats a measured duration: 250 µs, 310 ms, 4.8 s, 1 min 40 s, 2 h 5 min.
export function lasted(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`
  if (us < 999_500) return `${us < 9950 ? (us / 1000).toFixed(1).replace(".0", "") : Math.round(us / 1000)} ms`
  if (us < minute - 50_000) return `${(us / 1_000_000).toFixed(1)} s`
  if (us < hour - 500_000) return say("time.minutes", split(us, 1_000_000))
  return say("time.hours", split(us, minute))
}

// gap formats the time between two rows: +250 µs, +27 ms, +8.016 s, +38.2 s, +2:40.
export function gap(us: number): string {
  const sign = us < 0 ? "−" : "+"
  const long = Math.abs(us)
  if (long < 999.5) return `${sign}${Math.round(long)} µs`
  if (long < 999_500) return `${sign}${Math.round(long / 1000)} ms`
  if (long < 9_999_500) return `${sign}${(long / 1_000_000).toFixed(3)} s`
  if (long < minute - 50_000) return `${sign}${(long / 1_000_000).toFixed(1)} s`
  return sign + minutesAndSeconds(long)
}

// elapsed formats the time a connection lasts as a clock: 00:41, 06:11, 1:02:05.
export function elapsed(us: number): string {
  const text = minutesAndSeconds(Math.max(0, us))
  return text.length === 4 ? `0${text}` : text
}

// position formats a place in audio: 0:17.4, 12:03.0.
export function position(us: number): string {
  const tenths = Math.max(0, Math.floor(us / 100_000))
  return `${minutesAndSeconds(tenths * 100_000)}.${tenths % 10}`
}

// daysBetween counts the midnights between two times.
function daysBetween(us: number, nowUS: number): number {
  const at = dateOf(us)
  const now = dateOf(nowUS)
  const midnight = (d: Date): number => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate())
  return Math.round((midnight(now) - midnight(at)) / 86_400_000)
}

function minutesAndSeconds(us: number): string {
  const seconds = Math.floor(us / 1_000_000)
  const rest = `${Math.floor(seconds / 60) % 60}:${two(seconds % 60)}`
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest.padStart(5, "0")}`
}

// split rounds a duration to its small unit and splits it at 60 of these.
function split(us: number, unit: number): { large: number; small: number } {
  const whole = Math.round(us / unit)
  return { large: Math.floor(whole / 60), small: whole % 60 }
}

const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" })
const dayAndMonth = new Intl.DateTimeFormat(dateLocale(), { day: "numeric", month: "long" })
const dayMonthYear = new Intl.DateTimeFormat(dateLocale(), { day: "numeric", month: "long", year: "numeric" })

// dateLocale writes English dates as 29 November: day first, which no reader mistakes.
function dateLocale(): string | undefined {
  return locale === "en" ? "en-GB" : locale
}

function dateOf(us: number): Date {
  return new Date(Math.floor(us / 1000))
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`
}

function three(n: number): string {
  return n.toString().padStart(3, "0")
}
