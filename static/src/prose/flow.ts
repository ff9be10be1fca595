// A text that grows in place: blocks of whole lines, of which an update writes only the
// changed ones, so that the end of a long answer costs as much as its beginning.

import { visibleLines } from "../text"
import { element, type Component } from "../ui"

const longest = 2000 // UTF-16 units of a block, until the next end of a line

export class Flow implements Component<string> {
  private text = ""
  private readonly blocks: { node: Text; at: number }[] = [] // at is the place of the block's text
  private readonly caret = element("span", { class: "turn-caret", "aria-hidden": "true" })

  constructor(readonly element: HTMLElement) {}

  update(text: string): void {
    if (text === this.text) return
    const same = sharedLength(this.text, text)
    while (this.blocks.length > 1 && (this.blocks.at(-1)?.at ?? 0) > same) this.drop()
    this.text = text
    for (let last = this.blocks.at(-1) ?? this.add(0); ; last = this.add(endOf(text, last.at))) {
      const to = endOf(text, last.at)
      const shown = visibleLines(text.slice(last.at, to))
      if (last.node.data !== shown) write(last.node, shown)
      if (to >= text.length) break
    }
  }

  // grows shows a steady caret at the end.
  grows(on: boolean): void {
    if (on === this.caret.isConnected) return
    if (on) this.element.append(this.caret)
    else this.caret.remove()
  }

  destroy(): void {
    this.element.replaceChildren()
  }

  private add(at: number): { node: Text; at: number } {
    const block = { node: document.createTextNode(""), at }
    this.element.insertBefore(block.node, this.caret.parentNode === this.element ? this.caret : null)
    this.blocks.push(block)
    return block
  }

  private drop(): void {
    this.blocks.pop()?.node.remove()
  }
}

// write appends where the old text is the beginning of the new one: a selection in it stays.
function write(node: Text, text: string): void {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.length))
  else node.data = text
}

// endOf returns the end of the block that begins at a place.
export function endOf(text: string, at: number): number {
  if (text.length - at <= longest) return text.length
  const line = text.indexOf("\n", at + longest)
  return line < 0 ? text.length : line + 1
}

export function sharedLength(a: string, b: string): number {
  if (b.startsWith(a)) return a.length
  const most = Math.min(a.length, b.length)
  let at = 0
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++
  return at
}
