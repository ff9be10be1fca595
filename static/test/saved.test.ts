import assert from "node:assert/strict"
import { test } from "node:test"
import { behind, foldersOf, found, grouped } from "../src/saved/group"
import { parseSavedMessage, type SavedMessage } from "../src/wire/wire"

const message = (folder: string, name: string, position = 0): SavedMessage => ({ id: `${folder}/${name}`, name, folder, position, type: "text", size: 1 })

const all = [message("", "ping"), message("", "Pong", 1), message("ASR", "start"), message("ASR", "stop", 1), message("中文", "开始")]

test("saved messages are found by words of name and folder", () => {
  const names = (words: string) => found(all, words).map(({ name }) => name).join(" ")
  assert.equal(names(""), "ping Pong start stop 开始")
  assert.equal(names("  P "), "ping Pong stop")
  assert.equal(names("asr st"), "start stop")
  assert.equal(names("top asr"), "stop")
  assert.equal(names("中"), "开始")
  assert.equal(names("none"), "")
})

test("saved messages stand folder by folder in the order they came in", () => {
  assert.deepEqual(grouped(all).map(({ folder, messages }) => [folder, messages.length]), [["", 2], ["ASR", 2], ["中文", 1]])
  assert.deepEqual(grouped([]), [])
  assert.deepEqual(foldersOf(all), ["ASR", "中文"])
  assert.equal(behind(all, message("ASR", "start", 0)), 1)
  assert.equal(behind(all, message("ASR", "stop", 1)), 0)
})

test("a saved message of a type that is not known is a file", () => {
  assert.equal(parseSavedMessage({ id: "1", type: "yaml", size: "much" }).type, "file")
  assert.equal(parseSavedMessage(null).name, "")
})
