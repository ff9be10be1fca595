// Text of any length in rows; only visible rows are decoded.

import { count, decodeVisible } from "../text"
import { element, Rows } from "../ui"
import type { Hits, Lines, Range } from "../worker"
import { firstAfter, markHits, tint, type Language } from "./tint"

export const textRowHeight = 18

// TextRows draws bytes as text, in the rows of lines.
export class TextRows {
  private rows: Rows
  private hits: Hits = { from: new Uint32Array(0), length: 0 }
  private current = -1
  private text: Hits = { from: new Uint32Array(0), length: 0 }

  constructor(host: HTMLElement, private readonly bytes: Uint8Array, private readonly lines: Lines, private readonly language: Language) {
    host.style.setProperty("--gutter", `${Math.max(3, count(lines.number.length).length)}ch`)
    host.style.setProperty("--widest", `${lines.widest}ch`)
    this.rows = new Rows(host, { rowHeight: textRowHeight, keys: true, make: makeRow, fill: (row, i) => this.fill(row, i) })
    this.rows.resize(lines.count)
  }

  // show marks matches and scrolls to the current one.
  show(hits: Hits, current: number): void {
    this.hits = hits
    this.current = current
    const at = hits.from[current]
    if (at !== undefined) this.rows.reveal(firstAfter(this.lines.start, at + 1, this.lines.count) - 1, "middle")
    this.rows.refresh()
  }

  // markText marks the text that a turn joins, and brings it into view.
  markText({ from, to }: Range): void {
    this.text = { from: Uint32Array.of(from), length: to - from }
    this.rows.reveal(firstAfter(this.lines.start, from + 1, this.lines.count) - 1, "middle")
    this.rows.refresh()
  }

  destroy(): void {
    this.rows.destroy()
  }

  private fill(row: HTMLElement, i: number): void {
    const { bytes, lines } = this
    const from = lines.start[i] ?? 0
    let to = lines.start[i + 1] ?? from
    if (to > from && bytes[to - 1] === 0x0a) to--
    const number = lines.number[i] ?? 0
    const tinted = markHits(tint(bytes, from, to, this.language, number === 0), this.text, -1, "joined")
    const pieces = markHits(tinted, this.hits, this.current)
    const shown = pieces.map((piece) => {
      const text = decodeVisible(bytes.subarray(piece.from, piece.to))
      return piece.className === "" ? text : element("span", { class: piece.className }, text)
    })
    row.firstElementChild?.setAttribute("data-number", number > 0 ? String(number) : "")
    row.lastElementChild?.replaceChildren(...shown)
  }
}

function makeRow(): HTMLElement {
  return element("div", { class: "text-row" }, element("span", { class: "gutter", "aria-hidden": "true" }), element("span", { class: "code" }))
}
