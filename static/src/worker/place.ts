// Faults in a draft and their positions.

// Flaw is a fault at an offset in UTF-16 units; name is the tag or attribute, or "".
export type Flaw<Code extends string> = { code: Code; offset: number; name: string }

// textPosition returns the line and column of an offset, from 1; columns count characters.
export function textPosition(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let from = 0
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++
    from = at + 1
  }
  return { line, column: [...text.slice(from, offset)].length + 1 }
}

// Cursor reads a text from start to end.
export class Cursor {
  at = 0

  constructor(readonly text: string) {}

  get ended(): boolean {
    return this.at >= this.text.length
  }

  // take advances past a match of a sticky pattern and returns it, or null.
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found
  }

  // sees reports whether the text continues with a word.
  sees(word: string): boolean {
    return this.text.startsWith(word, this.at)
  }

  // pass advances past the next occurrence of a word and reports whether there is one.
  pass(word: string, from = this.at): boolean {
    const found = this.text.indexOf(word, from)
    if (found !== -1) this.at = found + word.length
    return found !== -1
  }
}
