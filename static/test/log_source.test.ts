import assert from "node:assert/strict"
import { test } from "node:test"
import { RowCache, pageRows } from "../src/log/cache"
import { FoundLog } from "../src/log/found"
import { WholeLog, type Ask, type Fetch } from "../src/log/source"
import type { Row } from "../src/wire/wire"

function row(seq: number): Row {
  const direction = seq % 3 === 0 ? "sent" : "received"
  return { seq, atUS: seq * 1000, direction, opcode: "text", size: 1, preview: `m${seq}`, truncated: false, invalidUTF8: false, sender: "", clientID: "", event: "" }
}

function range(from: number, to: number): Row[] {
  return Array.from({ length: to - from + 1 }, (_, i) => row(from + i))
}

// server answers as the API does: ascending, after and before exclusive. A search
// looks at no more than patience rows in one answer.
function server(last: () => number, asked: unknown[] = [], patience = Infinity): Fetch {
  return async (ask) => {
    asked.push(ask)
    const end = Math.min(last(), (ask.before ?? Infinity) - 1, (ask.after ?? 0) + patience)
    const rows = range((ask.after ?? 0) + 1, end).filter((r) => matches(r, ask)).slice(0, ask.limit)
    return { rows, next: rows.length === ask.limit ? (rows.at(-1)?.seq ?? end) : Math.max(end, ask.after ?? 0) }
  }
}

function matches(r: Row, ask: Ask): boolean {
  return (!ask.direction || r.direction === ask.direction) && (!ask.opcode || r.opcode === ask.opcode) && (!ask.q || r.preview.includes(ask.q))
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function quiet(): { changed(): void; failed(error: unknown): void } {
  return { changed: () => {}, failed: (error) => assert.fail(String(error)) }
}

test("rows on screen stay, however many others come", () => {
  const cache = new RowCache(2)
  cache.putRow(0, row(1))
  cache.pin(0, 10)
  for (let page = 1; page < 9; page++) cache.putRow(page * pageRows, row(page * pageRows + 1))
  assert.equal(cache.get(0)?.seq, 1)
  cache.pin(8 * pageRows, 8 * pageRows + 10)
  for (let page = 9; page < 12; page++) cache.putRow(page * pageRows, row(page * pageRows + 1))
  assert.equal(cache.get(0), undefined)
})

test("the cache drops the least recently used pages", () => {
  const cache = new RowCache(2)
  cache.putRow(0, row(1))
  cache.putRow(pageRows, row(2))
  cache.keepPages(0, 0)
  cache.putRow(2 * pageRows, row(3))
  assert.equal(cache.get(0)?.seq, 1)
  assert.equal(cache.get(pageRows), undefined)
})

test("the whole log counts to the newest message and fetches visible rows", async () => {
  const asked: unknown[] = []
  const log = new WholeLog(server(() => 300_000, asked), quiet(), 300_000)
  assert.equal(log.count, 300_000)
  assert.equal(log.row(150_010), undefined)
  log.want(150_010, 150_050)
  await settled()
  assert.equal(log.row(150_010)?.seq, 150_011)
  assert.deepEqual(asked, [{ after: 150_000, before: 150_201, limit: 200 }])
})

test("announced rows are waited for, unless there are many", () => {
  const log = new WholeLog(server(() => 10), quiet(), 0)
  log.append(range(1, 10), 500)
  assert.equal(log.count, 10)
  log.append([], 50_000)
  assert.equal(log.count, 50_000)
})

test("a cleared log begins after what was cleared", async () => {
  const log = new WholeLog(server(() => 120), quiet(), 120, 100)
  assert.equal(log.count, 20)
  log.want(0, 19)
  await settled()
  assert.equal(log.row(0)?.seq, 101)
  assert.equal(log.place(105), 4)
})

test("memory stays bounded while 300,000 rows pass", () => {
  const log = new WholeLog(server(() => 0), quiet(), 0)
  for (let from = 1; from <= 300_000; from += 1000) log.append(range(from, from + 999), from + 999)
  assert.equal(log.count, 300_000)
  assert.equal(log.row(0), undefined)
  assert.equal(log.row(299_999)?.seq, 300_000)
})

test("rows fetched for a jump are held before they are visible", () => {
  const log = new WholeLog(server(() => 0), quiet(), 300_000)
  log.hold(range(149_901, 150_100))
  assert.equal(log.row(log.place(150_000))?.seq, 150_000)
  assert.equal(log.seq(10), 11)
  assert.equal(log.seq(300_000), 0)
})

test("matches show before the search ends, and none is missed", async () => {
  const counts: number[] = []
  const watcher = { changed: () => counts.push(log.count), failed: quiet().failed }
  const log = new FoundLog(server(() => 10_000, [], 100), watcher, { q: "99" }, 10_000)
  while (!log.complete) await settled()
  const wanted = range(1, 10_000).filter((r) => r.preview.includes("99"))
  assert.deepEqual(Array.from({ length: log.count }, (_, place) => log.seq(place)), wanted.map((r) => r.seq))
  assert.equal(counts[0], 1)
  assert.ok(counts.length >= 100)
})

test("a search reports its progress", async () => {
  const log = new FoundLog(server(() => 1000, [], 100), { changed: () => {}, failed: quiet().failed }, { q: "nothing" }, 1000, 500)
  assert.deepEqual([log.searched, log.total, log.complete], [0, 500, false])
  await settled()
  assert.ok(log.searched > 0)
  while (!log.complete) await settled()
  assert.deepEqual([log.searched, log.total], [500, 500])
})

test("a stopped search aborts its request", async () => {
  let signal: AbortSignal | undefined
  const log = new FoundLog((_, given) => { signal = given; return new Promise(() => {}) }, { changed: assert.fail, failed: assert.fail }, { q: "x" }, 10)
  assert.equal(signal?.aborted, false)
  log.stop()
  assert.equal(signal?.aborted, true)
})

test("a search lists all matches in order, page by page", async () => {
  const log = new FoundLog(server(() => 9000), quiet(), { direction: "sent" }, 9000)
  for (let i = 0; i < 20 && !log.complete; i++) await settled()
  assert.equal(log.count, 3000)
  assert.equal(log.row(2999)?.seq, 9000)
  assert.equal(log.place(9), 2)
})

test("a dropped match is fetched again", async () => {
  const log = new FoundLog(server(() => 90_000), quiet(), { direction: "sent" }, 90_000)
  for (let i = 0; i < 200 && !log.complete; i++) await settled()
  assert.equal(log.row(0), undefined)
  log.want(0, 10)
  await settled()
  assert.equal(log.row(0)?.seq, 3)
  assert.equal(log.row(10)?.seq, 33)
})

test("dropped matches are fetched again over several answers", async () => {
  const log = new FoundLog(server(() => 90_000, [], 5000), quiet(), { direction: "sent" }, 90_000)
  for (let i = 0; i < 500 && !log.complete; i++) await settled()
  assert.equal(log.row(0), undefined)
  log.want(0, 10)
  for (let i = 0; i < 10; i++) await settled()
  assert.equal(log.row(10)?.seq, 33)
  assert.equal(log.row(199)?.seq, 600)
})

test("a filter on the kind applies to arriving rows", async () => {
  const log = new FoundLog(server(() => 0), quiet(), { opcode: "binary" }, 0)
  log.append([row(1), { ...row(2), opcode: "binary" }], 2)
  await settled()
  assert.equal(log.count, 1)
  assert.equal(log.seq(0), 2)
})

test("a direction filter applies to arriving rows without a request", async () => {
  const asked: unknown[] = []
  const log = new FoundLog(server(() => 0, asked), quiet(), { direction: "sent" }, 0)
  log.append(range(1, 9), 9)
  await settled()
  assert.equal(log.count, 3)
  assert.equal(asked.length, 0)
})

test("a failed search reports the error and ends", async () => {
  const failures: unknown[] = []
  const log = new FoundLog(() => Promise.reject(new Error("bad pattern")), { changed: () => {}, failed: (error) => failures.push(error) }, { q: "(", regex: true }, 10)
  await settled()
  assert.equal(failures.length, 1)
  assert.equal(log.complete, true)
})
