// Indented text with numbered lines; JSON is coloured.

import { visibleLines } from "../text"
import { element } from "../ui"

const most = 400 // lines

const token = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b)|([{}[\],])/g

// codeLines returns the numbers of the lines, and the lines.
export function codeLines(text: string): HTMLElement[] {
  const lines = text.replace(/\n$/, "").split("\n")
  const shown = lines.slice(0, most)
  if (lines.length > most) shown.push("…")
  const isJSON = /^\s*[{[]/.test(text)
  const code = element("pre", {})
  for (const [index, line] of shown.entries()) {
    if (index > 0) code.append("\n")
    if (isJSON && line.length < 2000) code.append(...tinted(line))
    else code.append(visibleLines(line))
  }
  return [element("span", { class: "gutter", "aria-hidden": "true" }, shown.map((_, index) => String(index + 1)).join("\n")), code]
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
