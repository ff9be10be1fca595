import assert from "node:assert/strict"
import { test } from "node:test"
import { clock, count, day, dayInFull, elapsed, gap, hhmm, iso, lasted, position, size, sizeLimit, sizeWithin, stamp, timeLimit, when } from "../src/text/format"

const at = (year: number, month: number, dayOfMonth: number, hour = 0, minute = 0, second = 0, ms = 0): number =>
  new Date(year, month - 1, dayOfMonth, hour, minute, second, ms).getTime() * 1000

const now = at(2026, 11, 29, 17, 22, 38, 120) // a Sunday

test("times of day are local, to the minute and to the millisecond", () => {
  assert.equal(hhmm(now), "17:22")
  assert.equal(clock(now + 345), "17:22:38.120")
  assert.equal(stamp(now + 345), "2026-11-29 17:22:38.120345")
})

test("limits are round numbers in the unit that they were set in", () => {
  assert.deepEqual([64 << 20, 12_000_000, 6400].map(sizeLimit), ["64 MiB", "12.0 MB", "6.4 kB"])
  assert.deepEqual([7_200_000, 1_200_000, 90_000, 40_000, 250].map(timeLimit), ["2 h", "20 min", "90 s", "40 s", "250 ms"])
})

test("a title has the zone", () => {
  assert.match(iso(now), /^2026-11-29T17:22:38\.120[+-]\d\d:\d\d$/)
  assert.equal(new Date(iso(now)).getTime() * 1000, now)
})

test("a day is named by how near it is", () => {
  const names = [[0, "Today"], [1, "Yesterday"], [2, "Friday"], [6, "Monday"], [7, "22 November"], [-1, "30 November"], [400, "25 October 2025"]] as const
  for (const [ago, name] of names) assert.equal(day(at(2026, 11, 29 - ago, 23, 59), now), name)
  assert.equal(day(at(2026, 11, 28, 0, 0), at(2026, 11, 29, 0, 0)), "Yesterday")
  assert.equal(dayInFull(now, now), "Sunday 29 November")
  assert.equal(dayInFull(at(2026, 11, 27, 9), now), "27 November")
  assert.equal(dayInFull(at(2026, 11, 2, 9), now), "")
  assert.equal(when(at(2026, 11, 28, 9, 5), now), "Yesterday 09:05")
})

test("measured durations have a unit", () => {
  const cases = [[0, "0 µs"], [250, "250 µs"], [1500, "1.5 ms"], [310_000, "310 ms"], [999_499, "999 ms"], [999_600, "1.0 s"], [4_812_000, "4.8 s"],
    [38_240_000, "38.2 s"], [59_960_000, "1 min 0 s"], [100_000_000, "1 min 40 s"], [3_599_800_000, "1 h 0 min"], [7_500_000_000, "2 h 5 min"]] as const
  for (const [us, text] of cases) assert.equal(lasted(us), text)
})

test("gaps have a sign and a unit", () => {
  const cases = [[250, "+250 µs"], [27_400, "+27 ms"], [8_016_000, "+8.016 s"], [38_240_000, "+38.2 s"], [160_000_000, "+2:40"], [-2000, "−2 ms"]] as const
  for (const [us, text] of cases) assert.equal(gap(us), text)
})

test("clocks of connections and places in audio", () => {
  assert.deepEqual([41e6, 371e6, 3_725e6, -1].map(elapsed), ["00:41", "06:11", "1:02:05", "00:00"])
  assert.deepEqual([17_240_000, 723_000_000].map(position), ["0:17.2", "12:03.0"])
})

test("amounts have three figures", () => {
  assert.deepEqual([171, 999, 3200, 27_940, 99_960, 388_000, 999_600, 1_900_000].map(size), ["171 B", "999 B", "3.2 kB", "27.9 kB", "100 kB", "388 kB", "1.0 MB", "1.9 MB"])
  assert.equal(count(3918), "3,918")
})

test("a limit has the figure of the service's documents, and sizes beside it its unit", () => {
  const MiB = 1 << 20
  assert.deepEqual([12 * MiB, 64 << 10, 1_000_000, 480].map(sizeLimit), ["12 MiB", "64 KiB", "1.0 MB", "480 B"])
  assert.deepEqual([11.5 * MiB, 12 * MiB, 12 * MiB + 1, 13 * MiB].map((bytes) => sizeWithin(bytes, 12 * MiB)), ["11.5 MiB", "12 MiB", "12,582,913 B", "13.0 MiB"])
  assert.deepEqual([999_999, 1_000_000, 1_000_001, 1_200_000].map((bytes) => sizeWithin(bytes, 1_000_000)), ["1.0 MB", "1.0 MB", "1,000,001 B", "1.2 MB"])
})
