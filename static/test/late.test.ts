import assert from "node:assert/strict"
import { test } from "node:test"
import { Late } from "../src/ui/late"

test("a part that arrives late does in order what it was asked", async () => {
  let arrive = (_: string[]): void => undefined
  let loads = 0
  const late = new Late(() => new Promise<string[]>((resolve) => { loads++; arrive = resolve }))
  late.tell((done) => done.push("told before it was asked for anything"))
  assert.equal(loads, 0)
  late.ask((done) => done.push("first"))
  late.tell((done) => done.push("second"))
  late.ask((done) => done.push("third"))
  const done: string[] = []
  arrive(done)
  await late.load()
  assert.deepEqual(done, ["first", "second", "third"])
  late.tell((done) => done.push("at once"))
  assert.deepEqual([done.at(-1), loads], ["at once", 1])
})
