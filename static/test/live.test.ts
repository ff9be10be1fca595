import assert from "node:assert/strict"
import { test } from "node:test"
import { takeEvents } from "../src/wire/live"

test("events are taken whole, however the stream is cut", () => {
  const stream = 'event: phase\ndata: {"phase":"dns"}\n\nevent: result\ndata: {"a":"b\\n\\nc"}\n\n'
  for (let cut = 0; cut <= stream.length; cut++) {
    const first = takeEvents(stream.slice(0, cut))
    const second = takeEvents(first.rest + stream.slice(cut))
    assert.deepEqual([...first.events, ...second.events], [
      { name: "phase", data: { phase: "dns" } },
      { name: "result", data: { a: "b\n\nc" } },
    ])
    assert.equal(second.rest, "")
  }
})
