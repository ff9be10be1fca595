// JSON as a tree, straight from the tape: no value is built, a branch costs nothing
// until it is opened.

import { element } from "../element"
import { count } from "../format"
import { Rows } from "../rows"
import { say } from "../text"
import { decodeVisible } from "../visible"
import type { Hits } from "../worker/find"
import { closeBracket, openBrace, openBracket, stringEnd, type Tape } from "../worker/json"
import { Branches, childrenOf } from "./branches"
import { textRowHeight } from "./text"
import { firstAfter } from "./tint"

const longest = 2000 // bytes of a value that a row shows
const indent = 16 // px a level
const deepest = 40 // levels beyond which rows stand no further right

// TreeRows shows a document; its host takes the keys of a tree (ARIA, tree view).
export class TreeRows {
  private branches: Branches
  private rows: Rows
  private active = 0
  private children = new Map<number, Uint32Array>()
  private stop = new AbortController()

  constructor(private readonly host: HTMLElement, private readonly bytes: Uint8Array, private readonly tape: Tape) {
    this.branches = new Branches(tape)
    this.branches.open(0)
    host.setAttribute("role", "tree")
    this.rows = new Rows(host, { rowHeight: textRowHeight, make: makeRow, fill: (row, place) => this.fill(row, place) })
    this.rows.resize(this.branches.length)
    host.addEventListener("click", (event) => this.click(event), { signal: this.stop.signal })
    host.addEventListener("keydown", (event) => this.key(event), { signal: this.stop.signal })
  }

  show(hits: Hits, current: number): void {
    const at = hits.from[current]
    if (at === undefined) return this.rows.refresh()
    this.active = this.nodeAt(at)
    const place = this.branches.reveal(this.active)
    this.rows.resize(this.branches.length)
    this.rows.reveal(place, "middle")
    this.rows.refresh()
  }

  openAll(): void {
    this.branches.openAll()
    this.rows.resize(this.branches.length)
  }

  closeAll(): void {
    this.branches.closeAll()
    this.active = 0
    this.rows.resize(this.branches.length)
  }

  // lexeme is the bytes of the value a person stands on.
  lexeme(): Uint8Array {
    return this.bytes.subarray(this.tape.start[this.active], this.tape.end[this.active])
  }

  destroy(): void {
    this.stop.abort()
    this.rows.destroy()
  }

  private nodeAt(offset: number): number {
    const { start, key, length } = this.tape
    const after = firstAfter(start, offset + 1)
    const isKey = after < length && (key[after] ?? 0) > 0 && (key[after] ?? 0) <= offset
    return isKey ? after : Math.max(0, after - 1)
  }

  private fill(row: HTMLElement, place: number): void {
    const node = this.branches.node(place)
    const depth = this.branches.depth(place)
    const opens = this.branches.canOpen(node)
    const [twisty, name, value] = row.children
    row.style.paddingInlineStart = `${8 + indent * Math.min(depth, deepest)}px`
    row.dataset.place = String(place)
    row.setAttribute("aria-level", String(depth + 1))
    row.classList.toggle("active", node === this.active)
    if (opens) row.setAttribute("aria-expanded", String(this.branches.isOpen(node)))
    else row.removeAttribute("aria-expanded")
    if (node === this.active) this.host.setAttribute("aria-activedescendant", row.id)
    twisty?.replaceChildren(opens ? (this.branches.isOpen(node) ? "▾" : "▸") : "")
    name?.replaceChildren(...this.name(node))
    value?.replaceChildren(this.value(node))
  }

  private name(node: number): (string | HTMLElement)[] {
    const key = this.tape.key[node] ?? 0
    if (key > 0) {
      const text = decodeVisible(this.bytes.subarray(key + 1, stringEnd(this.bytes, key) - 1))
      return [element("span", { class: "key" }, text), ": "]
    }
    if (node === 0) return []
    const siblings = this.childrenOf(this.tape.parent[node] ?? 0)
    return [element("span", { class: "index" }, String(firstAfter(siblings, node))), ": "]
  }

  private value(node: number): HTMLElement {
    const kind = this.tape.kind[node] ?? 0
    if (kind === openBrace || kind === openBracket) return element("span", { class: "mark" }, this.summary(node, kind))
    const start = this.tape.start[node] ?? 0
    const end = this.tape.end[node] ?? 0
    const cut = end - start > longest
    const text = decodeVisible(this.bytes.subarray(start, cut ? start + longest : end))
    return element("span", { class: valueClass(kind) }, cut ? `${text}…` : text)
  }

  private summary(node: number, kind: number): string {
    const { length } = this.childrenOf(node)
    const isArray = kind === openBracket
    if (length === 0) return isArray ? "[]" : "{}"
    const held = say(isArray ? "detail.items" : "detail.keys", { count: count(length) })
    return isArray ? `[${held}${String.fromCharCode(closeBracket)}` : `{${held}}`
  }

  private childrenOf(node: number): Uint32Array {
    const known = this.children.get(node)
    if (known) return known
    const children = Uint32Array.from(childrenOf(this.tape, node))
    this.children.set(node, children)
    return children
  }

  private click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>(".tree-row")
    if (!row) return
    const place = Number(row.dataset.place)
    this.active = this.branches.node(place)
    this.toggle(place)
  }

  private toggle(place: number): void {
    if (this.branches.isOpen(this.branches.node(place))) this.branches.close(place)
    else this.branches.open(place)
    this.rows.resize(this.branches.length)
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const place = this.branches.place(this.active)
    const open = this.branches.isOpen(this.active)
    if (event.key === "Enter" || event.key === " ") this.toggle(place)
    else if (event.key === "ArrowRight" && !open) this.toggle(place)
    else if (event.key === "ArrowLeft" && open) this.toggle(place)
    else {
      const to = this.target(event.key, place)
      if (to === null) return
      this.moveTo(to)
    }
    event.preventDefault()
  }

  private target(key: string, place: number): number | null {
    switch (key) {
      case "ArrowDown": case "ArrowRight": return place + 1
      case "ArrowUp": return place - 1
      case "ArrowLeft": return this.branches.place(this.tape.parent[this.active] ?? 0)
      case "PageDown": return place + this.rows.page
      case "PageUp": return place - this.rows.page
      case "Home": return 0
      case "End": return this.branches.length - 1
      default: return null
    }
  }

  private moveTo(wanted: number): void {
    const place = Math.max(0, Math.min(wanted, this.branches.length - 1))
    this.active = this.branches.node(place)
    this.rows.reveal(place)
    this.rows.refresh()
  }
}

let made = 0

function makeRow(): HTMLElement {
  const cells = ["twisty", "name", "value"].map((name) => element("span", { class: name }))
  return element("div", { class: "tree-row", role: "treeitem", id: `tree-row-${++made}` }, ...cells)
}

function valueClass(kind: number): string {
  if (kind === 0x22) return "string"
  return kind === 0x74 || kind === 0x66 || kind === 0x6e ? "word" : "number"
}
