// Wraps a text into the message that a dialect makes of it, and reads it out of one again.
// Pure. The server does the same with all values; here only those that the page knows are
// filled in, and the others stay as {{name}} for a person to see.

export interface Wrapped {
  message: string
  open: string[] // values that are not filled in
}

const value = /\\\{\{|\{\{(.*?)\}\}/gs

// wrap fills a template of a text message; null when it passes the text through a filter.
export function wrap(template: string, text: string, vars: Readonly<Record<string, string>>): Wrapped | null {
  const open: string[] = []
  const isJSON = shapeOf(template) !== undefined
  const inside = (content: string) => (isJSON ? JSON.stringify(content).slice(1, -1) : content)
  let isFiltered = false
  const message = template.replace(value, (whole, expression: string | undefined) => {
    if (expression === undefined) return "{{" // a backslash before the braces makes them literal
    const name = expression.trim()
    if (name === "text") return inside(text)
    if (/^text\s*\|/.test(name)) isFiltered = true
    const known = vars[name]
    if (known !== undefined) return inside(known)
    open.push(name)
    return whole
  })
  return isFiltered ? null : { message, open }
}

// unwrap returns the text inside a message of a template, or null when there is none.
export function unwrap(template: string, message: string): string | null {
  const shape = shapeOf(template)
  if (shape === undefined) return template.trim() === "{{text}}" ? message : null
  let found: unknown
  try {
    found = JSON.parse(message)
  } catch {
    return null
  }
  return textIn(shape, found)
}

// takesText reports whether the text is a value of a template.
export function takesText(template: string): boolean {
  return /\{\{\s*text\s*[|}]/.test(template)
}

const hole = "\u0000text\u0000"

// shapeOf returns the JSON of a template with a mark at the place of the text; undefined when
// it is no JSON.
function shapeOf(template: string): unknown {
  const filled = template.replace(value, (_, expression: string | undefined) => (expression === undefined ? "{{" : expression.trim() === "text" ? "\\u0000text\\u0000" : "0"))
  try {
    return JSON.parse(filled)
  } catch {
    return undefined
  }
}

function textIn(shape: unknown, found: unknown): string | null {
  if (typeof shape === "string") {
    const at = shape.indexOf(hole)
    if (at < 0 || typeof found !== "string") return null
    const [before, behind] = [shape.slice(0, at), shape.slice(at + hole.length)]
    const isThere = found.startsWith(before) && found.endsWith(behind) && found.length >= before.length + behind.length
    return isThere ? found.slice(before.length, found.length - behind.length) : null
  }
  if (typeof shape !== "object" || shape === null || typeof found !== "object" || found === null) return null
  for (const [key, inner] of Object.entries(shape)) {
    const text = textIn(inner, (found as Record<string, unknown>)[key])
    if (text !== null) return text
  }
  return null
}
