// Says where a text is not HTML as it was meant: a tag, a comment or an element that
// never ends, an end tag that ends nothing. A browser repairs these, each in its own
// place; end tags that may be left out (HTML, section 13.1.2.4) are not missed.

import { Cursor, type Flaw } from "./place"

export type HTMLCode = "tag_open" | "tag_unpaired" | "tag_expected" | "tag_unclosed" | "attribute_twice" | "comment"

// checkHTML returns the first fault of a text, or null.
export function checkHTML(text: string): Flaw<HTMLCode> | null {
  return new Checker(text).run()
}

const setOf = (text: string): ReadonlySet<string> => new Set(text.split(" "))

const voids = setOf("area base br col embed hr img input link meta param source track wbr")
const rawText = setOf("script style textarea title")
const optional = setOf("html head body p li dt dd option optgroup rb rt rtc rp caption colgroup thead tbody tfoot tr td th")
const blocks =
  "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table ul"

// What a start tag ends when it stands directly in it.
const endedBy: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["p", setOf(blocks)], ["li", setOf("li")], ["dt", setOf("dt dd")], ["dd", setOf("dt dd")],
  ["option", setOf("option optgroup hr")], ["optgroup", setOf("optgroup hr")],
  ["rb", setOf("rb rt rtc rp")], ["rt", setOf("rb rt rtc rp")], ["rtc", setOf("rb rtc rp")], ["rp", setOf("rb rt rtc rp")],
  ["caption", setOf("colgroup thead tbody tfoot tr")], ["colgroup", setOf("colgroup thead tbody tfoot tr")],
  ["thead", setOf("tbody tfoot")], ["tbody", setOf("tbody tfoot")], ["tfoot", setOf("tbody")],
  ["tr", setOf("tr tbody tfoot")], ["td", setOf("td th tr tbody tfoot")], ["th", setOf("td th tr tbody tfoot")],
  ["head", setOf("body")],
])

const tagName = /[A-Za-z][^\s/>]*/y
const tagEnd = />/y
const between = /[\s/]*/y
const attribute = /([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"[^"]*"|'[^']*'|(?!["'])[^\s>]*))?/y
const notTag = /[^<]+|<(?![A-Za-z/!?])/y

class Checker {
  private cursor: Cursor
  private open: { name: string; at: number }[] = []
  private opened = new Map<string, number>() // how often a name is among them

  constructor(text: string) {
    this.cursor = new Cursor(text)
  }

  run(): Flaw<HTMLCode> | null {
    while (!this.cursor.ended) {
      if (this.cursor.take(notTag)) continue
      const flaw = this.markup()
      if (flaw) return flaw
    }
    const unclosed = this.open.findLast((element) => !optional.has(element.name))
    return unclosed ? { code: "tag_unclosed", offset: unclosed.at, name: unclosed.name } : null
  }

  private markup(): Flaw<HTMLCode> | null {
    const { cursor } = this
    const from = cursor.at
    if (cursor.sees("<!--")) return cursor.pass("-->", from + 4) ? null : { code: "comment", offset: from, name: "" }
    if (cursor.sees("</")) return this.endTag()
    if (!cursor.sees("<!") && !cursor.sees("<?")) return this.startTag()
    return cursor.pass(">") ? null : { code: "tag_open", offset: from, name: "" }
  }

  private startTag(): Flaw<HTMLCode> | null {
    const { cursor } = this
    const from = cursor.at++
    const name = (cursor.take(tagName)?.[0] ?? "").toLowerCase()
    const seen = new Set<string>()
    let gap = ""
    for (;;) {
      gap = cursor.take(between)?.[0] ?? ""
      if (cursor.take(tagEnd)) break
      const at = cursor.at
      const found = cursor.take(attribute)?.[1]?.toLowerCase()
      if (found === undefined || cursor.ended) return { code: "tag_open", offset: from, name }
      if (seen.has(found)) return { code: "attribute_twice", offset: at, name: found }
      seen.add(found)
    }
    this.enter(name, from, gap.endsWith("/"))
    return rawText.has(name) ? this.rawText(name, from) : null
  }

  // enter opens an element. Only in SVG and MathML does a slash end it.
  private enter(name: string, at: number, slash: boolean): void {
    const foreign = name === "svg" || name === "math" || this.has("svg") || this.has("math")
    if (voids.has(name) || rawText.has(name) || (slash && foreign)) return
    while (endedBy.get(this.open.at(-1)?.name ?? "")?.has(name)) this.leave()
    this.open.push({ name, at })
    this.opened.set(name, (this.opened.get(name) ?? 0) + 1)
  }

  private leave(): string {
    const name = this.open.pop()?.name ?? ""
    this.opened.set(name, (this.opened.get(name) ?? 0) - 1)
    return name
  }

  private has(name: string): boolean {
    return (this.opened.get(name) ?? 0) > 0
  }

  private rawText(name: string, from: number): Flaw<HTMLCode> | null {
    const end = new RegExp(`</${name}[\\s/>]`, "gi")
    end.lastIndex = this.cursor.at
    const found = end.exec(this.cursor.text)
    if (!found || !this.cursor.pass(">", found.index)) return { code: "tag_unclosed", offset: from, name }
    return null
  }

  private endTag(): Flaw<HTMLCode> | null {
    const { cursor } = this
    const from = cursor.at
    cursor.at += 2
    const name = (cursor.take(tagName)?.[0] ?? "").toLowerCase()
    if (!cursor.pass(">")) return { code: "tag_open", offset: from, name: `/${name}` }
    if (!this.has(name)) return { code: "tag_unpaired", offset: from, name }
    for (;;) {
      const last = this.leave()
      if (last === name) return null
      if (!optional.has(last)) return { code: "tag_expected", offset: from, name: last }
    }
  }
}
