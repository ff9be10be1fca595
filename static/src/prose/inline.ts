// Inline Markdown: code, emphasis, links. Each piece of text keeps its place in the source.

import { type Node, type Source, tag, textOf } from "./nodes"

type Mark = "strong" | "em" | "del"

// Open is a mark or a bracket that waits for its end.
interface Open {
  kind: Mark | "link" | "image"
  width: number // characters of the mark
  from: number // of the mark, in the text
  index: number // in nodes, of the first node behind it
}

const longestAddress = 2000
const punctuation = /[!-/:-@[-`{-~]/
const space = /\s/
const special = /[\\`*_~[\]!<h]/g
const address = /https?:\/\/[^\s<>"`]+/y
const marks: Readonly<Record<string, Mark>> = { "**": "strong", __: "strong", "*": "em", _: "em", "~~": "del" }

// inline returns the nodes of a text without block structure.
export function inline(source: Source): Node[] {
  return new Inline(source).run()
}

class Inline {
  private nodes: Node[] = []
  private readonly open: Open[] = []
  private readonly unclosed = new Set<number>() // widths of backticks without an end
  private at = 0

  constructor(private readonly source: Source) {}

  run(): Node[] {
    const { text } = this.source
    let from = 0
    while (this.at < text.length) {
      special.lastIndex = this.at
      const found = special.exec(text)
      if (!found) break
      this.at = found.index
      const before = this.nodes
      const start = this.at
      const count = before.length
      this.put(from, start) // provisional: taken back when nothing special is here
      if (this.take()) from = this.at
      else {
        before.length = count
        this.at = Math.max(this.at, start + 1)
      }
    }
    this.put(from, text.length)
    return this.nodes
  }

  // take reads something special at the place, and reports whether there was something.
  private take(): boolean {
    const { text } = this.source
    const character = text[this.at] ?? ""
    switch (character) {
      case "\\": return this.escape()
      case "`": return this.code()
      case "!": return text[this.at + 1] === "[" && this.bracket("image", 2)
      case "[": return this.bracket("link", 1)
      case "]": return this.link()
      case "<": return this.angle()
      case "h": return this.bare()
      default: return this.mark(character)
    }
  }

  private put(from: number, to: number): void {
    if (to > from) this.nodes.push(textOf(this.source, from, to))
  }

  private escape(): boolean {
    const next = this.source.text[this.at + 1] ?? ""
    if (!punctuation.test(next)) return false
    this.put(this.at + 1, this.at + 2)
    this.at += 2
    return true
  }

  private code(): boolean {
    const { text } = this.source
    const width = runOf(text, this.at, "`")
    const begin = this.at + width
    if (!this.unclosed.has(width)) {
      for (let end = text.indexOf("`", begin); end >= 0; ) {
        const closing = runOf(text, end, "`")
        if (closing === width) {
          this.nodes.push(tag("code", {}, [textOf(this.source, begin, end)]))
          this.at = end + width
          return true
        }
        end = text.indexOf("`", end + closing)
      }
      this.unclosed.add(width)
    }
    this.at = begin
    return false
  }

  private bracket(kind: "link" | "image", width: number): boolean {
    this.open.push({ kind, width, from: this.at, index: this.nodes.length })
    this.put(this.at, this.at + width)
    this.at += width
    return true
  }

  // link ends the last bracket, if an address in parentheses follows.
  private link(): boolean {
    const { text } = this.source
    let last = this.open.length - 1
    while (last >= 0 && this.open[last]?.kind !== "link" && this.open[last]?.kind !== "image") last--
    const start = this.open[last]
    if (!start) return false
    this.open.length = last
    const target = text[this.at + 1] === "(" ? addressIn(text, this.at + 2) : null
    if (!target) return false
    const content = this.nodes.splice(start.index).slice(1)
    const shown = content.map(plain).join("")
    this.at = target.end
    if (!target.url) this.nodes.push(textOf(this.source, start.from, this.at))
    else this.nodes.push(tag("a", { href: target.url }, content), ...(shown === target.url ? [] : [tag("small", {}, [{ text: ` (${target.url})`, at: -1 }])]))
    return true
  }

  // angle reads an address in angle brackets; other angle brackets are text.
  private angle(): boolean {
    const { text } = this.source
    address.lastIndex = this.at + 1
    const found = address.exec(text)
    if (!found || text[address.lastIndex] !== ">") return false
    this.nodes.push(tag("a", { href: found[0] }, [textOf(this.source, this.at + 1, address.lastIndex)]))
    this.at = address.lastIndex + 1
    return true
  }

  private bare(): boolean {
    const { text } = this.source
    if (this.at > 0 && /\w/.test(text[this.at - 1] ?? "")) return false
    if (this.open.some(({ kind }) => kind === "link" || kind === "image")) return false
    address.lastIndex = this.at
    const found = address.exec(text)
    if (!found) return false
    let url = found[0].replace(/[.,;:!?'*_~]+$/, "")
    if (url.endsWith(")") && !url.includes("(")) url = url.slice(0, -1)
    if (!safe(url)) return false
    this.nodes.push(tag("a", { href: url }, [textOf(this.source, this.at, this.at + url.length)]))
    this.at += url.length
    return true
  }

  private mark(character: string): boolean {
    const { text } = this.source
    const run = runOf(text, this.at, character)
    const width = run >= 2 && !(run === 3 && this.open.at(-1)?.kind === "em") ? 2 : 1 // three at the end close the inner one first
    const kind = marks[character.repeat(width)]
    if (!kind) return false
    const before = text[this.at - 1] ?? " "
    const after = text[this.at + width] ?? " "
    const opens = !space.test(after) && !(punctuation.test(after) && !space.test(before) && !punctuation.test(before)) && !(character === "_" && /\w/.test(before))
    const closes = !space.test(before) && !(character === "_" && /\w/.test(after))
    if (closes && this.close(kind, width)) return true
    if (!opens || this.open.length > 30) return false
    this.open.push({ kind, width, from: this.at, index: this.nodes.length })
    this.put(this.at, this.at + width)
    this.at += width
    return true
  }

  private close(kind: Mark, width: number): boolean {
    let last = this.open.length - 1
    while (last >= 0 && this.open[last]?.kind !== kind) {
      if (this.open[last]?.kind === "link" || this.open[last]?.kind === "image") return false
      last--
    }
    const start = this.open[last]
    if (!start || this.at === start.from + width) return false
    this.open.length = last
    const content = this.nodes.splice(start.index).slice(1)
    this.nodes.push(tag(kind, {}, content))
    this.at += width
    return true
  }
}

function runOf(text: string, at: number, character: string): number {
  let end = at
  while (text[end] === character) end++
  return end - at
}

// addressIn reads an address that ends with a parenthesis; url is "" for one that no link may
// lead to.
function addressIn(text: string, from: number): { url: string; end: number } | null {
  const end = text.indexOf(")", from)
  if (end < 0 || end - from > longestAddress) return null
  const inside = text.slice(from, end)
  const url = inside.replace(/\s+["'(].*$/s, "").trim()
  if (/\s/.test(url)) return null
  return { url: safe(url) ? url : "", end: end + 1 }
}

function safe(url: string): boolean {
  if (!/^https?:\/\//i.test(url)) return false
  try {
    const { username, password } = new URL(url)
    return username === "" && password === ""
  } catch {
    return false
  }
}

function plain(node: Node): string {
  return "text" in node ? node.text : node.children.map(plain).join("")
}
