// Halves of surrogate pairs: UTF-16 can hold one alone, UTF-8 cannot. A browser puts
// U+FFFD in its place without a word when it encodes a text. Pure.

export interface Lone {
  unit: string // U+D83D
  at: number // of the character that is half of a pair, counted from 1
  line: number
  column: number
  count: number // of all such characters
}

const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

// loneIn finds the first character that is half of a pair; null when all are whole.
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
