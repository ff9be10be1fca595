// Parses the message to go to: a number, a time of day, or a time after opening, in the
// reader's own time zone.

export type Goal = { seq: number } | { us: number }

// Span is the range of messages and times of a session.
export interface Span {
  openedUS: number
  endedUS: number // the current time while the session runs
  last: number // newest seq
}

// Miss is the reason that there is no goal: unreadable input, or a seq or time out of
// range.
export type Miss = "form" | "seq" | "time"

const number = /^#?(\d{1,3}(?:[, _]\d{3})+|\d+)$/
const ofDay = /^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?$/
const afterOpening = /^\+\s*(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,6}))?$/
const day = 24 * 3600

// goalOf parses input: 150000, 14:02:11, 14:02:11.344, 2026-11-23 14:02, +00:30.
export function goalOf(typed: string, span: Span): Goal | Miss {
  const text = typed.trim()
  const digits = number.exec(text)?.[1]
  if (digits) return seqGoal(Number(digits.replace(/\D/g, "")), span)
  const clock = ofDay.exec(text)
  if (clock) return clockGoal(clock, span)
  const later = afterOpening.exec(text)
  if (later) return laterGoal(later, span)
  return "form"
}

function seqGoal(seq: number, { last }: Span): Goal | Miss {
  return seq >= 1 && seq <= last ? { seq } : "seq"
}

function laterGoal([, hours, minutes, seconds, fraction]: RegExpExecArray, { openedUS, endedUS }: Span): Goal | Miss {
  const after = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds)) * 1e6 + micros(fraction)
  return openedUS + after <= endedUS ? { us: openedUS + after } : "time"
}

// A time without a date means its first occurrence in the session.
function clockGoal([, date, hours, minutes, seconds, fraction]: RegExpExecArray, span: Span): Goal | Miss {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) return "form"
  const exact = seconds === undefined ? 60e6 : 10 ** (6 - (fraction?.length ?? 0)) // length of the interval that the input names
  const opened = new Date(span.openedUS / 1000)
  const first = date ? new Date(`${date}T00:00`) : new Date(opened.getFullYear(), opened.getMonth(), opened.getDate())
  if (Number.isNaN(first.getTime())) return "form"
  const days = date ? 0 : Math.floor((span.endedUS - span.openedUS) / 1e6 / day) + 1
  for (let later = 0; later <= days; later++) {
    const at = new Date(first.getFullYear(), first.getMonth(), first.getDate() + later, Number(hours), Number(minutes), Number(seconds ?? 0))
    const us = at.getTime() * 1000 + micros(fraction)
    if (us + exact > span.openedUS && us <= span.endedUS) return { us }
  }
  return "time"
}

function micros(fraction = ""): number {
  return Number(fraction.padEnd(6, "0"))
}
