// A prompt as the message of a dialect, and back.

import assert from "node:assert/strict"
import { test } from "node:test"
import { unwrap, wrap } from "../src/prompt/wrap"

const chat = '{"prompt":"{{text}}","model":"{{model}}"}'
const item = '{"type":"conversation.item.create","item":{"role":"user","content":[{"type":"input_text","text":"Say: {{ text }}!"}]}}'

test("a text is escaped inside a template of JSON, and is read out of it again", () => {
  for (const text of ["hello", 'a "quote" and \\ and \n a line', "{{model}} is no value", "$& 漢字 😀", ""]) {
    for (const template of [chat, item]) {
      const made = wrap(template, text, { model: "m1" })
      assert.ok(made)
      assert.doesNotThrow(() => JSON.parse(made.message))
      assert.equal(unwrap(template, made.message), text)
    }
  }
})

test("values that the page does not know stay, and are named", () => {
  assert.deepEqual(wrap(chat, "hi", {}), { message: '{"prompt":"hi","model":"{{model}}"}', open: ["model"] })
  assert.equal(wrap('{"p":"{{text|base64}}"}', "hi", {}), null)
  assert.equal(wrap("{{text}}", 'plain "text"', {})?.message, 'plain "text"')
})

test("an edited message gives its text as long as it has one", () => {
  assert.equal(unwrap(chat, '{"prompt": "changed", "max_tokens": 9}'), "changed")
  for (const message of ['{"prompt": 3}', '{"prompt": "cut', "[]", '{"other": "x"}', ""]) assert.equal(unwrap(chat, message), null)
  assert.equal(unwrap(item, '{"item":{"content":[{"text":"Say: hi"}]}}'), null)
})
