import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { Paced } from "../src/ui/paced"

test("what is asked for while drawings are paced is drawn together", () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  globalThis.window = globalThis as unknown as Window & typeof globalThis
  let drawn = 0
  const paced = new Paced(() => drawn++, 100)
  paced.ask()
  assert.equal(drawn, 1)
  for (let i = 0; i < 50; i++) paced.ask()
  assert.equal(drawn, 1)
  mock.timers.tick(100)
  assert.equal(drawn, 2)
  mock.timers.tick(1000)
  assert.equal(drawn, 2)
  paced.ask()
  paced.ask()
  paced.flush()
  assert.equal(drawn, 4)
  paced.ask()
  paced.stop()
  mock.timers.tick(1000)
  assert.equal(drawn, 4)
  mock.timers.reset()
})
