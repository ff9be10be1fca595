// Checks that a text is well-formed XML (XML 1.0, section 2.1). DOCTYPE declarations are
// not read: an entity that one might declare is accepted.

import { Cursor, type Flaw } from "./place"

export type XMLCode =
  | "root_missing" | "root_second" | "outside" | "tag_name" | "tag_open" | "tag_unpaired" | "tag_expected" | "tag_unclosed"
  | "attribute_name" | "attribute_value" | "attribute_open" | "attribute_twice" | "attribute_less"
  | "entity" | "entity_unknown" | "character" | "comment" | "section_open" | "cdata_end" | "declaration" | "doctype"

// checkXML returns the first fault of a text, or null.
export function checkXML(text: string): Flaw<XMLCode> | null {
  return new Checker(text).checkMarkup()
}

const start = ":A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}"
const nameText = `[${start}][${start}.\\-0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040]*`
const name = new RegExp(nameText, "yu")
const reference = new RegExp(`&(?:#(\\d+)|#x([0-9a-fA-F]+)|(${nameText}));`, "yu")
const blanks = /[ \t\r\n]*/y
const tagEnd = />/y
const emptyEnd = /\/>/y
const equals = /[ \t\r\n]*=[ \t\r\n]*/y
const odd = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff"
const content = new RegExp(`[^<&\\]${odd}]*`, "y")
const inQuotes = { '"': new RegExp(`[^"<&${odd}]*`, "y"), "'": new RegExp(`[^'<&${odd}]*`, "y") }
const predefined = new Set(["amp", "lt", "gt", "apos", "quot"])

class Checker {
  private cursor: Cursor
  private open: { name: string; at: number }[] = []
  private rooted = false
  private typed = false // a DOCTYPE was seen, which may declare entities
  private begin = 0

  constructor(text: string) {
    this.cursor = new Cursor(text)
    if (text.startsWith("\ufeff")) this.begin = this.cursor.at = 1
  }

  checkMarkup(): Flaw<XMLCode> | null {
    const { cursor } = this
    while (!cursor.ended) {
      const flaw = cursor.sees("<") ? this.markup() : this.characters()
      if (flaw) return flaw
    }
    const unclosed = this.open.at(-1)
    if (unclosed) return flaw("tag_unclosed", unclosed.at, unclosed.name)
    return this.rooted ? null : flaw("root_missing", cursor.at)
  }

  private characters(): Flaw<XMLCode> | null {
    const { cursor } = this
    if (this.open.length === 0) {
      cursor.take(blanks)
      return cursor.ended || cursor.sees("<") ? null : flaw("outside", cursor.at)
    }
    cursor.take(content)
    if (cursor.ended || cursor.sees("<")) return null
    if (cursor.sees("&")) return this.reference()
    if (!cursor.sees("]")) return flaw("character", cursor.at)
    if (cursor.sees("]]>")) return flaw("cdata_end", cursor.at)
    cursor.at++
    return null
  }

  private reference(): Flaw<XMLCode> | null {
    const from = this.cursor.at
    const found = this.cursor.take(reference)
    if (!found) return flaw("entity", from)
    const [whole, decimal, hex, named] = found
    if (named) return predefined.has(named) || this.typed ? null : flaw("entity_unknown", from, named)
    return isCharacter(hex ? parseInt(hex, 16) : Number(decimal)) ? null : flaw("entity_unknown", from, whole.slice(1, -1))
  }

  private markup(): Flaw<XMLCode> | null {
    const { cursor } = this
    if (cursor.sees("<!--")) return this.comment()
    if (cursor.sees("<![CDATA[")) return this.open.length === 0 ? flaw("outside", cursor.at) : this.section("]]>", "CDATA")
    if (cursor.sees("<?")) return this.instruction()
    if (cursor.sees("<!DOCTYPE")) return this.doctype()
    return cursor.sees("</") ? this.endTag() : this.startTag()
  }

  // A comment may contain two hyphens only at its end.
  private comment(): Flaw<XMLCode> | null {
    const from = this.cursor.at
    const found = this.cursor.pass("--", from + 4)
    if (!found || !this.cursor.sees(">")) return flaw("comment", found ? this.cursor.at - 2 : from)
    this.cursor.at++
    return null
  }

  private section(end: string, what: string): Flaw<XMLCode> | null {
    const from = this.cursor.at
    return this.cursor.pass(end) ? null : flaw("section_open", from, what)
  }

  private instruction(): Flaw<XMLCode> | null {
    const from = this.cursor.at
    this.cursor.at += 2
    const found = this.cursor.take(name)?.[0] ?? ""
    if (found === "" || (found.toLowerCase() === "xml" && from !== this.begin)) return flaw("declaration", from)
    return this.cursor.pass("?>") ? null : flaw("section_open", from, found)
  }

  // A ">" in quotes, in a comment or between brackets does not end it.
  private doctype(): Flaw<XMLCode> | null {
    const { cursor } = this
    const from = cursor.at
    if (this.rooted || this.typed) return flaw("doctype", from)
    this.typed = true
    for (let depth = 0; !cursor.ended; ) {
      const c = cursor.text[cursor.at] ?? ""
      if (cursor.sees("<!--")) {
        if (!cursor.pass("-->", cursor.at + 4)) break
        continue
      }
      if ((c === '"' || c === "'") && !cursor.pass(c, cursor.at + 1)) break
      if (c === '"' || c === "'") continue
      cursor.at++
      if (c === "[") depth++
      else if (c === "]") depth--
      else if (c === ">" && depth === 0) return null
    }
    return flaw("doctype", from)
  }

  private endTag(): Flaw<XMLCode> | null {
    const { cursor } = this
    const from = cursor.at
    cursor.at += 2
    const found = cursor.take(name)?.[0]
    if (found === undefined) return flaw("tag_name", from)
    const expected = this.open.pop()
    if (!expected) return flaw("tag_unpaired", from, found)
    if (expected.name !== found) return flaw("tag_expected", from, expected.name)
    cursor.take(blanks)
    if (!cursor.sees(">")) return flaw("tag_open", from, found)
    cursor.at++
    return null
  }

  private startTag(): Flaw<XMLCode> | null {
    const { cursor } = this
    const from = cursor.at++
    const found = cursor.take(name)?.[0]
    if (found === undefined) return flaw("tag_name", from)
    if (this.open.length === 0 && this.rooted) return flaw("root_second", from, found)
    this.rooted = true
    const seen = new Set<string>()
    for (;;) {
      const gap = cursor.take(blanks)?.[0] ?? ""
      if (cursor.ended) return flaw("tag_open", from, found)
      if (cursor.take(emptyEnd)) return null
      if (cursor.take(tagEnd)) break
      const wrong = gap === "" ? flaw("attribute_name", cursor.at, found) : this.attribute(seen, found)
      if (wrong) return wrong
    }
    this.open.push({ name: found, at: from })
    return null
  }

  private attribute(seen: Set<string>, tag: string): Flaw<XMLCode> | null {
    const { cursor } = this
    const from = cursor.at
    const found = cursor.take(name)?.[0]
    if (found === undefined) return flaw("attribute_name", from, tag)
    if (seen.has(found)) return flaw("attribute_twice", from, found)
    seen.add(found)
    if (!cursor.take(equals)) return flaw("attribute_value", from, found)
    const quote = cursor.text[cursor.at]
    if (quote !== '"' && quote !== "'") return flaw("attribute_value", from, found)
    cursor.at++
    return this.value(quote, found, from)
  }

  private value(quote: '"' | "'", attribute: string, from: number): Flaw<XMLCode> | null {
    const { cursor } = this
    for (;;) {
      cursor.take(inQuotes[quote])
      if (cursor.ended) return flaw("attribute_open", from, attribute)
      if (cursor.sees("<")) return flaw("attribute_less", cursor.at, attribute)
      if (cursor.sees(quote)) break
      const wrong = cursor.sees("&") ? this.reference() : flaw("character", cursor.at)
      if (wrong) return wrong
    }
    cursor.at++
    return null
  }
}

function flaw(code: XMLCode, offset: number, about = ""): Flaw<XMLCode> {
  return { code, offset, name: about }
}

// isCharacter reports whether a character reference may name a code point (XML 1.0, 2.2).
function isCharacter(c: number): boolean {
  return c === 9 || c === 10 || c === 13 || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff)
}
