// Checks HTML for tags, comments and elements without an end, and for end tags without a
// start. Browsers repair these, each in its own place. End tags that may be omitted (HTML,
// section 13.1.2.4) are no fault.

import type { Flaw } from "./place"
import { rawTextElements, rawTextEnd, tokenAt, TokenType, voidElements, type Token } from "./tokens"

export type HTMLCode = "tag_open" | "tag_unpaired" | "tag_expected" | "tag_unclosed" | "attribute_twice" | "comment"

// checkHTML returns the first fault of a text, or null.
export function checkHTML(text: string): Flaw<HTMLCode> | null {
  return new Checker(text).checkMarkup()
}

const setOf = (text: string): ReadonlySet<string> => new Set(text.split(" "))

// Elements whose end tag may be omitted.
export const optionalEnd = setOf("html head body p li dt dd option optgroup rb rt rtc rp caption colgroup thead tbody tfoot tr td th")
const paragraphEnders =
  "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table ul"

// The start tags that end an element directly around them.
export const endedBy: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["p", setOf(paragraphEnders)], ["li", setOf("li")], ["dt", setOf("dt dd")], ["dd", setOf("dt dd")],
  ["option", setOf("option optgroup hr")], ["optgroup", setOf("optgroup hr")],
  ["rb", setOf("rb rt rtc rp")], ["rt", setOf("rb rt rtc rp")], ["rtc", setOf("rb rtc rp")], ["rp", setOf("rb rt rtc rp")],
  ["caption", setOf("colgroup thead tbody tfoot tr")], ["colgroup", setOf("colgroup thead tbody tfoot tr")],
  ["thead", setOf("tbody tfoot")], ["tbody", setOf("tbody tfoot")], ["tfoot", setOf("tbody")],
  ["tr", setOf("tr tbody tfoot")], ["td", setOf("td th tr tbody tfoot")], ["th", setOf("td th tr tbody tfoot")],
  ["head", setOf("body")],
])

class Checker {
  private at = 0
  private open: { name: string; at: number }[] = []
  private openCount = new Map<string, number>() // open elements by name
  private attributes = new Set<string>()
  private duplicate: { name: string; at: number } | null = null

  constructor(private readonly text: string) {}

  checkMarkup(): Flaw<HTMLCode> | null {
    const onAttribute = (name: string, at: number): void => this.addAttribute(name.toLowerCase(), at)
    while (this.at < this.text.length) {
      this.attributes.clear()
      const flaw = this.checkToken(tokenAt(this.text, this.at, "html", onAttribute))
      if (flaw) return flaw
    }
    const unclosed = this.open.findLast((element) => !optionalEnd.has(element.name))
    return unclosed ? { code: "tag_unclosed", offset: unclosed.at, name: unclosed.name } : null
  }

  private checkToken(token: Token): Flaw<HTMLCode> | null {
    const { type, from, to, name } = token
    if (this.duplicate) return { code: "attribute_twice", offset: this.duplicate.at, name: this.duplicate.name }
    if (to === 0) return { code: type === TokenType.Comment ? "comment" : "tag_open", offset: from, name: type === TokenType.End ? `/${name}` : name }
    this.at = to
    if (type === TokenType.End) return this.endTag(token)
    if (type !== TokenType.Start) return null
    if (rawTextElements.has(name)) return this.rawText(token)
    this.enter(token)
    return null
  }

  private addAttribute(name: string, at: number): void {
    if (this.attributes.has(name)) this.duplicate ??= { name, at }
    this.attributes.add(name)
  }

  // enter opens an element. A slash ends it only in SVG and MathML.
  private enter({ name, from, isSelfClosing }: Token): void {
    const isForeign = name === "svg" || name === "math" || this.isOpen("svg") || this.isOpen("math")
    if (voidElements.has(name) || (isSelfClosing && isForeign)) return
    while (endedBy.get(this.open.at(-1)?.name ?? "")?.has(name)) this.leave()
    this.open.push({ name, at: from })
    this.openCount.set(name, (this.openCount.get(name) ?? 0) + 1)
  }

  private leave(): string {
    const name = this.open.pop()?.name ?? ""
    this.openCount.set(name, (this.openCount.get(name) ?? 0) - 1)
    return name
  }

  private isOpen(name: string): boolean {
    return (this.openCount.get(name) ?? 0) > 0
  }

  private rawText({ name, from }: Token): Flaw<HTMLCode> | null {
    const end = rawTextEnd(this.text, name, this.at)
    const after = end === -1 ? 0 : tokenAt(this.text, end, "html").to
    if (after === 0) return { code: "tag_unclosed", offset: from, name }
    this.at = after
    return null
  }

  private endTag({ name, from }: Token): Flaw<HTMLCode> | null {
    if (!this.isOpen(name)) return { code: "tag_unpaired", offset: from, name }
    for (;;) {
      const last = this.leave()
      if (last === name) return null
      if (!optionalEnd.has(last)) return { code: "tag_expected", offset: from, name: last }
    }
  }
}
