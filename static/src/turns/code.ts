// Indented text with numbered lines; JSON is coloured.

import { visibleLines } from "../text"
import { element } from "../ui"

const most = 400 // lines

const token = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b)|([{}[\],])/g

// codeLines returns the lines. The sheet numbers them, each beside its first row.
export function codeLines(text: string): HTMLElement[] {
  const lines = text.replace(/\n$/, "").split("\n")
  const shown = lines.slice(0, most)
  if (lines.length > most) shown.push("…")
  const isJSON = /^\s*[{[]/.test(text)
  const code = element("pre", {})
  for (const line of shown) {
    code.append(element("span", { class: "code-line" }, ...(isJSON && line.length < 2000 ? tinted(line) : [visibleLines(line)]), "\n"))
  }
  return [code]
}

function tinted(line: string): (Node | string)[] {
  const parts: (Node | string)[] = []
  let at = 0
  for (const match of line.matchAll(token)) {
    const [whole, text, colon, value] = match
    if (match.index > at) parts.push(visibleLines(line.slice(at, match.index)))
    if (text) parts.push(element("span", { class: colon ? "j-k" : "j-s" }, visibleLines(text)), colon ?? "")
    else parts.push(element("span", { class: value ? "j-n" : "j-p" }, whole))
    at = match.index + whole.length
  }
  parts.push(visibleLines(line.slice(at)))
  return parts
}
