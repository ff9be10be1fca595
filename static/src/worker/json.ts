// Checks JSON in its bytes and records the positions of its values on a tape, without
// building them. Numbers of twenty digits, duplicate keys and 100,000 levels of nesting
// are kept unchanged.

// Fault is the first syntax error of a document (RFC 8259) and its position.
export type Fault = { code: FaultCode; offset: number; line: number; column: number }

export type FaultCode =
  | "value_expected" | "key_expected" | "colon_expected" | "comma_expected" | "comma_trailing"
  | "unclosed" | "string_open" | "string_control" | "string_escape" | "number" | "literal" | "trailing"

// Tape holds the values of a document as columns, in the order in which they begin. A
// child follows its parent; next is the first value after a value and all it contains.
export type Tape = {
  length: number
  kind: Uint8Array<ArrayBuffer> // first byte of the value: { [ " - or digit, t f n
  key: Column32 // offset of the opening quote of its key; 0 = no key
  start: Column32
  end: Column32
  next: Column32
  parent: Column32 // 0 for the root
}

// Scan is a checked document; tape is null when the document exceeds the limit of values.
export type Scan = { fault: null; tape: Tape | null; depth: number } | { fault: Fault; tape: null; depth: number }

// maxValues is the largest number of values on a tape, at 21 bytes each.
export const maxValues = 4_000_000

export const openBrace = 0x7b, closeBrace = 0x7d, openBracket = 0x5b, closeBracket = 0x5d
export const quote = 0x22, comma = 0x2c, colon = 0x3a
const backslash = 0x5c, minus = 0x2d

enum Mode { Value, ValueOrEnd, Key, KeyOrEnd, After }

// scanJSON checks one document.
export function scanJSON(bytes: Uint8Array, limit = maxValues): Scan {
  return scanned(new Scanner(bytes, limit, false), bytes)
}

// scanJSONLines checks consecutive documents that each begin on a new line. The root of
// their tape has kind 0 and contains them all.
export function scanJSONLines(bytes: Uint8Array, limit = maxValues): Scan {
  return scanned(new Scanner(bytes, limit, true), bytes)
}

function scanned(scanner: Scanner, bytes: Uint8Array): Scan {
  const code = scanner.scanAll()
  const { deepest: depth } = scanner
  if (code === null) return { fault: null, tape: scanner.tape(), depth }
  return { fault: { code, offset: scanner.at, ...bytePosition(bytes, scanner.at) }, tape: null, depth }
}

// bytePosition returns the line and column of an offset, from 1; columns count characters.
export function bytePosition(bytes: Uint8Array, offset: number): { line: number; column: number } {
  let line = 1
  let from = 0
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++
    from = at + 1
  }
  let column = 1
  for (let at = from; at < offset; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) column++
  return { line, column }
}

class Scanner {
  at = 0
  deepest = 0
  private base = 0 // depth of the documents themselves
  private count = 0
  private key = 0
  private depth = 0
  private open = new Uint32Array(64) // indexes of the open values; kinds holds their kinds
  private kinds = new Uint8Array(64)
  private columns: Tape

  constructor(private readonly bytes: Uint8Array, private readonly limit: number, private readonly lines: boolean) {
    this.columns = emptyTape(Math.min(limit, Math.max(16, bytes.length >> 4)))
  }

  tape(): Tape | null {
    return this.count > this.limit ? null : trim(this.columns, this.count)
  }

  scanAll(): FaultCode | null {
    const bytes = this.bytes
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3
    if (this.lines) this.base = this.push(0, 0)
    let mode = Mode.Value
    for (;;) {
      const from = this.at
      this.space()
      const c = bytes[this.at]
      if (mode === Mode.After && this.depth === this.base) {
        if (c === undefined) return this.end()
        if (!this.lines || !bytes.subarray(from, this.at).includes(0x0a)) return "trailing"
        mode = Mode.Value
      }
      if (c === undefined) return this.depth > this.base ? "unclosed" : "value_expected"
      const next = this.step(mode, c)
      if (typeof next === "string") return next
      mode = next
    }
  }

  private step(mode: Mode, c: number): Mode | FaultCode {
    switch (mode) {
      case Mode.ValueOrEnd:
        return c === closeBracket ? this.leave() : this.value(c)
      case Mode.Value:
        return this.value(c)
      case Mode.KeyOrEnd:
        return c === closeBrace ? this.leave() : this.member(c)
      case Mode.Key:
        return c === closeBrace ? "comma_trailing" : this.member(c)
      case Mode.After:
        return this.after(c)
    }
  }

  private after(c: number): Mode | FaultCode {
    const inside = this.kinds[this.depth - 1]
    if (c === comma) {
      this.at++
      return inside === openBrace ? Mode.Key : Mode.Value
    }
    if (c === (inside === openBrace ? closeBrace : closeBracket)) return this.leave()
    return "comma_expected"
  }

  private member(c: number): Mode | FaultCode {
    if (c !== quote) return "key_expected"
    this.key = this.at
    const fault = this.string()
    if (fault) return fault
    this.space()
    if (this.bytes[this.at] !== colon) return this.at < this.bytes.length ? "colon_expected" : "unclosed"
    this.at++
    return Mode.Value
  }

  private value(c: number): Mode | FaultCode {
    const start = this.at
    if (c === openBrace || c === openBracket) {
      this.enter(c)
      return c === openBrace ? Mode.KeyOrEnd : Mode.ValueOrEnd
    }
    const fault = this.scalar(c)
    if (fault) return fault
    const node = this.addNode(c, start)
    if (node < this.limit) {
      this.columns.end[node] = this.at
      this.columns.next[node] = node + 1
    }
    return Mode.After
  }

  private scalar(c: number): FaultCode | null {
    if (c === quote) return this.string()
    if (c === minus || isDigit(c)) return this.number()
    if (c === 0x74) return this.literal("true")
    if (c === 0x66) return this.literal("false")
    if (c === 0x6e) return this.literal("null")
    return c === closeBracket ? "comma_trailing" : "value_expected"
  }

  private enter(c: number): void {
    this.push(c, this.at++)
  }

  // push opens an array or object and returns its depth.
  private push(kind: number, at: number): number {
    if (this.depth === this.open.length) {
      this.open = grown(this.open, this.depth * 2)
      this.kinds = grown(this.kinds, this.depth * 2)
    }
    this.open[this.depth] = this.addNode(kind, at)
    this.kinds[this.depth++] = kind
    if (this.depth > this.deepest) this.deepest = this.depth
    return this.depth
  }

  private leave(): Mode {
    this.at++
    this.close()
    return Mode.After
  }

  private close(): void {
    const node = this.open[--this.depth] ?? 0
    if (node >= this.limit) return
    this.columns.end[node] = this.at
    this.columns.next[node] = this.count
  }

  private end(): null {
    if (this.lines) this.close()
    return null
  }

  private addNode(kind: number, start: number): number {
    const node = this.count++
    if (node >= this.limit) return node
    if (node === this.columns.kind.length) this.columns = resized(this.columns, Math.min(this.limit, node * 2))
    const tape = this.columns
    tape.kind[node] = kind
    tape.start[node] = start
    tape.key[node] = this.key
    tape.parent[node] = this.depth > 0 ? (this.open[this.depth - 1] ?? 0) : 0
    this.key = 0
    return node
  }

  private space(): void {
    const bytes = this.bytes
    let c = bytes[this.at]
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = bytes[++this.at]
  }

  private string(): FaultCode | null {
    const bytes = this.bytes
    const from = this.at
    for (let at = from + 1; at < bytes.length; at++) {
      const c = bytes[at] ?? 0
      if (c === quote) {
        this.at = at + 1
        return null
      }
      if (c < 0x20) return this.fault(at, "string_control")
      if (c === backslash) {
        const length = escapeLength(bytes, at)
        if (length === 0) return this.fault(at, "string_escape")
        at += length - 1
      }
    }
    return this.fault(from, "string_open")
  }

  private number(): FaultCode | null {
    const bytes = this.bytes
    const from = this.at
    if (bytes[this.at] === minus) this.at++
    if (bytes[this.at] === 0x30) this.at++
    else if (!this.digits()) return this.fault(from, "number")
    if (bytes[this.at] === 0x2e) {
      this.at++
      if (!this.digits()) return this.fault(from, "number")
    }
    if (((bytes[this.at] ?? 0) | 0x20) === 0x65) {
      this.at++
      if (bytes[this.at] === 0x2b || bytes[this.at] === minus) this.at++
      if (!this.digits()) return this.fault(from, "number")
    }
    return isWord(bytes[this.at]) ? this.fault(from, "number") : null
  }

  private digits(): boolean {
    const from = this.at
    while (isDigit(this.bytes[this.at])) this.at++
    return this.at > from
  }

  private literal(word: string): FaultCode | null {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) return "literal"
    }
    if (isWord(this.bytes[this.at + word.length])) return "literal"
    this.at += word.length
    return null
  }

  private fault(at: number, code: FaultCode): FaultCode {
    this.at = at
    return code
  }
}

function escapeLength(bytes: Uint8Array, at: number): number {
  const c = bytes[at + 1] ?? 0
  if (c !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(c)) ? 2 : 0
  for (let i = 2; i < 6; i++) if (!isHex(bytes[at + i])) return 0
  return 6
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= 0x30 && c <= 0x39
}

function isHex(c: number | undefined): boolean {
  return isDigit(c) || (c !== undefined && (c | 0x20) >= 0x61 && (c | 0x20) <= 0x66)
}

// isWord reports whether a byte may occur in a number or literal.
export function isWord(c: number | undefined): boolean {
  return isDigit(c) || c === 0x2e || c === minus || (c !== undefined && (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a)
}

type Column32 = Uint32Array<ArrayBuffer>
type Column = Uint8Array<ArrayBuffer> | Column32

// grown copies a column into a longer one.
export function grown<T extends Column>(from: T, length: number): T {
  const made = (from instanceof Uint8Array ? new Uint8Array(length) : new Uint32Array(length)) as T
  made.set(from)
  return made
}

function emptyTape(room: number): Tape {
  const column = (): Column32 => new Uint32Array(room)
  return { length: 0, kind: new Uint8Array(room), key: column(), start: column(), end: column(), next: column(), parent: column() }
}

function resized(tape: Tape, room: number): Tape {
  const made = emptyTape(room)
  made.kind.set(tape.kind)
  for (const name of ["key", "start", "end", "next", "parent"] as const) made[name].set(tape[name])
  return made
}

function trim(tape: Tape, length: number): Tape {
  const made = emptyTape(length)
  made.length = length
  made.kind.set(tape.kind.subarray(0, length))
  for (const name of ["key", "start", "end", "next", "parent"] as const) made[name].set(tape[name].subarray(0, length))
  return made
}

// stringEnd returns the offset after the closing quote of the string that begins at an
// offset, or max when the string is longer: a row never scans ten megabytes of string.
export function stringEnd(bytes: Uint8Array, at: number, max = bytes.length): number {
  const end = Math.min(max, bytes.length)
  for (let i = at + 1; i < end; i++) {
    if (bytes[i] === quote) return i + 1
    if (bytes[i] === backslash) i++
  }
  return end
}
