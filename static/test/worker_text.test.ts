import assert from "node:assert/strict"
import { test } from "node:test"
import { findBytes, needleOf } from "../src/worker/find"
import { cutLines } from "../src/worker/lines"
import { indentMarkup } from "../src/worker/markup"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function rows(text: string, columns: number): string[] {
  const bytes = encode(text)
  const { start, count } = cutLines(bytes, columns)
  return Array.from({ length: count }, (_, i) => new TextDecoder().decode(bytes.subarray(start[i], start[i + 1])))
}

test("text is cut at line ends and at columns, if possible at a blank", () => {
  assert.deepEqual(rows("ab\ncd", 10), ["ab\n", "cd"])
  assert.deepEqual(rows("abcdefgh", 3), ["abc", "def", "gh"])
  assert.deepEqual(rows("aaaa bbb cccc", 10), ["aaaa bbb ", "cccc"])
  assert.deepEqual(rows("", 10), [""])
})

test("no character is cut in two, and wide ones take two columns", () => {
  assert.deepEqual(rows("漢字漢字", 5), ["漢字", "漢字"])
  assert.deepEqual(rows("é😀é", 3), ["é😀", "é"])
})

test("a character shown as a symbol takes the columns of the symbol", () => {
  assert.deepEqual(rows("ab\u202ecdef", 10), ["ab\u202e", "cdef"])
  assert.deepEqual(rows("\ufffd\u00e9ab", 5), ["\ufffd\u00e9ab"])
})

test("only a row that begins a line has its number", () => {
  assert.deepEqual([...cutLines(encode("abcd\ne"), 3).number], [1, 0, 2])
})

test("every byte is in exactly one row, whatever the bytes", () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) % 256)
  const { start, count } = cutLines(bytes, 17)
  assert.equal(start[0], 0)
  assert.equal(start[count], bytes.length)
  for (let i = 0; i < count; i++) assert.ok((start[i] ?? 0) < (start[i + 1] ?? 0))
})

test("finding agrees with indexOf", () => {
  const text = "the cat sat on the mat, The End".repeat(50)
  const bytes = encode(text)
  for (const query of ["the", "t", "mat, The", "absent", "at"]) {
    const expected: number[] = []
    for (let at = text.indexOf(query); at !== -1; at = text.indexOf(query, at + query.length)) expected.push(at)
    assert.deepEqual([...findBytes(bytes, needleOf(query), false).from], expected, query)
  }
  assert.equal(findBytes(bytes, needleOf("THE"), true).from.length, 150)
})

test("0x looks for bytes", () => {
  assert.deepEqual([...needleOf("0xdead BE")], [0xde, 0xad, 0xbe])
  assert.deepEqual([...findBytes(Uint8Array.of(1, 0xde, 0xad), needleOf("0xdead"), true).from], [1])
})

test("markup is indented only between tags without text", () => {
  const xml = '<?xml version="1.0"?><a x="1>2"><b>text <i>in</i> line</b><c/><d><e></e></d></a>'
  const { fault, ...rest } = indentMarkup(xml, "xml")
  assert.equal(fault, null)
  assert.deepEqual(rest, { text: ['<?xml version="1.0"?>', '<a x="1>2">', "  <b>text <i>in</i> line</b>", "  <c/>", "  <d>", "    <e></e>", "  </d>", "</a>"].join("\n") })
})

test("pre, script and inline elements of HTML are unchanged", () => {
  const html = "<!doctype html><div><p>a <b>b</b></p><pre>x\n  y</pre><br></div><script>if (a < b) {}</script>"
  const made = indentMarkup(html, "html")
  assert.equal(made.fault, null)
  assert.ok(made.fault === null && made.text.includes("<pre>x\n  y</pre>"))
  assert.ok(made.fault === null && made.text.includes("<script>if (a < b) {}</script>"))
  assert.equal(made.text.replace(/\n\s*/g, ""), html.replace(/\n\s*/g, ""))
})

test("end tags that HTML allows to omit are understood", () => {
  const made = indentMarkup("<!doctype html><ul><li>one<li><b>two</b> x</ul><table><tr><td>1<td>2<tr><td>3</table><p>text<div><p></div>", "html")
  assert.equal(made.fault, null)
  if (made.fault) return
  assert.equal(made.text, [
    "<!doctype html>", "<ul>", "  <li>one", "  <li><b>two</b> x", "</ul>", "<table>", "  <tr>", "    <td>1", "    <td>2", "  <tr>", "    <td>3", "</table>",
    "<p>text", "<div>", "  <p>", "</div>",
  ].join("\n"))
})

test("markup with unpaired tags is not indented", () => {
  assert.deepEqual(indentMarkup("<a><b></a>", "xml").fault, { code: "tag_unpaired", offset: 6, name: "a" })
  assert.deepEqual(indentMarkup("<a><b></b>", "xml").fault, { code: "tag_unclosed", offset: 0, name: "a" })
  assert.equal(indentMarkup("<a", "xml").fault?.code, "tag_open")
})
