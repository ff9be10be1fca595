// What reading pasted text promises: a command that a shell would read is read the same, and no
// text throws or takes long.

import assert from "node:assert/strict"
import { test } from "node:test"
import { readPasted } from "../src/start/command"
import { splitWords } from "../src/start/shell"
import { pick, seeded, wordOf, type Random } from "./random"

const rounds = Number(process.env["DUPLEX_PROPERTY_ROUNDS"] ?? 1000)

// quoted writes a word in one of the ways that a POSIX shell reads.
function quoted(random: Random, word: string): string {
  switch (pick(random, ["single", "double", "escaped", "mixed", "bare"])) {
    case "single": return `'${word.replaceAll("'", `'\\''`)}'`
    case "double": return `"${word.replace(/["\\$`]/g, "\\$&")}"`
    case "escaped": return word === "" ? "''" : word.replace(/[^\w./:=@%+-]/gu, (char) => (char === "\n" ? "'\n'" : `\\${char}`))
    case "mixed": return `'${word.slice(0, 3).replaceAll("'", `'\\''`)}'"${word.slice(3).replace(/["\\$`]/g, "\\$&")}"`
    default: return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
  }
}

test("words are split as the shell that they were quoted for does", () => {
  for (let seed = 0; seed < rounds; seed++) {
    const random = seeded(seed)
    const words = Array.from({ length: 1 + Math.floor(random() * 5) }, () => wordOf(random, `ab1 '"\\$&|;<>\n\té`, 8))
    const line = words.map((word) => quoted(random, word)).join(pick(random, [" ", "  ", " \\\n  "]))
    assert.deepEqual(splitWords(line).words?.map((word) => word.text), words, `seed ${seed}: ${line}`)
  }
})

test("a written command is read with its address, headers and subprotocols", () => {
  for (let seed = 0; seed < rounds; seed++) {
    const random = seeded(seed)
    const tool = pick(random, ["curl", "wscat", "websocat"] as const)
    const address = `wss://host-${seed}.example/${wordOf(random, "ab/-_.~%20", 6).replace(/%(?!20)/g, "")}?model=${wordOf(random, "mn1-", 5)}`
    const headers = Array.from({ length: Math.floor(random() * 4) }, (_, at) => ({ name: `X-H${at}`, value: `v${wordOf(random, `ab '"$;:,`, 8)}v`, secret: false }))
    const subprotocols = Array.from({ length: Math.floor(random() * 3) }, (_, at) => `sub.${at}`)
    const parts = [
      ...headers.map(({ name, value }) => `${pick(random, ["-H ", "--header "])}${quoted(random, `${name}: ${value}`)}`),
      ...(tool === "curl" ? (subprotocols.length > 0 ? [`-H 'Sec-WebSocket-Protocol: ${subprotocols.join(", ")}'`] : []) : subprotocols.map((name) => `${tool === "wscat" ? "-s" : "--protocol"} ${name}`)),
      tool === "wscat" ? `-c ${quoted(random, address)}` : quoted(random, address),
    ]
    const { ok, error } = readPasted(`${tool} ${parts.join(" ")}`)
    assert.equal(error, null, `seed ${seed}`)
    assert.deepEqual({ source: ok?.source, address: ok?.address, headers: ok?.headers, subprotocols: ok?.subprotocols, left: ok?.left }, { source: tool, address, headers, subprotocols, left: [] }, `seed ${seed}: ${parts.join(" ")}`)
  }
})

test("no text throws, and a refusal names a short part", () => {
  const pieces = ["curl", "wscat", "websocat", "-H", "--header=", "-c", "'", '"', "\\", "$'", "\\x4", "|", "\n", "\r\n", " ", "wss://a.example", "http://[::1]:9/?token=x", "Authorization: Basic %%%", "X-Auth-Token:", "-u", "a:b", "@", ";", "&&", "#", "\u2028", "\ud800", "{", "€"]
  for (let seed = 0; seed < rounds * 3; seed++) {
    const random = seeded(seed)
    const text = Array.from({ length: Math.floor(random() * 14) }, () => pick(random, pieces) + pick(random, ["", " "])).join("")
    const { ok, error } = readPasted(text)
    assert.notEqual(ok === null, error === null, `seed ${seed}`)
    if (error) assert.ok(error.part.length <= 200, `seed ${seed}: ${error.part.length}`)
    else assert.ok(ok.headers.every(({ name }) => name !== ""), `seed ${seed}`)
  }
})

test("a long text is read at once", () => {
  const long = 100_000
  for (const text of [
    `see wss://a.example\nAuthorization: a${" ".repeat(long)}b`, `see wss://a.example\nX-Key:${" ".repeat(long)}\r x`, `see wss://a.example\n${"A".repeat(long)}`, `curl -H 'Sec-WebSocket-Protocol: a${" ".repeat(long)}b' wss://a.example`,
    `wscat -c wss://a.example -s 'a${" ".repeat(long)}b'`, `curl ${"\\ ".repeat(long)}`, `curl ${"-".repeat(long)}`, `curl wss://${"a.".repeat(long)}`, `wss://a.example/?${"a&".repeat(long / 2)}`, `curl "${"$".repeat(long)}"`, "/".repeat(long), `curl ${"'a'".repeat(long)}`, `x ${"\t".repeat(long)} y`,
  ]) {
    const began = performance.now()
    readPasted(text)
    const took = performance.now() - began
    assert.ok(took < 2000, `${text.slice(0, 60)}… took ${Math.round(took)} ms`)
  }
})
