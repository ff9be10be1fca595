import assert from "node:assert/strict"
import { test } from "node:test"
import { has } from "../src/text/say"
import { checkHTML } from "../src/worker/html"
import { textPosition } from "../src/worker/place"
import { checkXML } from "../src/worker/xml"

// faultOf is "code name line:column", or "" for a text without fault.
function faultOf(kind: "xml" | "html", text: string): string {
  const flaw = kind === "xml" ? checkXML(text) : checkHTML(text)
  if (!flaw) return ""
  assert.ok(has(`${kind}.${flaw.code}`), `${kind}.${flaw.code} has no sentence`)
  const { line, column } = textPosition(text, flaw.offset)
  return `${flaw.code} ${flaw.name} ${line}:${column}`.replace("  ", " ")
}

test("well-formed XML has no fault", () => {
  for (const text of [
    "<a/>", "<a></a >", "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<!-- c -->\n<!DOCTYPE a [<!ENTITY e \"]>\"><!-- > ' -->]>\n<a>&e;</a>\n<!-- end --><?pi x?>",
    "<a b='1' c=\"&lt;'\">x &amp; &#65;&#x1F600; ]] > <![CDATA[<b>&]]><b/></a>", "<s:a xmlns:s='u' s:b=''><数据 属性='值'>文</数据></s:a>",
    "<a\n b = '1'\r\n/>", `<a>${"<b>".repeat(100_000)}${"</b>".repeat(100_000)}</a>`,
  ]) assert.equal(faultOf("xml", text), "", text.slice(0, 60))
})

test("the first fault of XML is reported with its position", () => {
  for (const [text, want] of Object.entries({
    "": "root_missing 1:1",
    "<!-- only -->": "root_missing 1:14",
    "text": "outside 1:1",
    "<a/>text": "outside 1:5",
    "<a/><b/>": "root_second b 1:5",
    "<a>\n  <b>\n</a>": "tag_expected b 3:1",
    "</a>": "tag_unpaired a 1:1",
    "<a><b></b>": "tag_unclosed a 1:1",
    "<a": "tag_open a 1:1",
    "<a>1 < 2</a>": "tag_name 1:6",
    "<a b></a>": "attribute_value b 1:4",
    "<a b=1></a>": "attribute_value b 1:4",
    "<a b='1></a>": "attribute_less b 1:9",
    "<a b='1>": "attribute_open b 1:4",
    "<a b='1'c='2'/>": "attribute_name a 1:9",
    "<a =1/>": "attribute_name a 1:4",
    "<a b='1' b='2'/>": "attribute_twice b 1:10",
    "<a>R&D</a>": "entity 1:5",
    "<a>&nbsp;</a>": "entity_unknown nbsp 1:4",
    "<a>&#0;</a>": "entity_unknown #0 1:4",
    "<a>😀\u0001</a>": "character 1:5",
    "<a><!-- a -- b --></a>": "comment 1:11",
    "<a><!-- a": "comment 1:4",
    "<a><![CDATA[x</a>": "section_open CDATA 1:4",
    "<a>]]></a>": "cdata_end 1:4",
    " <?xml version='1.0'?><a/>": "declaration 1:2",
    "<a/><!DOCTYPE a>": "doctype 1:5",
    "<!DOCTYPE a [": "doctype 1:1",
  })) assert.equal(faultOf("xml", text), want, text)
})

test("HTML may omit optional end tags", () => {
  for (const text of [
    "", "plain", "a < b && c <3", "<!doctype html><title>x</title><p>one<p>two<ul><li>a<li>b</ul>", "<table><tr><td>1<td>2<tr><th>3</table>",
    "<dl><dt>a<dd>b<dt>c</dl><select><option>1<optgroup><option>2</select>", "<img src=x><br><input disabled>", "<script>if (a < b) '</p>'</script>",
    "<svg><path d='M0'/><g><circle/></g></svg>", "<p onclick=\"alert('>')\">hello <b>there</b></p>", "<html><head><body><div></div>",
    "<TEXTAREA><b></textarea>", "<!-- <p -->", "<ruby>漢<rp>(<rt>kan<rp>)</ruby>",
  ]) assert.equal(faultOf("html", text), "", text)
})

test("the first fault of HTML is reported with its position", () => {
  for (const [text, want] of Object.entries({
    "<div>\n<span>\n</div>": "tag_expected span 3:1",
    "<b><i></b></i>": "tag_expected i 1:7",
    "text</div>": "tag_unpaired div 1:5",
    "<br></br>": "tag_unpaired br 1:5",
    "<ul><li><b></ul>": "tag_expected b 1:12",
    "<section><p>": "tag_unclosed section 1:1",
    "<div/>": "tag_unclosed div 1:1",
    "<a href=\"x>y</a>": "tag_open a 1:1",
    "<a href": "tag_open a 1:1",
    "<p></p": "tag_open /p 1:4",
    "<a id=1 class ID=2></a>": "attribute_twice id 1:15",
    "<script>": "tag_unclosed script 1:1",
    "<!-- x": "comment 1:1",
  })) assert.equal(faultOf("html", text), want, text)
})

test("checking hostile markup takes linear time", { timeout: 20_000 }, () => {
  for (const text of ["<a>".repeat(1_000_000), "<a ".repeat(1_000_000), "&".repeat(1_000_000), `<a ${"b='1' ".repeat(200_000)}`, "<!--".repeat(500_000), "</".repeat(1_000_000), "]]".repeat(1_000_000)]) {
    checkXML(text)
    checkXML(`<r>${text}`)
    checkHTML(text)
  }
})
