import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { seal } from "../src/worker/seal"

const policyIn = (sealed: string): string => /content="([^"]*)"/.exec(sealed)?.[1] ?? ""
const png = `data:image/png;base64,${readFileSync("test/testdata/test.png").toString("base64")}`

test("elements that reach out are renamed everywhere", () => {
  const sealed = seal("<LINK rel=preconnect><meta\nhttp-equiv=refresh><base/href=x><svg><style><!--</style><link rel=x></svg><a href=x>y</a><iframe", "html")
  assert.equal(
    sealed.slice(sealed.indexOf(">") + 1),
    "<x-LINK rel=preconnect><x-meta\nhttp-equiv=refresh><x-base/href=x><svg><style><!--</style><x-link rel=x></svg><x-a href=x>y</x-a><x-iframe",
  )
  assert.ok(seal("<article><abbr><metadata>", "html").endsWith("<article><abbr><metadata>"))
})

test("the policy comes first, after the doctype", () => {
  assert.match(seal("\n<!DOCTYPE html><p>", "html"), /^<!doctype html><meta http-equiv="Content-Security-Policy"/)
  assert.match(seal("<p>", "html"), /^<meta http-equiv="Content-Security-Policy" content="default-src 'none'; /)
})

test("the content of a link in an SVG is still drawn", () => {
  assert.ok(seal('<svg><a xlink:href="x"><text>t</text></a></svg>', "svg").endsWith('<svg><g xlink:href="x"><text>t</text></g></svg>'))
})

test("images are allowed when all addresses are plain and the images small", () => {
  const bomb = Uint8Array.from(readFileSync("test/testdata/test.png"))
  new DataView(bomb.buffer).setUint32(16, 50_000)
  new DataView(bomb.buffer).setUint32(20, 50_000)
  const images = (html: string): string => /img-src ([^;]*)/.exec(policyIn(seal(html, "html")))?.[1] ?? ""
  assert.equal(images("<p>no image; metadata: x"), "data:")
  assert.equal(images(`<img src="${png}"><img src='${png}'>`), "data:")
  for (const html of [
    `<img src="data:image/png;base64,${Buffer.from(bomb).toString("base64")}">`, `<img src="${png}"><img src="data&colon;x">`, `<img src="&#100;ata:x">`,
    '<img src="d\na\tta:image/png;base64,AAAA">', '<img src="data:image/svg+xml,<svg/>">', "<img src=data:,x>", "<img srcset='x 1x,data:x'>",
  ]) assert.equal(images(html), "'none'", html)
})
