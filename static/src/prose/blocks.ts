// Blocks of Markdown: paragraphs, headings, lists, quotes, code, tables. A block is bounded,
// so that a long text grows by blocks and the work of a change is that of the last one.

import { inline } from "./inline"
import { type Node, type Source, tag } from "./nodes"

// Block is one part of a text at its top level.
export interface Block {
  from: number
  to: number // where the next one begins
  node: Node
}

// Line is a line without its end; at is its place in the text.
interface Line {
  text: string
  at: number
}

const longest = 4000 // characters of a block, about
const deepest = 6 // lists and quotes within one another

// The expressions take a time that grows with the line, whatever is in it.
const fence = /^ {0,3}(`{3,}|~{3,})([^`]*)$/
const heading = /^ {0,3}(#{1,6})(?=[ \t]|$)/
const rule = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/
const item = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+|$)(.*)$/
const quote = /^ {0,3}> ?/

// parseBlocks returns the blocks of a text from a place on, at which one begins.
export function parseBlocks(text: string, from: number, inCode: Fence | null = null): Block[] {
  const blocks: Block[] = []
  const lines = linesOf(text, from)
  let at = 0
  let open = inCode
  while (at < lines.length) {
    const first = lines[at]?.at ?? 0
    const { node, next, goesOn } = open ? codeBlock(lines, at, open, true) : block(lines, at, 0, longest)
    open = goesOn
    at = Math.max(next, at + 1)
    if (node) blocks.push({ from: first, to: lines[at]?.at ?? text.length, node })
    else if (blocks.length > 0) (blocks.at(-1) as Block).to = lines[at]?.at ?? text.length
  }
  return blocks
}

// Fence is the mark that ends code.
export interface Fence {
  mark: string
  language: string
}

// openFence returns the mark of code that a block leaves open for the next one, or null.
export function openFence(block: Block): Fence | null {
  const { node } = block
  if (!("tag" in node) || node.tag !== "pre" || !node.attributes["data-open"]) return null
  return { mark: node.attributes["data-open"], language: node.attributes["data-language"] ?? "" }
}

function linesOf(text: string, from: number): Line[] {
  const lines: Line[] = []
  for (let at = from; at < text.length; ) {
    let end = text.indexOf("\n", at)
    if (end < 0) end = text.length
    // A line without an end is cut: the blocks stay bounded.
    while (end - at > longest) {
      let cut = text.lastIndexOf(" ", at + longest) + 1
      if (cut <= at) cut = at + longest
      if (isLow(text.charCodeAt(cut))) cut--
      lines.push({ text: text.slice(at, cut), at })
      at = cut
    }
    lines.push({ text: text.slice(at, end).replace(/\r$/, ""), at })
    at = end + 1
  }
  return lines
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}

interface Read {
  node: Node | null // null for blank lines
  next: number // the line behind the block
  goesOn: Fence | null // code that was cut because it is long
}

function block(lines: readonly Line[], at: number, depth: number, room: number): Read {
  const line = lines[at]?.text ?? ""
  if (line.trim() === "") return { node: null, next: at + 1, goesOn: null }
  const fenced = fence.exec(line)
  if (fenced) return codeBlock(lines, at + 1, { mark: fenced[1] ?? "", language: (fenced[2] ?? "").trim().split(/\s/, 1)[0] ?? "" }, false)
  const title = heading.exec(line)
  if (title) return { node: headingOf(lines[at], title[0].length, (title[1] ?? "").length), next: at + 1, goesOn: null }
  if (rule.test(line)) return { node: tag("hr", {}, []), next: at + 1, goesOn: null }
  if (depth < deepest && quote.test(line)) return quoteBlock(lines, at, depth)
  if (depth < deepest && item.test(line)) return listBlock(lines, at, depth, room)
  if (line.includes("|") && isDelimiter(lines[at + 1]?.text ?? "")) {
    const table = tableBlock(lines, at)
    if (table) return table
  }
  return paragraph(lines, at, room)
}

function headingOf(line: Line | undefined, from: number, level: number): Node {
  const words = (line?.text ?? "").slice(from)
  let end = words.trimEnd().length
  let marks = end
  while (marks > 0 && words[marks - 1] === "#") marks--
  if (marks === 0 || /[ \t]/.test(words[marks - 1] ?? "")) end = words.slice(0, marks).trimEnd().length
  const begin = Math.min(end, words.length - words.trimStart().length)
  return tag(`h${level}`, {}, inline(sourceOf([cut(line, from + begin, end - begin)])))
}

// codeBlock reads code up to its mark. Long code is cut into blocks that look like one.
function codeBlock(lines: readonly Line[], at: number, { mark, language }: Fence, isRest: boolean): Read {
  const end = new RegExp(`^ {0,3}${mark[0] === "~" ? "~" : "`"}{${mark.length},}[ \\t]*$`)
  const taken: Line[] = []
  let size = 0
  let next = at
  let isOver = false
  for (; next < lines.length && size < longest; next++) {
    const line = lines[next]
    if (!line) break
    if (end.test(line.text)) {
      isOver = true
      next++
      break
    }
    taken.push(line)
    size += line.text.length + 1
  }
  const isCut = !isOver && size >= longest
  const source = sourceOf(taken)
  const attributes: Record<string, string> = {}
  if (language) attributes["data-language"] = language
  if (isRest) attributes["data-rest"] = ""
  if (isCut) attributes["data-open"] = mark
  const code = tag("code", {}, source.text ? [{ text: source.text, at: source.starts[0]?.from ?? 0 }] : [])
  return { node: taken.length === 0 && isRest ? null : tag("pre", attributes, [code]), next, goesOn: isCut ? { mark, language } : null }
}

function quoteBlock(lines: readonly Line[], at: number, depth: number): Read {
  const inner: Line[] = []
  let next = at
  let size = 0
  for (; next < lines.length && size < longest; next++) {
    const line = lines[next]
    const found = line ? quote.exec(line.text) : null
    if (!line || !found) break
    inner.push(cut(line, found[0].length))
    size += line.text.length
  }
  return { node: tag("blockquote", {}, nested(inner, depth + 1)), next, goesOn: null }
}

// listBlock reads a list. One that is long ends at an item, and the next goes on with its
// number.
function listBlock(lines: readonly Line[], at: number, depth: number, room: number): Read {
  const kind = kindOf(item.exec(lines[at]?.text ?? "")?.[2] ?? "")
  const items: Node[] = []
  const start = parseInt(item.exec(lines[at]?.text ?? "")?.[2] ?? "1", 10)
  let next = at
  let size = 0
  while (next < lines.length && size < room) {
    const found = item.exec(lines[next]?.text ?? "")
    if (!found || kindOf(found[2] ?? "") !== kind || rule.test(lines[next]?.text ?? "")) break
    const [, lead = "", mark = "", gap = "", rest = ""] = found
    const indent = lead.length + mark.length + (gap.length > 4 || rest === "" ? 1 : gap.length)
    const first = lines[next]
    const inner: Line[] = first ? [cut(first, Math.min(first.text.length, indent))] : []
    let blank = 0
    next++
    for (; next < lines.length; next++) {
      const line = lines[next]
      if (!line) break
      const own = line.text.search(/[^ \t]/)
      if (own < 0) {
        blank++
        continue
      }
      const isOwn = own >= Math.min(indent, 2)
      if (!isOwn && (blank > 0 || begins(line.text))) break
      while (blank > 0) {
        inner.push({ text: "", at: line.at })
        blank--
      }
      inner.push(cut(line, Math.min(own, indent)))
    }
    if (blank > 0 && next < lines.length && !item.test(lines[next]?.text ?? "")) next -= blank
    for (const { text } of inner) size += text.length + 1
    items.push(tag("li", {}, tight(nested(inner, depth + 1))))
  }
  const attributes: Record<string, string> = kind === "ordered" && start !== 1 ? { start: String(start) } : {}
  return { node: tag(kind === "ordered" ? "ol" : "ul", attributes, items), next: Math.max(next, at + 1), goesOn: null }
}

function kindOf(mark: string): string {
  return /\d/.test(mark) ? "ordered" : mark
}

// begins reports whether a line begins a block of its own after a paragraph.
function begins(line: string): boolean {
  return fence.test(line) || heading.test(line) || quote.test(line) || item.test(line) || rule.test(line)
}

// tight takes the paragraph of an item that is one line away, as in most lists.
function tight(nodes: Node[]): Node[] {
  const [first, ...rest] = nodes
  if (!first || !("tag" in first) || first.tag !== "p") return nodes
  if (rest.some((node) => "tag" in node && node.tag === "p")) return nodes
  return [...first.children, ...rest]
}

function tableBlock(lines: readonly Line[], at: number): Read | null {
  const head = cellsOf(lines[at])
  const columns = cellsOf(lines[at + 1]).length
  if (head.length !== columns) return null
  const rows: Node[] = []
  let next = at + 2
  for (; next < lines.length && rows.length < 200; next++) {
    const line = lines[next]
    if (!line || line.text.trim() === "" || !line.text.includes("|")) break
    const cells = cellsOf(line)
    rows.push(tag("tr", {}, head.map((_, index) => tag("td", {}, cells[index] ? inline(sourceOf([cells[index]])) : []))))
  }
  const top = tag("thead", {}, [tag("tr", {}, head.map((cell) => tag("th", {}, inline(sourceOf([cell])))))])
  return { node: tag("div", { class: "prose-table", tabindex: "0" }, [tag("table", {}, [top, tag("tbody", {}, rows)])]), next, goesOn: null }
}

// isDelimiter reports whether a line is the one between the head of a table and its rows.
function isDelimiter(line: string): boolean {
  if (!line.includes("-") || !/^[ \t|:-]+$/.test(line)) return false
  const cells = line.trim().replace(/^\||\|$/g, "").split("|")
  return cells.every((cell) => /^:?-+:?$/.test(cell.trim()))
}

function cellsOf(line: Line | undefined): Line[] {
  if (!line) return []
  const cells: Line[] = []
  let from = line.text.search(/\S/)
  if (line.text[from] === "|") from++
  for (let at = from; at <= line.text.length; at++) {
    if (at < line.text.length && (line.text[at] !== "|" || line.text[at - 1] === "\\")) continue
    const cell = line.text.slice(from, at)
    if (at < line.text.length || cell.trim() !== "") cells.push(cut(line, from + cell.length - cell.trimStart().length, cell.trim().length))
    from = at + 1
  }
  return cells
}

function paragraph(lines: readonly Line[], at: number, room: number): Read {
  const taken: Line[] = []
  let next = at
  let size = 0
  for (; next < lines.length && size < room; next++) {
    const line = lines[next]
    if (!line || line.text.trim() === "" || (next > at && begins(line.text))) break
    taken.push(line)
    size += line.text.length + 1
  }
  return { node: tag("p", {}, inline(sourceOf(taken))), next, goesOn: null }
}

function nested(lines: readonly Line[], depth: number): Node[] {
  const nodes: Node[] = []
  for (let at = 0; at < lines.length; ) {
    const { node, next } = block(lines, at, depth, Infinity)
    if (node) nodes.push(node)
    at = Math.max(next, at + 1)
  }
  return nodes
}

function cut(line: Line | undefined, from: number, length = Infinity): Line {
  return line ? { text: line.text.slice(from, from + length), at: line.at + from } : { text: "", at: 0 }
}

// sourceOf joins lines. Parts of one line, which was cut, are joined without an end.
function sourceOf(lines: readonly Line[]): Source {
  let text = ""
  const starts: Source["starts"] = []
  let end = -1
  for (const line of lines) {
    if (text !== "" || starts.length > 0) if (line.at !== end) text += "\n"
    starts.push({ at: text.length, from: line.at })
    text += line.text
    end = line.at + line.text.length
  }
  return { text, starts }
}
