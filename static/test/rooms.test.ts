// The map of static/src: which room may import from which, and why. An import that is
// not here does not belong; an entry that no import uses goes.

import assert from "node:assert/strict"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"

const rooms: Record<string, Record<string, string>> = {
  app: {
    console: "opens the console page and the list of sessions",
    history: "opens the page of past sessions",
    identity: "starts the lease, sign-out and access tokens",
    sidebar: "starts the side list of every page",
    start: "opens the first page and the page of a new service",
    text: "names commands",
    ui: "starts menus and opens the list of shortcuts",
    visit: "lists the drafts in the side list",
    wire: "reads the boot data",
  },
  console: {
    composer: "sends messages",
    detail: "shows one message in full",
    dialects: "chooses the dialect and shows what it sends",
    forms: "edits the service",
    identity: "disables actions that the role does not allow",
    log: "shows the log",
    prompt: "asks by the dialect: prompts and speech",
    saved: "lists saved messages",
    sidebar: "marks the service and the session that it shows",
    text: "shows counts, times and sentences",
    speech: "shows spoken turns",
    timing: "shows the times of a session",
    turns: "shows requests with their answers",
    ui: "builds elements, dialogs and menus",
    visit: "keeps drafts, and does what the page before was asked to",
    wire: "opens, watches and closes sessions",
    worker: "recognises the type of a payload that is saved",
  },
  start: {
    forms: "fills the form of a new service",
    identity: "disables actions that the role does not allow",
    text: "shows counts, times and sentences",
    ui: "builds elements and dialogs",
    visit: "keeps drafts, and tells the next page what to do",
    wire: "tests connections, opens sessions and saves services",
  },
  visit: {
    composer: "keeps the message of its editor",
    forms: "keeps the form of a service",
    wire: "knows which fields are secret",
  },
  history: {
    identity: "leaves out actions that the role does not allow",
    sidebar: "abbreviates names as the list does",
    log: "shows found rows as the log does",
    text: "shows counts, times and sentences",
    ui: "builds elements and dialogs",
    wire: "searches sessions",
  },
  sidebar: {
    forms: "copies a service as a command",
    text: "shows names, counts and times",
    ui: "builds elements, dialogs and menus",
    wire: "lists and changes services and sessions",
  },
  saved: {
    composer: "saves and loads its message",
    text: "shows names and sizes",
    ui: "builds elements, dialogs and menus",
    wire: "keeps messages on the server",
  },
  prompt: {
    composer: "turns a prompt into a plain message and back, with the same buttons",
    text: "shows amounts, limits and sentences",
    ui: "builds elements",
    wire: "names what a dialect takes, and the progress of speech",
  },
  timing: {
    text: "shows times, sizes and sentences",
    ui: "builds elements",
    wire: "reads the course of a session",
  },
  turns: {
    log: "describes events as the log does",
    prose: "shows answers as formatted text",
    text: "shows figures and sentences",
    ui: "builds elements and a menu",
    wire: "reads turns",
    worker: "indents messages of a turn",
  },
  speech: {
    prose: "shows what was said",
    text: "shows figures and sentences",
    turns: "draws its cards where the turns are listed",
    ui: "builds elements",
    wire: "plays the audio of turns",
  },
  prose: {
    text: "replaces characters that cannot be seen",
    ui: "builds elements",
  },
  dialects: {
    composer: "edits YAML in the editor of messages",
    text: "names dialects and shows problems",
    ui: "builds elements, dialogs and menus",
    wire: "reads and writes dialects and environments",
  },
  composer: {
    text: "shows counts and problems",
    ui: "builds elements",
    wire: "names the types of messages",
    worker: "checks syntax and encodings",
  },
  detail: {
    log: "describes events as the log does",
    text: "shows counts, times and sentences",
    ui: "builds elements and lists of rows",
    wire: "shows rows",
    worker: "parses, indents and searches payloads",
  },
  forms: {
    text: "labels fields and shows problems",
    ui: "builds elements and dialogs",
    wire: "reads and writes services",
  },
  identity: {
    text: "says why an action is not allowed",
    ui: "asks and notifies",
    wire: "signs out, makes and revokes tokens",
  },
  log: {
    text: "shows counts, times and sentences",
    ui: "builds elements, menus and lists of rows",
    wire: "shows rows",
    worker: "recognises the first bytes of binary messages",
  },
  worker: {
    text: "replaces characters that cannot be seen",
    ui: "starts the worker under the Trusted Types policy",
    wire: "names the opcodes",
  },
  ui: { text: "labels its buttons" },
  wire: { text: "says that the server was not reached" },
  text: {},
}

// The script of the worker has no document. It takes this file in place of the door,
// behind which there are sockets of the page. The script before the first paint takes
// nothing but what the side list keeps. Pages without a console watch the store as well.
const besideTheDoor: Record<string, string> = { "wire/wire.ts": "worker", "sidebar/kept.ts": "app", "sidebar/twice.ts": "app", "console/store.ts": "app" }

const root = "src"
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
const sources = new Map(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]))

const roomOf = (file: string): string => path.dirname(file)

// imported lists the files of src that a file names, types included.
function imported(file: string): string[] {
  const names = [...(sources.get(file) ?? "").matchAll(/(?:\bfrom |\bimport\()"(\.[^"]+)"/g)].map(([, name = ""]) => path.join(roomOf(file), name))
  return names.map((name) => (existsSync(path.join(root, `${name}.ts`)) ? `${name}.ts` : `${name}/index.ts`))
}

test("each room imports what the map allows", () => {
  const used = new Map(Object.keys(rooms).map((room) => [room, new Set<string>()]))
  for (const file of files) {
    const allowed = rooms[roomOf(file)]
    assert.ok(allowed, `${file} is in no room of the map`)
    for (const other of imported(file).map(roomOf)) {
      if (other === roomOf(file)) continue
      assert.ok(allowed[other], `${file} imports from ${other}`)
      used.get(roomOf(file))?.add(other)
    }
  }
  for (const [room, allowed] of Object.entries(rooms)) {
    assert.deepEqual(Object.keys(allowed).filter((other) => !used.get(room)?.has(other)), [], `${room}: entries that no import uses`)
  }
})

test("rooms are entered by their index.ts", () => {
  for (const file of files) {
    for (const other of imported(file)) {
      const isDoor = path.basename(other) === "index.ts" || besideTheDoor[other] === roomOf(file)
      if (roomOf(other) !== roomOf(file)) assert.ok(isDoor, `${file} imports ${other}`)
      else assert.ok(path.basename(other) !== "index.ts", `${file} imports the door of its own room`)
    }
  }
})

test("no file imports itself by way of others", () => {
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), [...way, file].join(" -> "))
    if (done.has(file)) return
    for (const other of imported(file)) visit(other, [...way, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
})

test("names are exported one by one", () => {
  for (const [file, source] of sources) assert.doesNotMatch(source, /^export (default|\*)/m, file)
})
