import assert from "node:assert/strict"
import { test } from "node:test"
import { goalOf, type Span } from "../src/log/goal"

const at = (text: string): number => new Date(text).getTime() * 1000

const span: Span = { openedUS: at("2026-11-23T14:02:11.344"), endedUS: at("2026-11-23T14:30:00"), last: 300_000 }
const night: Span = { openedUS: at("2026-11-23T23:59:50"), endedUS: at("2026-11-25T00:10:00"), last: 10 }

test("numbers are messages", () => {
  for (const typed of ["150000", "150,000", "#150000", " 150 000 ", "150_000"]) assert.deepEqual(goalOf(typed, span), { seq: 150_000 }, typed)
  for (const typed of ["0", "300001", "99999999999999999999"]) assert.equal(goalOf(typed, span), "seq", typed)
})

test("times of day are times of the session", () => {
  assert.deepEqual(goalOf("14:02:12", span), { us: at("2026-11-23T14:02:12") })
  assert.deepEqual(goalOf("14:02:11.344", span), { us: at("2026-11-23T14:02:11.344") })
  assert.deepEqual(goalOf("14:20", span), { us: at("2026-11-23T14:20:00") })
  assert.deepEqual(goalOf("14:05:01.000250", span), { us: at("2026-11-23T14:05:01") + 250 })
  assert.deepEqual(goalOf("2026-11-23 14:05:01", span), { us: at("2026-11-23T14:05:01") })
  for (const typed of ["14:02:10", "14:01", "14:31", "14:02:11.343", "2026-11-24 14:05"]) assert.equal(goalOf(typed, span), "time", typed)
})

test("a time without a fraction means the whole second", () => {
  assert.deepEqual(goalOf("14:02:11", span), { us: at("2026-11-23T14:02:11") })
  assert.deepEqual(goalOf("14:02", span), { us: at("2026-11-23T14:02:00") })
})

test("a time without a date is its first occurrence after opening", () => {
  assert.deepEqual(goalOf("00:05", night), { us: at("2026-11-24T00:05:00") })
  assert.deepEqual(goalOf("23:59:55", night), { us: at("2026-11-23T23:59:55") })
  assert.deepEqual(goalOf("2026-11-25 00:05", night), { us: at("2026-11-25T00:05:00") })
})

test("times after opening", () => {
  for (const typed of ["+00:30", "+30", "+0:00:30", "+ 30.0"]) assert.deepEqual(goalOf(typed, span), { us: span.openedUS + 30e6 }, typed)
  assert.deepEqual(goalOf("+1.5", span), { us: span.openedUS + 1.5e6 })
  assert.equal(goalOf("+28:00", span), "time")
})

test("other input is no goal", () => {
  for (const typed of ["", "abc", "-5", "12:", "25:00", "14:60", "+", "1.5", "2026-99-99 10:00", "1,50,00"]) assert.equal(goalOf(typed, span), "form", typed)
})
