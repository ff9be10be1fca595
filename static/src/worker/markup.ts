// Indents XML and HTML where that changes nothing: only between tags of elements
// that hold no text of their own. What holds text, or keeps its blanks (pre, script,
// xml:space), is copied as it stands. Tags that do not pair up are left alone.

import { maxIndent } from "./indent"

export type MarkupKind = "xml" | "html"

// MarkupFault is why a document was not indented, and where.
export type MarkupFault = { code: "tag_open" | "tag_unpaired" | "tag_unclosed" | "tag_many"; offset: number; name: string }

export type Markup = { fault: null; text: string } | { fault: MarkupFault }

enum Kind { Open, Close, Empty, Text, Other }

type Token = { kind: Kind; from: number; to: number; name: string; flows: boolean; pair: number }

const voids = new Set("area base br col embed hr img input link meta param source track wbr".split(" "))
const rawText = new Set("script style textarea title".split(" "))
const kept = new Set("pre script style textarea title".split(" "))
const blocks = new Set(
  ("html head body header footer main nav section article aside div p ul ol li dl dt dd table thead tbody tfoot tr td th " +
    "caption colgroup col form fieldset legend h1 h2 h3 h4 h5 h6 hr blockquote figure figcaption address pre title meta " +
    "link script style base details summary noscript template").split(" "),
)

// Each token is an object: twelve megabytes of "<p>" would be half a gigabyte of them.
const maxTokens = 1_500_000

// indentMarkup lays a document out, two blanks a level.
export function indentMarkup(text: string, kind: MarkupKind): Markup {
  const tokens = tokenize(text, kind)
  if (!Array.isArray(tokens)) return { fault: tokens }
  const fault = pair(tokens, text, kind)
  return fault ? { fault } : { fault: null, text: print(tokens, text) }
}

function tokenize(text: string, kind: MarkupKind): Token[] | MarkupFault {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const token = text[at] === "<" ? tag(text, at, kind) : textToken(text, at)
    if (token.to === 0) return { code: "tag_open", offset: at, name: token.name }
    if (tokens.length === maxTokens) return { code: "tag_many", offset: at, name: token.name }
    tokens.push(token)
    at = token.to
    if (kind === "html" && token.kind === Kind.Open && rawText.has(token.name)) {
      const end = closing(text, token.name, at)
      if (end > at) tokens.push({ kind: Kind.Text, from: at, to: end, name: "", flows: true, pair: -1 })
      at = end
    }
  }
  return tokens
}

function closing(text: string, name: string, from: number): number {
  const found = text.slice(from).search(new RegExp(`</${name}[\\s>]`, "i"))
  return found === -1 ? text.length : from + found
}

function textToken(text: string, from: number): Token {
  const next = text.indexOf("<", from)
  const to = next === -1 ? text.length : next
  return { kind: Kind.Text, from, to, name: "", flows: /\S/.test(text.slice(from, to)), pair: -1 }
}

function tag(text: string, from: number, kind: MarkupKind): Token {
  const second = text[from + 1]
  if (second === "!" || second === "?") return declaration(text, from)
  const to = tagEnd(text, from)
  const closes = second === "/"
  const found = nameAt(text, from + (closes ? 2 : 1))
  const name = kind === "html" ? found.toLowerCase() : found
  const empty = text[to - 2] === "/" || (kind === "html" && voids.has(name))
  const flows = kind === "html" && !blocks.has(name)
  return { kind: closes ? Kind.Close : empty ? Kind.Empty : Kind.Open, from, to: name === "" ? 0 : to, name, flows, pair: -1 }
}

const declarations = [["<!--", "-->"], ["<![CDATA[", "]]>"], ["<?", "?>"], ["<!", ">"]] as const

function declaration(text: string, from: number): Token {
  const [begin, end] = declarations.find(([begin]) => text.startsWith(begin, from)) ?? declarations[3]
  const found = text.indexOf(end, from + begin.length)
  const to = found === -1 ? 0 : found + end.length
  const flows = begin === "<![CDATA["
  return { kind: flows ? Kind.Text : Kind.Other, from, to, name: begin, flows, pair: -1 }
}

const longestName = 200

function nameAt(text: string, from: number): string {
  let to = from
  for (let c = text.charCodeAt(to); c > 0x20 && c !== 0x2f && c !== 0x3e && to < from + longestName; c = text.charCodeAt(to)) to++
  return text.slice(from, to)
}

// A ">" inside a quoted attribute does not end its tag.
function tagEnd(text: string, from: number): number {
  let quote = ""
  for (let at = from + 1; at < text.length; at++) {
    const c = text[at] ?? ""
    if (quote !== "") quote = c === quote ? "" : quote
    else if (c === '"' || c === "'") quote = c
    else if (c === ">") return at + 1
  }
  return 0
}

// pair finds the close of every open tag; afterwards flows of an open tag says that
// its content must stay as it is.
function pair(tokens: Token[], text: string, kind: MarkupKind): MarkupFault | null {
  const open: number[] = []
  for (const [i, token] of tokens.entries()) {
    const parent = tokens[open.at(-1) ?? -1]
    const flows = token.flows
    if (token.kind === Kind.Open) {
      token.flows = kind === "html" ? kept.has(token.name) : keepsSpace(text, token)
      open.push(i)
    }
    if (token.kind === Kind.Close) {
      if (!parent || parent.name !== token.name) return { code: "tag_unpaired", offset: token.from, name: token.name }
      parent.pair = i
      open.pop()
    } else if (flows && parent) {
      parent.flows = true
    }
  }
  const unclosed = tokens[open.at(-1) ?? -1]
  return unclosed ? { code: "tag_unclosed", offset: unclosed.from, name: unclosed.name } : null
}

function keepsSpace(text: string, { from, to }: Token): boolean {
  return to - from > "<a xml:space".length && /xml:space\s*=\s*["']preserve/.test(text.slice(from, to))
}

function print(tokens: Token[], text: string): string {
  const lines: string[] = []
  let depth = 0
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]
    if (!token) break
    if (token.kind === Kind.Close) depth--
    const last = token.kind === Kind.Open && (token.flows || token.pair === i + 1) ? token.pair : i
    const piece = text.slice(token.from, tokens[last]?.to)
    if (token.kind !== Kind.Text || token.flows) lines.push("  ".repeat(Math.min(depth, maxIndent)) + piece.trimEnd())
    if (token.kind === Kind.Open && last === i) depth++
    i = last
  }
  return lines.join("\n")
}
