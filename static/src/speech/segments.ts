// A transcript: one row for each sentence. A text that may still change is grey; rows above
// never move.

import { visible } from "../text"
import { offset } from "../turns"
import { element, setText, type Component } from "../ui"
import type { Segment } from "../wire"

export interface Spoken {
  segments: readonly Segment[]
  joined: string
  startUS: number // of the speech; 0 is unknown
}

export class Segments implements Component<Spoken> {
  private readonly rows: { row: HTMLElement; joint: Text; words: HTMLElement }[] = []

  constructor(readonly element: HTMLElement) {}

  update({ segments, joined, startUS }: Spoken): void {
    while (this.rows.length > segments.length) this.rows.pop()?.row.remove()
    const joints = separatorsOf(segments.map(({ text }) => text), joined)
    segments.forEach((segment, index) => {
      const shown = this.rows[index] ?? this.add()
      setText(shown.words, visible(segment.text))
      if (shown.joint.data !== joints[index]) shown.joint.data = joints[index] ?? ""
      shown.row.dataset.final = String(segment.final)
      shown.row.dataset.at = startUS > 0 && segment.atUS >= startUS ? offset(segment.atUS - startUS) : ""
    })
  }

  destroy(): void {
    this.element.replaceChildren()
  }

  private add(): { row: HTMLElement; joint: Text; words: HTMLElement } {
    const joint = document.createTextNode("")
    const words = element("span", { class: "segment-words" })
    const row = element("span", { class: "segment", "data-testid": "segment" }, joint, words)
    const made = { row, joint, words }
    this.rows.push(made)
    this.element.append(row)
    return made
  }
}

// separatorsOf returns the text before each segment in the joined text.
export function separatorsOf(segments: readonly string[], joined: string): string[] {
  let from = 0
  return segments.map((text) => {
    const at = joined.indexOf(text, from)
    if (at < 0) return ""
    const joint = joined.slice(from, at)
    from = at + text.length
    return joint
  })
}
