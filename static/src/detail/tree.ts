// A tree of values: a closed branch costs nothing.

import { element, Rows } from "../ui"
import type { Hits } from "../worker"
import { Branches, childrenOf } from "./branches"
import { spans, type Cell, type Outline } from "./outline"
import { textRowHeight } from "./text"
import { firstAfter } from "./tint"

const indentWidth = 16 // px per level
export const maxIndent = 40 // levels after which rows are indented no further

// TreeRows draws an outline; its host handles the keys of an ARIA tree view.
export class TreeRows {
  private branches: Branches
  private rows: Rows
  private active = 0
  private children = new Map<number, Uint32Array>()
  private hits: Hits = { from: new Uint32Array(0), length: 0 }
  private current = -1
  private stop = new AbortController()

  constructor(private readonly host: HTMLElement, private readonly outline: Outline) {
    this.branches = new Branches(outline.tape)
    this.branches.open(0)
    host.setAttribute("role", "tree")
    this.rows = new Rows(host, { rowHeight: textRowHeight, make: makeRow, fill: (row, place) => this.fill(row, place) })
    this.rows.resize(this.branches.length)
    host.addEventListener("click", (event) => this.click(event), { signal: this.stop.signal })
    host.addEventListener("keydown", (event) => this.key(event), { signal: this.stop.signal })
  }

  // show marks matches and opens the branch of the current one.
  show(hits: Hits, current: number): void {
    this.hits = hits
    this.current = current
    const at = hits.from[current]
    if (at === undefined) return this.rows.refresh()
    this.active = this.outline.at(at)
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

  // chosen is the byte range of the active value.
  get chosen(): { from: number; to: number } {
    const { start, end } = this.outline.tape
    return { from: start[this.active] ?? 0, to: end[this.active] ?? 0 }
  }

  destroy(): void {
    this.stop.abort()
    this.rows.destroy()
  }

  private fill(row: HTMLElement, place: number): void {
    const { branches, outline } = this
    const node = branches.node(place)
    const depth = branches.depth(place)
    const opens = branches.canOpen(node)
    const [twisty, name, value] = row.children
    row.style.paddingInlineStart = `${8 + indentWidth * Math.min(depth, maxIndent)}px`
    row.dataset.place = String(place)
    row.setAttribute("aria-level", String(depth + 1))
    row.classList.toggle("active", node === this.active)
    if (opens) row.setAttribute("aria-expanded", String(branches.isOpen(node)))
    else row.removeAttribute("aria-expanded")
    if (node === this.active) this.host.setAttribute("aria-activedescendant", row.id)
    twisty?.replaceChildren(opens ? (branches.isOpen(node) ? "▾" : "▸") : "")
    name?.replaceChildren(...this.cells(outline.name(node, () => this.index(node))))
    value?.replaceChildren(...this.cells(outline.value(node, opens ? this.childrenOf(node).length : 0)))
  }

  private cells(cells: Cell[]): HTMLElement[] {
    return spans(this.outline.bytes, cells, this.hits, this.current).map(({ text, className }) => element("span", { class: className }, text))
  }

  private index(node: number): number {
    return firstAfter(this.childrenOf(this.outline.tape.parent[node] ?? 0), node)
  }

  private childrenOf(node: number): Uint32Array {
    const known = this.children.get(node)
    if (known) return known
    const children = childrenOf(this.outline.tape, node)
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
      case "ArrowLeft": return this.branches.place(this.outline.tape.parent[this.active] ?? 0)
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
