import assert from "node:assert/strict"
import { test } from "node:test"
import { Unread } from "../src/sidebar/unread"

function storage(): { getItem(key: string): string | null; setItem(key: string, value: string): void; removeItem(key: string): void } {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}

test("what came since the last look is new", () => {
  const unread = new Unread(storage())
  unread.look("a", 10)
  assert.equal(unread.count("a", 47), 37)
  unread.look("a", 47)
  assert.equal(unread.count("a", 47), 0)
  unread.look("a", 40) // late news
  assert.equal(unread.count("a", 47), 0)
})

test("a session that is seen for the first time has nothing new", () => {
  const unread = new Unread(storage())
  assert.equal(unread.count("a", 300_000), 0)
  assert.equal(unread.count("a", 300_005), 5)
})

test("tabs share what was looked at, and it survives them", () => {
  const store = storage()
  const [one, two] = [new Unread(store), new Unread(store)]
  const listed = new Set(["a", "b"])
  one.count("a", 0)
  one.share(listed)
  two.look("a", 20)
  two.count("b", 5)
  two.share(listed)
  one.share(listed)
  assert.equal(one.count("a", 25), 5)
  assert.equal(new Unread(store).count("b", 6), 1)
})

test("what is listed no more is forgotten", () => {
  const store = storage()
  const unread = new Unread(store)
  unread.look("a", 1)
  unread.share(new Set())
  assert.equal(store.getItem("duplex.looked"), "{}")
})

test("a store that holds something else does no harm", () => {
  for (const text of ["{", "null", "[]", '{"a":"x"}']) assert.equal(new Unread({ ...storage(), getItem: () => text }).count("a", 3), 0)
})
