// Splits XML and HTML into tags, text, comments and declarations.

export type MarkupKind = "xml" | "html"

export enum TokenType { Start, End, Text, Comment, CData, Declaration }

// Token is text[from..to]; to is 0 when the text ends inside it. A "<" that begins
// nothing is a Text token of its own. name is that of a tag, lower case in HTML.
export type Token = { type: TokenType; from: number; to: number; name: string; isSelfClosing: boolean }

const setOf = (text: string): ReadonlySet<string> => new Set(text.split(" "))

// Elements without content (HTML, section 13.1.2).
export const voidElements = setOf("area base br col embed hr img input link meta param source track wbr")

// Elements that contain only text, up to their end tag.
export const rawTextElements = setOf("script style textarea title")

const xmlMarkup = [["<!--", "-->", TokenType.Comment], ["<![CDATA[", "]]>", TokenType.CData], ["<?", "?>", TokenType.Declaration], ["<!", ">", TokenType.Declaration]] as const
const htmlMarkup = [["<!--", "-->", TokenType.Comment], ["<![CDATA[", ">", TokenType.CData], ["<?", ">", TokenType.Declaration], ["<!", ">", TokenType.Declaration]] as const

const tagStart = { xml: /<\/?[^\s/>!?]/y, html: /<(?:[A-Za-z]|\/)/y }
const tagName = { xml: /[^\s/>]*/y, html: /(?:[A-Za-z][^\s/>]*)?/y }
const between = /[\s/]*/y
const attribute = /([^\s/>=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|(?!["'])[^\s>]*))?/y

// tokenAt returns the token that begins at an offset. onAttribute is called with the
// name and offset of each attribute of a start tag.
export function tokenAt(text: string, from: number, kind: MarkupKind, onAttribute?: (name: string, at: number) => void): Token {
  if (text[from] !== "<") {
    const next = text.indexOf("<", from)
    return token(TokenType.Text, from, next === -1 ? text.length : next)
  }
  const second = text[from + 1]
  if (second === "!" || second === "?") {
    for (const [begin, end, type] of kind === "xml" ? xmlMarkup : htmlMarkup) {
      if (text.startsWith(begin, from)) return token(type, from, endOf(text, end, from + begin.length))
    }
  }
  if (!match(tagStart[kind], text, from)) return token(TokenType.Text, from, from + 1)
  const isEnd = second === "/"
  const nameFrom = from + (isEnd ? 2 : 1)
  const found = match(tagName[kind], text, nameFrom)?.[0] ?? ""
  const name = kind === "html" ? found.toLowerCase() : found
  if (isEnd) return token(TokenType.End, from, endOf(text, ">", nameFrom + found.length), name)
  return startTag(text, from, nameFrom + found.length, name, onAttribute)
}

function startTag(text: string, from: number, attributes: number, name: string, onAttribute?: (name: string, at: number) => void): Token {
  for (let at = attributes; ; ) {
    const gap = match(between, text, at)?.[0] ?? ""
    at += gap.length
    if (text[at] === ">") return token(TokenType.Start, from, at + 1, name, gap.endsWith("/"))
    const found = match(attribute, text, at)
    if (!found || at + found[0].length >= text.length) return token(TokenType.Start, from, 0, name)
    onAttribute?.(found[1] ?? "", at)
    at += found[0].length
  }
}

// rawTextEnd returns the offset of the end tag of a raw text element, or -1.
export function rawTextEnd(text: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, "gi")
  end.lastIndex = from
  return end.exec(text)?.index ?? -1
}

function token(type: TokenType, from: number, to: number, name = "", isSelfClosing = false): Token {
  return { type, from, to, name, isSelfClosing }
}

// endOf returns the offset after the next end, or 0.
function endOf(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from)
  return found === -1 ? 0 : found + end.length
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
