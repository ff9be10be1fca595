// Every listener of the page ends with the part that added it.

import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"

// calls yields the receiver and the arguments of each addEventListener in a source.
function* calls(source: string): Generator<{ receiver: string; given: string }> {
  for (const found of source.matchAll(/(\w*)[)\]]?\??\.addEventListener\(/g)) {
    const start = found.index + found[0].length
    let end = start
    for (let depth = 1; depth > 0; end++) depth += source[end] === "(" ? 1 : source[end] === ")" ? -1 : 0
    yield { receiver: found[1] ?? "", given: source.slice(start, end - 1) }
  }
}

test("each addEventListener has a signal", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
  const found: string[] = []
  for (const file of files) {
    for (const { receiver, given } of calls(readFileSync(path.join("src", file), "utf8"))) {
      const isAbort = receiver === "signal" // fires once, and is collected with its listeners
      if (!isAbort && !/\bsignal\b/.test(given)) found.push(`${file}: addEventListener(${given.slice(0, 60)}`)
    }
  }
  assert.deepEqual(found, [])
})
