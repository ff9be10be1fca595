// Bytes in rows of sixteen, or of eight in a narrow pane: offset, hex, ASCII.

import { element, Rows } from "../ui"
import type { Hits } from "../worker"
import { textRowHeight } from "./text"
import { markHits, type Piece } from "./tint"

const roomForSixteen = 560 // px of a row with sixteen bytes

// bytesAcross returns the number of bytes in a row of a pane of that width.
export function bytesAcross(width: number): number {
  return width < roomForSixteen ? 8 : 16
}

// digits holds every byte in hex.
export const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

// HexRows draws bytes.
export class HexRows {
  private rows: Rows
  private hits: Hits = { from: new Uint32Array(0), length: 0 }
  private current = -1

  constructor(host: HTMLElement, private readonly bytes: Uint8Array, private readonly across: number) {
    host.style.setProperty("--hex-width", `${across * 3 + 1}ch`)
    this.rows = new Rows(host, { rowHeight: textRowHeight, keys: true, make: makeRow, fill: (row, i) => this.fill(row, i) })
    this.rows.resize(Math.ceil(bytes.length / across))
  }

  show(hits: Hits, current: number): void {
    this.hits = hits
    this.current = current
    const at = hits.from[current]
    if (at !== undefined) this.rows.reveal(Math.floor(at / this.across), "middle")
    this.rows.refresh()
  }

  destroy(): void {
    this.rows.destroy()
  }

  private fill(row: HTMLElement, i: number): void {
    const from = i * this.across
    const to = Math.min(from + this.across, this.bytes.length)
    const pieces = markHits([{ from, to, className: "" }], this.hits, this.current)
    const [offset, hex, ascii] = row.children
    offset?.replaceChildren(from.toString(16).padStart(8, "0"))
    hex?.replaceChildren(...this.cells(pieces, (at) => hexCell(this.bytes[at] ?? 0, at - from)))
    ascii?.replaceChildren(...this.cells(pieces, (at) => asciiCell(this.bytes[at] ?? 0)))
  }

  private cells(pieces: Piece[], cell: (at: number) => string): (string | HTMLElement)[] {
    return pieces.map((piece) => {
      let text = ""
      for (let at = piece.from; at < piece.to; at++) text += cell(at)
      return piece.className === "" ? text : element("span", { class: piece.className }, text)
    })
  }
}

function makeRow(): HTMLElement {
  const cells = ["offset", "hex", "ascii"].map((name) => element("span", { class: name }))
  return element("div", { class: "hex-row" }, ...cells)
}

// A wider gap after eight bytes helps the eye to count.
function hexCell(byte: number, column: number): string {
  return (digits[byte] ?? "") + (column === 7 ? "  " : " ")
}

function asciiCell(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"
}
