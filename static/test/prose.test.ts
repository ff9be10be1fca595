import assert from "node:assert/strict"
import { test } from "node:test"
import { openFence, parseBlocks } from "../src/prose/blocks"
import type { Node } from "../src/prose/nodes"

// html writes nodes for comparison; text as it is.
function html(node: Node): string {
  if ("text" in node) return node.text
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}=${value}`).join("")
  return `<${node.tag}${attributes}>${node.children.map(html).join("")}</${node.tag}>`
}

const read = (text: string): string => parseBlocks(text, 0).map(({ node }) => html(node)).join("")

const cases: [string, string, string][] = [
  ["paragraphs keep their lines", "one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"],
  ["headings", "# A **b**\n## C ##\n#no", "<h1>A <strong>b</strong></h1><h2>C</h2><p>#no</p>"],
  ["emphasis", "a *b* __c__ ~~d~~ 2 * 3 * 4 snake_case_name ***e***", "<p>a <em>b</em> <strong>c</strong> <del>d</del> 2 * 3 * 4 snake_case_name <strong><em>e</em></strong></p>"],
  ["marks without an end", "**a *b", "<p>**a *b</p>"],
  ["code in a line", "`a*b*` ``c`d`` `e", "<p><code>a*b*</code> <code>c`d</code> `e</p>"],
  ["escapes", "\\*a\\* \\a", "<p>*a* \\a</p>"],
  ["code in lines", "```go\nif a {\n\n```\nend", "<pre data-language=go><code>if a {\n</code></pre><p>end</p>"],
  ["code that grows", "```\nx", "<pre><code>x</code></pre>"],
  ["lists", "- a\n- b\n  1. c\n  2. d\n- e", "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li><li>e</li></ul>"],
  ["a list that begins at three", "3. a\n4. b\n\nend", "<ol start=3><li>a</li><li>b</li></ol><p>end</p>"],
  ["an item of two paragraphs", "1. a\n\n   b\n2. c", "<ol><li><p>a</p><p>b</p></li><li>c</li></ol>"],
  ["a quote", "> a\n> - b\n\nc", "<blockquote><p>a</p><ul><li>b</li></ul></blockquote><p>c</p>"],
  ["a rule", "a\n\n---\n***", "<p>a</p><hr></hr><hr></hr>"],
  ["a table", "| a | b |\n|---|:-:|\n| 1 | *2* |", "<div class=prose-table tabindex=0><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><em>2</em></td></tr></tbody></table></div>"],
  ["links show where they lead", "[a](https://b.example/c) https://d.example.", "<p><a href=https://b.example/c>a</a><small> (https://b.example/c)</small> <a href=https://d.example>https://d.example</a>.</p>"],
  ["links that are none", "[a](javascript:alert(1)) [b](//c) [d](https://e:f@g.example)", "<p>[a](javascript:alert(1)) [b](//c) [d](https://e:f@g.example)</p>"],
  ["pictures are not loaded", "![a](https://b.example/c.png)", "<p><a href=https://b.example/c.png>a</a><small> (https://b.example/c.png)</small></p>"],
  ["markup is text", "<b onclick=x>a</b> <script>alert(1)</script>", "<p><b onclick=x>a</b> <script>alert(1)</script></p>"],
]

for (const [name, text, want] of cases) test(`prose: ${name}`, () => assert.equal(read(text), want))

test("prose: the place of a word in the text is known", () => {
  const text = "# T\n\n- one\n- **two** three"
  const places: [string, number][] = []
  const walk = (node: Node): void => {
    if ("text" in node) places.push([node.text, node.at])
    else node.children.forEach(walk)
  }
  for (const { node } of parseBlocks(text, 0)) walk(node)
  assert.ok(places.length >= 4)
  for (const [words, at] of places) assert.equal(text.slice(at, at + words.length), words)
})

// The last block read alone gives the same as all of them read at once: a text grows by it.
test("prose: a text that grows by its last block is the whole text", () => {
  const text = `# Runbook\n\nWords and **more**\nof them.\n\n1. one\n2. two\n\n\`\`\`js\n${"let a = 1\n".repeat(900)}\`\`\`\n\n${"a paragraph that is long, and longer. ".repeat(300)}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend`
  const whole = parseBlocks(text, 0)
  for (let index = 1; index < whole.length; index++) {
    const before = whole[index - 1]
    if (!before) continue
    const rest = parseBlocks(text, before.to, openFence(before))
    assert.equal(rest.map(({ node }) => html(node)).join(""), whole.slice(index).map(({ node }) => html(node)).join(""), `after block ${index}`)
  }
})

test("prose: a hostile text takes no longer than a friendly one", () => {
  const size = 200_000
  for (const part of ["*", "_a", "[", "](", "`", "`` ` ", "> ", "- ", "1. ", "# ", "|-", "<", "\\", "h", "https://a", "~~", "**a", " ", "\t", "![", "#", "```", "```a ", "a_*", "(", "[a](", "\r", "-\t", "  - a\n", ">>>>>\n", "|a|\n|-|\n"]) {
    const began = process.cpuUsage() // others on the machine do not count
    parseBlocks(part.repeat(size / part.length), 0)
    parseBlocks(`x ${part.repeat(size / part.length)} x`, 0)
    const took = process.cpuUsage(began).user / 1000 // ms
    assert.ok(took < 2000, `${JSON.stringify(part)}: ${took.toFixed(0)} ms`)
  }
})
