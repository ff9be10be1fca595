// One row of the log: its cells, made once and filled again at each scroll.

import { clock, delta, say, size, visible } from "../text"
import { element } from "../ui"
import type { Row } from "../wire"
import { Fate, type Outgoing } from "./fate"
import { isDoubtful, isHex, partsOf, type Parts } from "./sentence"

const arrows: Readonly<Record<string, string>> = { sent: "↑", received: "↓", event: "•" }

let made = 0

// RowView shows one message; element is what the list places.
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

  // fill shows a row; sinceUS is the distance to the row it is measured from, or null.
  fill(row: Row, sinceUS: number | null): void {
    this.head(row)
    this.settle()
    write(this.size, row.direction === "event" ? "" : size(row.size))
    write(this.time, clock(row.atUS))
    write(this.delta, sinceUS === null ? "" : delta(sinceUS))
    this.mark(row)
  }

  // outgoing shows a message that has not been confirmed: how it fares, in the place of
  // size and time.
  outgoing(outgoing: Outgoing): void {
    this.head(outgoing.row)
    for (const text of [this.size, this.time, this.delta]) write(text, "")
    this.showMarks([])
    this.fate ??= new Fate(this.element)
    this.fate.show(outgoing)
  }

  // blank stands where a row is still on its way.
  blank(seq: number): void {
    const { dataset } = this.element
    this.settle()
    dataset.seq = seq > 0 ? String(seq) : ""
    dataset.direction = ""
    dataset.opcode = ""
    for (const text of [this.arrow, this.word, this.size, this.time, this.delta]) write(text, "")
    this.show({ before: "…", match: "", after: "" })
    this.showMarks([])
  }

  // place says where in the list the row stands and whether it is the one acted on.
  place(index: number, active: boolean, open: boolean): void {
    this.element.setAttribute("aria-rowindex", String(index + 1))
    this.element.setAttribute("aria-selected", String(open))
    this.element.classList.toggle("active", active)
  }

  private head(row: Row): void {
    const { dataset } = this.element
    dataset.seq = row.seq > 0 ? String(row.seq) : ""
    dataset.direction = row.direction
    dataset.opcode = row.opcode ?? ""
    this.element.classList.toggle("hex", isHex(row))
    write(this.arrow, arrows[row.direction] ?? "")
    write(this.word, say(`log.${row.direction}`))
    this.show(partsOf(row))
  }

  private settle(): void {
    this.fate?.hide()
  }

  private mark(row: Row): void {
    const marks: string[] = []
    if (row.direction === "sent" && row.sender && row.sender !== this.me) marks.push(visible(row.sender))
    if (row.direction !== "event" && row.size === 0) marks.push(say("log.mark.empty"))
    if (row.opcode === "binary") marks.push(say("log.mark.binary"))
    if (row.invalidUTF8) marks.push(say("log.mark.invalid_utf8"))
    if (isDoubtful(row)) marks.push(say(`log.mark.${row.event}`))
    this.showMarks(marks)
  }

  private show({ before, match, after }: Parts): void {
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
