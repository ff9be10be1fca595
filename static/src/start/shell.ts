// Splits a pasted command into words as a POSIX shell does. Pure.

export interface Word {
  text: string
  open: boolean // a variable of the shell is left in it
}

export type Words = { words: Word[]; error: null } | { words: null; error: string }

// splitWords returns the words up to the end of the first command of each line of a pipe; the
// commands of a pipe are separated by a word with the text "|". The error is the text from a
// quote that is not closed.
export function splitWords(command: string): Words {
  const words: Word[] = []
  let text = ""
  let open = false
  let begun = false
  const end = () => {
    if (begun) words.push({ text, open })
    text = ""
    open = begun = false
  }
  for (let at = 0; at < command.length; at++) {
    const char = command[at] ?? ""
    const next = command[at + 1] ?? ""
    if ((char === "\\" || char === "^" || char === "`") && /[\r\n]/.test(next)) at += command.startsWith("\r\n", at + 1) ? 2 : 1 // the command goes on in the next line
    else if (char === "\\") {
      text += next
      begun = true
      at++
    } else if (char === "'" || (char === "$" && next === "'")) {
      const from = char === "$" ? at + 2 : at + 1
      const to = char === "$" ? endOfEscaped(command, from) : command.indexOf("'", from)
      if (to < 0) return { words: null, error: command.slice(at) }
      text += char === "$" ? unescaped(command.slice(from, to)) : command.slice(from, to)
      begun = true
      at = to
    } else if (char === '"') {
      const to = endOfDouble(command, at + 1)
      if (to < 0) return { words: null, error: command.slice(at) }
      const inner = command.slice(at + 1, to)
      open ||= hasVariable(inner)
      text += inner.replace(/\\(?:\r?\n|(["\\$`]))/g, "$1")
      begun = true
      at = to
    } else if (char === "|" || char === ";" || (char === "&" && next === "&")) {
      end()
      words.push({ text: "|", open: false })
      if (next === char) at++
    } else if (/\s/.test(char)) {
      end()
      if (char === "\n") words.push({ text: "|", open: false })
    } else {
      open ||= char === "$" && /[A-Za-z_{(]/.test(next)
      text += char
      begun = true
    }
  }
  end()
  return { words, error: null }
}

function endOfDouble(command: string, from: number): number {
  for (let at = from; at < command.length; at++) {
    if (command[at] === "\\") at++
    else if (command[at] === '"') return at
  }
  return -1
}

function endOfEscaped(command: string, from: number): number {
  for (let at = from; at < command.length; at++) {
    if (command[at] === "\\") at++
    else if (command[at] === "'") return at
  }
  return -1
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t" }

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|.)/gis, (_, code: string) =>
    /^[xu]./i.test(code) ? String.fromCharCode(parseInt(code.slice(1), 16)) : escapes[code] ?? code)
}

function hasVariable(text: string): boolean {
  return /(^|[^\\])\$[A-Za-z_{(]/.test(text)
}
