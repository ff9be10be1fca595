// One row of the log: its cells are made once and filled again at each scroll.

import { clock, gap, say, size, visible } from "../text"
import { element } from "../ui"
import type { Row } from "../wire"
import { arrowOf, isDoubtful, isHex, partsOf, type Parts } from "./sentence"
import { measureOf } from "./measure"
import { UnconfirmedCell, type Unconfirmed } from "./unconfirmed"

const byDialect = "dialect" // the sender of messages that a dialect sends

let made = 0

// columns are the cells behind the content. The class of a cell is log- and its name; its
// width, where it is not the default, is set in log.css.
export const columns: readonly { name: string; text: (row: Row, sinceUS: number | null) => string }[] = [
  { name: "size", text: (row) => (row.direction === "event" ? "" : size(row.size)) },
  { name: "time", text: (row) => clock(row.atUS) },
  { name: "gap", text: (_, sinceUS) => (sinceUS === null ? "" : gap(sinceUS)) },
]

// ShownRow is the content of a row: a message, an unconfirmed one, or a placeholder for one
// that is being fetched.
export interface ShownRow {
  place: number // index in the list
  row: Row | undefined
  unconfirmed: Unconfirmed | undefined
  sinceUS: number | null // time since the reference row
  isSlow: boolean // that time is far above the median
  isActive: boolean
  isOpen: boolean
}

// RowView draws one row.
export class RowView {
  readonly element: HTMLElement
  private number = document.createTextNode("")
  private arrow = document.createTextNode("")
  private word = document.createTextNode("")
  private label = document.createTextNode("")
  private before = document.createTextNode("")
  private found = document.createTextNode("")
  private match = element("mark", { hidden: true }, this.found)
  private after = document.createTextNode("")
  private text = element("span", { class: "log-text" }, this.before, this.match, this.after)
  private marks = element("span", { class: "log-marks" })
  private cells = columns.map(({ name, text }) => ({ name, text, node: document.createTextNode("") }))
  private shown = ""
  private cell: UnconfirmedCell | null = null // made for the first unconfirmed message

  constructor(private readonly me: string) {
    this.element = element(
      "div",
      { class: "log-row", role: "row", "data-testid": "row", id: `log-row-${++made}` },
      element("span", { class: "log-seq", role: "gridcell" }, this.number),
      element("span", { class: "log-way", role: "gridcell" },
        element("span", { "aria-hidden": "true" }, this.arrow),
        element("span", { class: "visually-hidden" }, this.word)),
      element("span", { class: "log-label", role: "gridcell" }, this.label),
      element("span", { class: "log-preview", role: "gridcell" }, this.text, this.marks),
      ...this.cells.map(({ name, node }) => element("span", { class: `log-cell log-${name}`, role: "gridcell" }, node)),
    )
  }

  update(shown: ShownRow): void {
    const { place, row, unconfirmed, sinceUS, isSlow, isActive, isOpen } = shown
    if (unconfirmed) this.fillUnconfirmed(unconfirmed)
    else if (row) this.fill(row, sinceUS)
    else this.fillBlank()
    mark(this.element, "aria-rowindex", String(place + 1))
    mark(this.element, "aria-selected", String(isOpen))
    const { classList } = this.element
    classList.toggle("active", isActive)
    classList.toggle("slow", isSlow)
    classList.toggle("error", row?.error === true)
    classList.toggle("blank", !row && !unconfirmed)
    classList.toggle("unnumbered", !row)
  }

  private fill(row: Row, sinceUS: number | null): void {
    this.fillHead(row)
    this.cell?.update(null)
    for (const { node, text } of this.cells) write(node, text(row, sinceUS))
    this.fillMarks(row)
  }

  private fillUnconfirmed(message: Unconfirmed): void {
    this.fillHead(message.row)
    for (const { node } of this.cells) write(node, "")
    this.showMarks([])
    this.cell ??= new UnconfirmedCell(this.element)
    this.cell.update(message)
  }

  private fillBlank(): void {
    this.cell?.update(null)
    for (const name of ["data-seq", "data-direction", "data-opcode"]) mark(this.element, name, "")
    for (const node of [this.number, this.arrow, this.word, this.label, ...this.cells.map((cell) => cell.node)]) write(node, "")
    this.showText({ before: "…", match: "", after: "" })
    this.showMarks([])
    this.text.className = "log-text"
  }

  private fillHead(row: Row): void {
    const seq = row.seq > 0 ? String(row.seq) : ""
    mark(this.element, "data-seq", seq)
    mark(this.element, "data-direction", row.direction)
    mark(this.element, "data-opcode", row.opcode ?? "")
    const isFound = Boolean(row.snippet?.match)
    const measure = isFound ? "" : measureOf(row)
    write(this.number, seq)
    write(this.label, visible(row.label))
    write(this.arrow, arrowOf(row))
    write(this.word, say(`log.${row.direction}`))
    this.showText(measure ? { before: measure, match: "", after: "" } : partsOf(row))
    const isPiece = row.joins !== "" && !isFound
    const kind = isPiece ? "log-text piece" : measure || (isHex(row) && row.gist === "") ? "log-text quiet" : "log-text"
    if (this.text.className !== kind) this.text.className = kind
  }

  private fillMarks(row: Row): void {
    const marks: string[] = []
    if (row.direction === "sent" && row.sender && row.sender !== this.me) marks.push(row.sender === byDialect ? say("log.mark.dialect") : visible(row.sender))
    if (row.direction !== "event" && row.size === 0) marks.push(say("log.mark.empty"))
    if (row.opcode === "binary") marks.push(say("log.mark.binary"))
    if (row.invalidUTF8) marks.push(say("log.mark.invalid_utf8"))
    if (isDoubtful(row)) marks.push(say(`log.mark.${row.event}`))
    this.showMarks(marks)
  }

  private showText({ before, match, after }: Parts): void {
    write(this.before, before)
    write(this.found, match)
    write(this.after, after)
    if (this.match.hidden !== (match === "")) this.match.hidden = match === ""
  }

  private showMarks(marks: string[]): void {
    const shown = marks.join("\n")
    if (shown === this.shown) return
    this.shown = shown
    this.marks.replaceChildren(...marks.map((mark) => element("span", { class: "log-mark" }, mark)))
  }
}

// mark writes only a changed attribute, as write does with text: styles are computed again for one
// that is written, changed or not.
function mark(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

function write(node: Text, text: string): void {
  if (node.data !== text) node.data = text
}
