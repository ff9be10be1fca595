// A connection as a command of another tool.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { test } from "node:test"
import { codeOf } from "../src/forms/code"
import { blank } from "../src/forms"
import { settings } from "./settings"

const form = {
  ...blank(settings), base: "wss://host/v1/it's", kind: "bearer",
  headers: [
    { name: "X-Team", value: "a b's", enabled: true, secret: false, field: "" },
    { name: "X-Key", value: "s3cret", enabled: true, secret: true, field: "" },
    { name: "X-Off", value: "no", enabled: false, secret: false, field: "" },
  ],
  subprotocols: ["realtime", "v1"],
}

// wordsOf lets a shell read a command.
function wordsOf(command: string): string[] {
  return execFileSync("sh", ["-c", `printf '%s\\n' ${command}`], { encoding: "utf8" }).trimEnd().split("\n")
}

test("a shell reads the command as it was meant", () => {
  const words = wordsOf(codeOf("wscat", form))
  assert.equal(words[words.indexOf("-c") + 1], "wss://host/v1/it's")
  assert.ok(words.includes("X-Team: a b's"))
  assert.deepEqual(words.filter((_, at) => words[at - 1] === "-s"), ["realtime", "v1"])
  assert.equal(wordsOf(codeOf("curl", form)).at(-1), "wss://host/v1/it's")
})

test("secrets and headers that are off stay out", () => {
  for (const kind of ["wscat", "curl", "python"] as const) {
    const code = codeOf(kind, form)
    assert.ok(!code.includes("s3cret"), code)
    assert.ok(!code.includes("X-Off"), code)
    assert.ok(code.includes("Authorization"), code)
  }
})
