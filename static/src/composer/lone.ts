// Lone surrogates: UTF-16 can hold one, UTF-8 cannot. A browser silently encodes it as
// U+FFFD. Pure.

export interface Lone {
  unit: string // U+D83D
  at: number // position of the character, from 1
  line: number
  column: number
  count: number // of all such characters
}

const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

// loneIn returns the first lone surrogate of a text, or null.
export function loneIn(text: string): Lone | null {
  if (text.isWellFormed()) return null
  half.lastIndex = 0
  const index = half.exec(text)?.index ?? 0
  const before = text.slice(0, index)
  const lineStart = before.lastIndexOf("\n") + 1
  return {
    unit: `U+${text.charCodeAt(index).toString(16).toUpperCase()}`,
    at: [...before].length + 1,
    line: before.split("\n").length,
    column: [...before.slice(lineStart)].length + 1,
    count: text.match(half)?.length ?? 1,
  }
}
