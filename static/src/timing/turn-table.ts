// The table of the turns in the brushed part. Rows beyond the first are drawn in slices, so that
// a thousand turns take no long task.

import { say } from "../text"
import { element, icon, setText, type Component } from "../ui"
import type { Series } from "../wire"
import type { Measured } from "./figures"
import { columns, headOf, inOrder, worstOf, type Column, type ColumnName, type Order } from "./table"

export interface Tabled {
  turns: readonly Measured[] // of the brushed part
  all: readonly Measured[] // of the session
  unit: Series["rateUnit"]
  selected: number
}

export interface TableDeps {
  select(n: number): void
  openTurn(n: number): void
  openMessages(seq: number): void
}

interface Row {
  element: HTMLElement
  cells: HTMLElement[]
  m: Measured
}

const slice = 20 // rows drawn at once, beside a chart that is made

export class TurnTable implements Component<Tabled> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly heads = new Map<ColumnName, { cell: HTMLElement; words: HTMLElement; button: HTMLButtonElement }>()
  private readonly body = element("div", { class: "turn-table-body", role: "rowgroup" })
  private readonly rows = new Map<number, Row>()
  private order: Order = { by: "turn", isDown: false }
  private shown: Tabled = { turns: [], all: [], unit: "", selected: 0 }
  private sorted: Measured[] = []
  private readonly pattern = makePattern() // copied for each row: a copy costs a tenth of a row made from its parts
  private frame = 0
  private focused = 0 // the turn whose row takes the focus

  constructor(private readonly deps: TableDeps) {
    const { signal } = this.stop
    const head = element("div", { class: "turn-table-row turn-table-head", role: "row" })
    for (const column of columns) head.append(this.makeHead(column))
    this.element = element("div", { class: "turn-table", role: "grid", "aria-label": say("timing.table"), "data-testid": "timing-table" }, element("div", { role: "rowgroup" }, head), this.body)
    this.body.addEventListener("click", (event) => this.click(event), { signal })
    this.body.addEventListener("keydown", (event) => this.key(event), { signal })
  }

  // inOrder returns the turns as the table shows them.
  get inOrder(): readonly Measured[] {
    return this.sorted
  }

  update(shown: Tabled): void {
    this.shown = shown
    this.draw()
  }

  destroy(): void {
    this.stop.abort()
    cancelAnimationFrame(this.frame)
    this.element.remove()
  }

  private makeHead(column: Column): HTMLElement {
    const words = element("span", {})
    const button = element("button", { type: "button", class: "turn-table-sort", "data-testid": `timing-sort-${column.name}` }, words, icon("chevron-down"))
    const cell = element("div", { class: look(column), role: "columnheader", "data-column": column.name, "aria-sort": "none" }, button)
    button.addEventListener("click", () => this.sortBy(column), { signal: this.stop.signal })
    this.heads.set(column.name, { cell, words, button })
    return cell
  }

  private sortBy({ name, isNumber }: Column): void {
    const { by, isDown } = this.order
    const isFirstDown = isNumber && name !== "turn" // the longest first
    this.order = name === by ? { by, isDown: !isDown } : { by: name, isDown: isFirstDown }
    this.draw()
  }

  private draw(): void {
    const { turns, all, unit } = this.shown
    this.drawHeads(unit)
    this.sorted = inOrder(turns, this.order)
    this.element.setAttribute("aria-rowcount", String(this.sorted.length + 1))
    const kept = new Set(this.sorted.map(({ turn }) => turn.n))
    for (const [n, row] of this.rows) {
      if (kept.has(n)) continue
      row.element.remove()
      this.rows.delete(n)
    }
    if (!kept.has(this.focused)) this.focused = this.sorted[0]?.turn.n ?? 0
    const worst = worstOf(turns, all)
    cancelAnimationFrame(this.frame)
    this.drawSlice(0, worst)
  }

  // drawSlice draws rows from a place on, and the others in the frames after this.
  private drawSlice(from: number, worst: ReadonlyMap<ColumnName, number>): void {
    const to = Math.min(from + slice, this.sorted.length)
    let before = from > 0 ? (this.rows.get(this.sorted[from - 1]?.turn.n ?? 0)?.element ?? null) : null
    for (let index = from; index < to; index++) {
      const m = this.sorted[index] as Measured
      const row = this.rows.get(m.turn.n) ?? this.make(m)
      this.fill(row, m, index, worst)
      const next: Element | null = before ? before.nextElementSibling : this.body.firstElementChild
      if (next !== row.element) this.body.insertBefore(row.element, next)
      before = row.element
    }
    if (to < this.sorted.length) this.frame = requestAnimationFrame(() => this.drawSlice(to, worst))
  }

  private make(m: Measured): Row {
    const made = this.pattern.cloneNode(true) as HTMLElement
    made.dataset.turn = String(m.turn.n)
    const row = { element: made, cells: [...made.children] as HTMLElement[], m }
    this.rows.set(m.turn.n, row)
    return row
  }

  private fill(row: Row, m: Measured, index: number, worst: ReadonlyMap<ColumnName, number>): void {
    row.m = m
    const { n, state } = m.turn
    row.element.setAttribute("aria-rowindex", String(index + 2))
    row.element.setAttribute("aria-selected", String(n === this.shown.selected))
    row.element.dataset.state = state
    this.admit(row, n === this.focused)
    columns.forEach((column, at) => {
      const cell = row.cells[at] as HTMLElement
      const text = column.text(m)
      setText((cell.firstElementChild as HTMLElement | null) ?? cell, text)
      cell.classList.toggle("none", column.value(m) === null)
      const isWorst = worst.get(column.name) === n
      cell.classList.toggle("worst", isWorst)
      if (isWorst) cell.title = say("timing.slow")
      else if (column.name === "request" || column.name === "state") cell.title = text
      else cell.removeAttribute("title")
    })
  }

  // admit lets the tab key reach a row and its links.
  private admit({ element: row }: Row, on: boolean): void {
    const index = on ? 0 : -1
    if (row.tabIndex === index) return
    row.tabIndex = index
    for (const link of row.querySelectorAll<HTMLElement>("button")) link.tabIndex = index
  }

  private drawHeads(unit: Series["rateUnit"]): void {
    for (const column of columns) {
      const head = this.heads.get(column.name)
      if (!head) continue
      const words = headOf(column.name, unit)
      setText(head.words, words)
      const isSorted = column.name === this.order.by
      head.cell.setAttribute("aria-sort", !isSorted ? "none" : this.order.isDown ? "descending" : "ascending")
      head.button.title = say("timing.sort", { name: words })
    }
  }

  private click(event: MouseEvent): void {
    const target = event.target as Element
    const row = this.rowOf(target)
    if (!row) return
    this.focus(row)
    const go = target.closest<HTMLElement>("[data-go]")?.dataset.go
    if (go === "turn") this.deps.openTurn(row.m.turn.n)
    else if (go === "messages") this.deps.openMessages(row.m.turn.firstSeq)
    else this.deps.select(row.m.turn.n)
  }

  private rowOf(target: Element): Row | undefined {
    return this.rows.get(Number(target.closest<HTMLElement>("[data-turn]")?.dataset.turn))
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as Element
    const row = this.rowOf(target)
    if (!row) return
    const at = this.sorted.findIndex(({ turn }) => turn.n === row.m.turn.n)
    const last = this.sorted.length - 1
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + 10, PageUp: at - 10 }[event.key]
    if (to !== undefined) {
      const next = this.rows.get(this.sorted[Math.max(0, Math.min(to, last))]?.turn.n ?? 0)
      if (next) this.focus(next)
    } else if ((event.key === "Enter" || event.key === " ") && target === row.element) {
      this.deps.select(row.m.turn.n)
    } else return
    event.preventDefault()
  }

  private focus(row: Row): void {
    const before = this.rows.get(this.focused)
    this.focused = row.m.turn.n
    if (before && before !== row) this.admit(before, false)
    this.admit(row, true)
    row.element.focus({ preventScroll: false })
  }
}

// makePattern makes a row without texts.
function makePattern(): HTMLElement {
  const cells = columns.map((column) => {
    const cell = element("div", { class: look(column), role: "gridcell", "data-column": column.name })
    if (column.name === "turn") cell.append(element("button", { type: "button", class: "link plain", tabindex: -1, "data-go": "turn", "data-testid": "timing-open-turn", title: say("timing.open_turn") }))
    if (column.name === "messages") cell.append(element("button", { type: "button", class: "link", tabindex: -1, "data-go": "messages", "data-testid": "timing-messages", title: say("timing.open_messages") }))
    return cell
  })
  return element("div", { class: "turn-table-row", role: "row", tabindex: -1, "data-testid": "timing-row" }, ...cells)
}

function look({ name, isNumber }: Column): string {
  return `turn-table-cell of-${name}${isNumber ? " is-number" : ""}`
}

