// One row of the log: its cells are made once and filled again at each scroll.

import { clock, delta, say, size, visible } from "../text"
import { element } from "../ui"
import type { Row } from "../wire"
import { Fate, type Outgoing } from "./fate"
import { isDoubtful, isHex, partsOf, type Parts } from "./sentence"

const arrows: Readonly<Record<string, string>> = { sent: "↑", received: "↓", event: "•" }

let made = 0

// RowView draws one message.
export class RowView {
  readonly element: HTMLElement
  private arrow = document.createTextNode("")
  private word = document.createTextNode("")
  private preview = document.createTextNode("")
  private found = document.createTextNode("")
  private match = element("mark", { hidden: true }, this.found)
  private rest = document.createTextNode("")
  private marks = element("span", { class: "log-marks", role: "gridcell" })
  private size = document.createTextNode("")
  private time = document.createTextNode("")
  private delta = document.createTextNode("")
  private shown = ""
  private fate: Fate | null = null // of a message that has no seq yet

  constructor(private readonly me: string) {
    this.element = element(
      "div",
      { class: "log-row", role: "row", "data-testid": "row", id: `log-row-${++made}` },
      element("span", { class: "log-way", role: "gridcell" },
        element("span", { "aria-hidden": "true" }, this.arrow),
        element("span", { class: "visually-hidden" }, this.word)),
      element("span", { class: "log-preview", role: "gridcell" }, this.preview, this.match, this.rest),
      this.marks,
      element("span", { class: "log-size", role: "gridcell" }, this.size),
      element("span", { class: "log-time", role: "gridcell" }, this.time),
      element("span", { class: "log-delta", role: "gridcell" }, this.delta),
    )
  }

  // fill shows a row; sinceUS is the time since the reference row, or null.
  fill(row: Row, sinceUS: number | null): void {
    this.fillHead(row)
    this.fate?.hide()
    write(this.size, row.direction === "event" ? "" : size(row.size))
    write(this.time, clock(row.atUS))
    write(this.delta, sinceUS === null ? "" : delta(sinceUS))
    this.fillMarks(row)
  }

  // fillOutgoing shows an unconfirmed message, with its state in place of size and time.
  fillOutgoing(outgoing: Outgoing): void {
    this.fillHead(outgoing.row)
    for (const text of [this.size, this.time, this.delta]) write(text, "")
    this.showMarks([])
    this.fate ??= new Fate(this.element)
    this.fate.show(outgoing)
  }

  // fillBlank shows a placeholder for a row that is being fetched.
  fillBlank(): void {
    const { dataset } = this.element
    this.fate?.hide()
    dataset.seq = ""
    dataset.direction = ""
    dataset.opcode = ""
    for (const text of [this.arrow, this.word, this.size, this.time, this.delta]) write(text, "")
    this.showText({ before: "…", match: "", after: "" })
    this.showMarks([])
  }

  // place sets the row's index and whether it is active or open.
  place(index: number, active: boolean, open: boolean): void {
    this.element.setAttribute("aria-rowindex", String(index + 1))
    this.element.setAttribute("aria-selected", String(open))
    this.element.classList.toggle("active", active)
  }

  private fillHead(row: Row): void {
    const { dataset } = this.element
    dataset.seq = row.seq > 0 ? String(row.seq) : ""
    dataset.direction = row.direction
    dataset.opcode = row.opcode ?? ""
    this.element.classList.toggle("hex", isHex(row))
    write(this.arrow, arrows[row.direction] ?? "")
    write(this.word, say(`log.${row.direction}`))
    this.showText(partsOf(row))
  }

  private fillMarks(row: Row): void {
    const marks: string[] = []
    if (row.direction === "sent" && row.sender && row.sender !== this.me) marks.push(visible(row.sender))
    if (row.direction !== "event" && row.size === 0) marks.push(say("log.mark.empty"))
    if (row.opcode === "binary") marks.push(say("log.mark.binary"))
    if (row.invalidUTF8) marks.push(say("log.mark.invalid_utf8"))
    if (isDoubtful(row)) marks.push(say(`log.mark.${row.event}`))
    this.showMarks(marks)
  }

  private showText({ before, match, after }: Parts): void {
    write(this.preview, before)
    write(this.found, match)
    write(this.rest, after)
    this.match.hidden = match === ""
  }

  private showMarks(marks: string[]): void {
    const shown = marks.join("\n")
    if (shown === this.shown) return
    this.shown = shown
    this.marks.replaceChildren(...marks.map((mark) => element("span", { class: "log-mark" }, mark)))
  }
}

function write(node: Text, text: string): void {
  if (node.data !== text) node.data = text
}
