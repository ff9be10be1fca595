// Indents XML and HTML between tags of elements that hold no text of their own.
// Elements that hold text or keep white space (pre, script, xml:space) are copied
// unchanged. End tags that HTML allows to omit are understood, and not added. A document with
// other unpaired tags is not indented.

import { endedBy, optionalEnd } from "./html"
import { maxIndent } from "./indent"
import { rawTextElements, rawTextEnd, tokenAt, TokenType, voidElements, type MarkupKind, type Token } from "./tokens"

// MarkupFault is the reason that a document was not indented, with its place.
export type MarkupFault = { code: "tag_open" | "tag_unpaired" | "tag_unclosed" | "tag_many"; offset: number; name: string }

export type Markup = { fault: null; text: string } | { fault: MarkupFault }

const blockElements = new Set(
  ("html head body header footer main nav section article aside div p ul ol li dl dt dd table thead tbody tfoot tr td th " +
    "caption colgroup col form fieldset legend h1 h2 h3 h4 h5 h6 hr blockquote figure figcaption address pre title meta " +
    "link script style base details summary noscript template").split(" "),
)

// Each piece is an object: twelve megabytes of "<p>" would need half a gigabyte.
const maxTokens = 1_500_000

// Piece is a token of a document. An inline piece makes its parent keep its content, as
// does isKept of an element; end is the index of the first piece behind its content, which is
// its end tag when it hasEnd.
type Piece = Token & { isElement: boolean; isInline: boolean; isKept: boolean; end: number; hasEnd: boolean }

// indentMarkup indents a document by two blanks a level.
export function indentMarkup(text: string, kind: MarkupKind): Markup {
  const pieces = split(text, kind)
  if (!Array.isArray(pieces)) return { fault: pieces }
  const fault = pairTags(pieces, kind === "html")
  return fault ? { fault } : { fault: null, text: print(pieces, text) }
}

function split(text: string, kind: MarkupKind): Piece[] | MarkupFault {
  const pieces: Piece[] = []
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at, kind)
    const isStray = token.type === TokenType.Text && text[at] === "<"
    if (token.to === 0 || isStray) return { code: "tag_open", offset: at, name: token.name }
    if (pieces.length >= maxTokens) return { code: "tag_many", offset: at, name: token.name }
    const piece = pieceOf(token, text, kind)
    pieces.push(piece)
    at = token.to
    if (kind === "html" && piece.isElement && rawTextElements.has(token.name)) {
      const found = rawTextEnd(text, token.name, at)
      const to = found === -1 ? text.length : found
      if (to > at) pieces.push({ type: TokenType.Text, from: at, to, name: "", isSelfClosing: false, isElement: false, isInline: true, isKept: false, end: -1, hasEnd: false })
      at = to
    }
  }
  return pieces
}

function pieceOf(token: Token, text: string, kind: MarkupKind): Piece {
  const { type, from, to, name } = token
  const isTag = type === TokenType.Start || type === TokenType.End
  const isElement = type === TokenType.Start && !token.isSelfClosing && !(kind === "html" && voidElements.has(name))
  const isInline = isTag ? kind === "html" && !blockElements.has(name) : type === TokenType.CData || (type === TokenType.Text && /\S/.test(text.slice(from, to)))
  return { ...token, isElement, isInline, isKept: isElement && keepsSpace(token, text, kind), end: -1, hasEnd: false }
}

function keepsSpace({ from, to, name }: Token, text: string, kind: MarkupKind): boolean {
  if (kind === "html") return name === "pre" || rawTextElements.has(name)
  return to - from > "<a xml:space".length && /xml:space\s*=\s*["']preserve/.test(text.slice(from, to))
}

// pairTags finds the end of every element and keeps the content of those that hold inline
// pieces.
function pairTags(pieces: Piece[], mayOmit: boolean): MarkupFault | null {
  const open: number[] = []
  const parent = (): Piece | undefined => pieces[open.at(-1) ?? -1]
  const leave = (end: number, hasEnd: boolean): void => {
    const element = pieces[open.pop() ?? -1]
    if (element) Object.assign(element, { end, hasEnd })
  }
  const mayLeave = (): boolean => mayOmit && optionalEnd.has(parent()?.name ?? "")
  for (const [i, piece] of pieces.entries()) {
    if (piece.type === TokenType.End) {
      while (parent()?.name !== piece.name && mayLeave()) leave(i, false)
      if (parent()?.name !== piece.name) return { code: "tag_unpaired", offset: piece.from, name: piece.name }
      leave(i, true)
      continue
    }
    if (mayOmit && piece.type === TokenType.Start) while (endedBy.get(parent()?.name ?? "")?.has(piece.name)) leave(i, false)
    if (piece.isInline) {
      const around = parent()
      if (around) around.isKept = true
    }
    if (piece.isElement) open.push(i)
  }
  while (mayLeave()) leave(pieces.length, false)
  const unclosed = parent()
  return unclosed ? { code: "tag_unclosed", offset: unclosed.from, name: unclosed.name } : null
}

function print(pieces: Piece[], text: string): string {
  const lines: string[] = []
  const open: number[] = [] // ends of the elements around
  for (let i = 0; i < pieces.length; i++) {
    while (open.length > 0 && (open.at(-1) ?? 0) <= i) open.pop()
    const piece = pieces[i]
    if (!piece) break
    const isWhole = piece.isElement && (piece.isKept || piece.end === i + 1)
    const last = isWhole ? (piece.hasEnd ? piece.end : piece.end - 1) : i
    const isBlank = piece.type === TokenType.Text && !piece.isInline
    if (!isBlank) lines.push("  ".repeat(Math.min(open.length, maxIndent)) + text.slice(piece.from, pieces[last]?.to).trimEnd())
    if (piece.isElement && !isWhole) open.push(piece.end)
    i = last
  }
  return lines.join("\n")
}
