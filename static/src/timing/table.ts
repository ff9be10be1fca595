// The table of turns as data: its columns, order, and CSV.

import { count, hms, lasted, plural, say, visible } from "../text"
import type { Series } from "../wire"
import { isSlow, median, type Measured } from "./figures"

export type ColumnName = "turn" | "sent" | "request" | "first_text" | "first_audio" | "done" | "amount" | "rate" | "gap" | "messages" | "state"

export interface Column {
  name: ColumnName
  isNumber: boolean
  // isWait marks a duration that is slow by the rule.
  isWait: boolean
  // value is what the table is sorted by; null comes last.
  value(m: Measured): number | string | null
  text(m: Measured): string
  // raw is the value in a CSV.
  raw(m: Measured): number | string | null
}

const none = "–"

export const columns: readonly Column[] = [
  whole("turn", (m) => m.turn.n, (m) => String(m.turn.n)),
  { name: "sent", isNumber: false, isWait: false, value: (m) => m.startUS, text: (m) => (m.startUS > 0 ? hms(m.startUS) : none), raw: (m) => (m.startUS > 0 ? new Date(m.startUS / 1000).toISOString() : null) },
  { name: "request", isNumber: false, isWait: false, value: askedText, text: (m) => visible(askedText(m)), raw: askedText },
  duration("first_text", (m) => m.firstText),
  duration("first_audio", (m) => m.firstAudio),
  duration("done", (m) => m.done),
  whole("amount", (m) => m.amount, (m) => (m.amount === null ? none : count(m.amount))),
  { name: "rate", isNumber: true, isWait: false, value: (m) => m.rate, text: (m) => (m.rate === null ? none : rateText(m.rate)), raw: (m) => (m.rate === null ? null : Number(m.rate.toFixed(1))) },
  duration("gap", (m) => m.gap),
  whole("messages", (m) => m.turn.messages, (m) => plural("timing.messages", m.turn.messages, { count: count(m.turn.messages) })),
  { name: "state", isNumber: false, isWait: false, value: stateText, text: stateText, raw: stateText },
]

function whole(name: ColumnName, value: (m: Measured) => number | null, text: (m: Measured) => string): Column {
  return { name, isNumber: true, isWait: false, value, text, raw: value }
}

function duration(name: ColumnName, value: (m: Measured) => number | null): Column {
  const text = (m: Measured) => {
    const us = value(m)
    return us === null ? none : lasted(us)
  }
  return { name, isNumber: true, isWait: true, value, text, raw: (m) => inMS(value(m)) }
}

// askedText is the request; where it was spoken and nobody wrote it down, its length.
function askedText({ turn }: Measured): string {
  return turn.asked || (turn.spokenMS > 0 ? say("timing.spoken", { time: lasted(turn.spokenMS * 1000) }) : "")
}

function inMS(us: number | null): number | null {
  return us === null ? null : us / 1000
}

// rateText formats a rate: 32, and 4.5 below 10.
export function rateText(rate: number): string {
  return rate < 9.95 ? rate.toFixed(1).replace(".0", "") : count(Math.round(rate))
}

export function stateText({ turn }: Measured): string {
  const word = say(`timing.state.${turn.state}`)
  const reason = turn.state === "done" ? turn.doneWhy : turn.error
  return reason ? say("timing.state.with", { state: word, reason: visible(reason) }) : word
}

// headOf is the head of a column.
export function headOf(name: ColumnName, unit: Series["rateUnit"]): string {
  const isOfTokens = unit === "tokens"
  if (name === "amount") return say(isOfTokens ? "timing.column.tokens" : "timing.column.characters")
  if (name === "rate") return say(isOfTokens ? "timing.unit.tokens" : "timing.unit.characters")
  return say(`timing.column.${name}`)
}

export interface Order {
  by: ColumnName
  isDown: boolean
}

// inOrder sorts turns by a column. Those without a value are the last, in any direction.
export function inOrder(turns: readonly Measured[], { by, isDown }: Order): Measured[] {
  const column = columns.find(({ name }) => name === by)
  if (!column) return [...turns]
  const keyed = turns.map((m) => ({ m, key: column.value(m) }))
  keyed.sort((a, b) => {
    const missing = Number(isMissing(a.key)) - Number(isMissing(b.key))
    if (missing !== 0) return missing
    const order = compare(a.key, b.key)
    return (isDown ? -order : order) || a.m.turn.n - b.m.turn.n
  })
  return keyed.map(({ m }) => m)
}

function isMissing(key: number | string | null): boolean {
  return key === null || key === ""
}

function compare(a: number | string | null, b: number | string | null): number {
  if (typeof a === "number" && typeof b === "number") return a - b
  return String(a ?? "").localeCompare(String(b ?? ""))
}

// worstOf returns the turn with the longest duration of each column that is slow among the
// turns of the session.
export function worstOf(shown: readonly Measured[], all: readonly Measured[]): Map<ColumnName, number> {
  const out = new Map<ColumnName, number>()
  for (const column of columns) {
    if (!column.isWait) continue
    let worst: Measured | null = null
    for (const m of shown) if (number(column, m) > (worst ? number(column, worst) : -1)) worst = m
    if (worst && isSlow(number(column, worst), median(all.map((m) => column.value(m) as number | null)))) out.set(column.name, worst.turn.n)
  }
  return out
}

function number(column: Column, m: Measured): number {
  const value = column.value(m)
  return typeof value === "number" ? value : -1
}

// csvOf writes the rows as they are shown: the same columns and order. Durations are
// milliseconds.
export function csvOf(turns: readonly Measured[], unit: Series["rateUnit"]): string {
  const heads = columns.map(({ name, isWait }) => (isWait ? say("timing.csv.ms", { name: headOf(name, unit) }) : headOf(name, unit)))
  const lines = [heads, ...turns.map((m) => columns.map((column) => column.raw(m)))]
  return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n"
}

// cell quotes a value where it must be, and keeps a spreadsheet from reading text as a formula.
function cell(value: number | string | null): string {
  if (value === null) return ""
  if (typeof value === "number") return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
