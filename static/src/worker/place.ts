// What is wrong with a text that is being written, and where.

// Flaw is a fault at an offset in UTF-16 units; name is what it is about, or "".
export type Flaw<Code extends string> = { code: Code; offset: number; name: string }

// textPosition is the line and column, from 1, of an offset; columns count characters.
export function textPosition(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let from = 0
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++
    from = at + 1
  }
  return { line, column: [...text.slice(from, offset)].length + 1 }
}

// Cursor reads a text from its beginning to its end.
export class Cursor {
  at = 0

  constructor(readonly text: string) {}

  get ended(): boolean {
    return this.at >= this.text.length
  }

  // take moves over what a sticky pattern matches here and returns it, or null.
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found
  }

  // sees reports whether a word stands here.
  sees(word: string): boolean {
    return this.text.startsWith(word, this.at)
  }

  // pass moves behind the next place of a word, and returns false when there is none.
  pass(word: string, from = this.at): boolean {
    const found = this.text.indexOf(word, from)
    if (found !== -1) this.at = found + word.length
    return found !== -1
  }
}
