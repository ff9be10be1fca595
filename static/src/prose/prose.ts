// A text in Markdown that grows: of a change only the last block is read and drawn anew. What
// looks like HTML is text, and addresses are links only where they begin with http.

import { visibleLines } from "../text"
import { element, type Component } from "../ui"
import { openFence, parseBlocks, type Block } from "./blocks"
import { sharedLength } from "./flow"
import type { Node as Part } from "./nodes"

const atOnce = 30_000 // characters that are drawn in one step

export class Prose implements Component<string> {
  private text = "" // that is drawn
  private whole = ""
  private frame = 0
  private blocks: { block: Block; node: HTMLElement }[] = []
  private readonly places = new WeakMap<Text, number>()
  private readonly caret = element("span", { class: "turn-caret", "aria-hidden": "true" })
  private isGrowing = false

  constructor(readonly element: HTMLElement) {
    element.classList.add("prose")
  }

  update(text: string): void {
    this.whole = text
    this.go()
  }

  // go draws the text. A long one comes in steps, between which the page answers.
  private go(): void {
    const { whole } = this
    const same = whole.startsWith(this.text) ? this.text.length : 0
    const to = Math.min(whole.length, same + atOnce)
    cancelAnimationFrame(this.frame)
    this.draw(to === whole.length ? whole : whole.slice(0, to))
    if (to < whole.length) this.frame = requestAnimationFrame(() => this.go())
  }

  private draw(text: string): void {
    if (text === this.text) return
    const same = sharedLength(this.text, text)
    this.text = text
    this.caret.remove()
    let keep = this.blocks.length
    // The block before the changed one may end otherwise: a list goes on, a fence was open.
    while (keep > 0 && ((this.blocks[keep - 1]?.block.to ?? 0) >= same || keep === this.blocks.length)) keep--
    const before = this.blocks[keep - 1]?.block
    const parsed = parseBlocks(text, before?.to ?? 0, before ? openFence(before) : null)
    parsed.forEach((block, index) => this.put(keep + index, block))
    for (const { node } of this.blocks.splice(keep + parsed.length)) node.remove()
    this.place()
  }

  // grows shows a steady caret at the end.
  grows(on: boolean): void {
    if (on === this.isGrowing) return
    this.isGrowing = on
    this.place()
  }

  // placeAt returns the place in the text of a character on the page; -1 for none.
  placeAt(node: Node, offset: number): number {
    if (!(node instanceof Text)) return -1
    const at = this.places.get(node) ?? -1
    return at < 0 ? -1 : at + offset
  }

  // plain returns the text as it reads: blocks with a blank line between them.
  plain(): string {
    return this.blocks.map(({ node }) => node.innerText.trimEnd()).join("\n\n")
  }

  // range returns where a part of the text is on the page; null where it is not shown.
  range(from: number, to: number): Range | null {
    const index = this.blocks.findIndex(({ block }) => block.to > from)
    const range = document.createRange()
    let isSet = false
    for (const { block, node } of this.blocks.slice(Math.max(0, index))) {
      if (block.from >= to) break
      const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT)
      for (let next = walker.nextNode(); next; next = walker.nextNode()) {
        const text = next as Text
        const at = this.places.get(text) ?? -1
        if (at < 0 || at >= to || at + text.length <= from) continue
        if (!isSet) range.setStart(text, Math.max(0, from - at))
        range.setEnd(text, Math.min(text.length, to - at))
        isSet = true
      }
    }
    return isSet ? range : null
  }

  destroy(): void {
    cancelAnimationFrame(this.frame)
    this.element.replaceChildren()
    this.blocks = []
  }

  private put(index: number, block: Block): void {
    const old = this.blocks[index]
    if (old) {
      const node = this.morph(old.node, block.node) as HTMLElement
      this.blocks[index] = { block, node }
      return
    }
    const node = this.make(block.node) as HTMLElement
    this.blocks[index - 1]?.node.after(node)
    if (index === 0) this.element.prepend(node)
    this.blocks[index] = { block, node }
  }

  private make(part: Part): ChildNode {
    if ("text" in part) {
      const text = document.createTextNode(shown(part.text))
      this.places.set(text, part.at)
      return text
    }
    const link = part.tag === "a" ? { ...part.attributes, target: "_blank", rel: "noopener noreferrer nofollow" } : part.attributes
    return element(part.tag as "p", link, ...part.children.map((child) => this.make(child)))
  }

  // morph changes a node into another one, and returns what stands in its place: what is the
  // same stays, with a selection in it.
  private morph(old: ChildNode, part: Part): ChildNode {
    if ("text" in part && old instanceof Text) {
      const text = shown(part.text)
      if (text.startsWith(old.data)) old.appendData(text.slice(old.length))
      else old.data = text
      this.places.set(old, part.at)
      return old
    }
    if ("text" in part || !(old instanceof HTMLElement) || old.localName !== part.tag || !sameAttributes(old, part.attributes)) {
      const node = this.make(part)
      old.replaceWith(node)
      return node
    }
    let at = old.firstChild
    for (const child of part.children) {
      const next: ChildNode | null = at?.nextSibling ?? null
      if (at) this.morph(at, child)
      else old.append(this.make(child))
      at = next
    }
    while (at) {
      const next: ChildNode | null = at.nextSibling
      at.remove()
      at = next
    }
    return old
  }

  private place(): void {
    if (!this.isGrowing) return this.caret.remove()
    let last: Element = this.blocks.at(-1)?.node ?? this.element
    while (last.lastElementChild && last.lastChild === last.lastElementChild && last.lastElementChild !== this.caret && !["hr", "small"].includes(last.lastElementChild.localName)) last = last.lastElementChild
    if (last.localName === "hr") last = this.element
    last.append(this.caret)
  }
}

function sameAttributes(old: HTMLElement, attributes: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(attributes)
  const own = old.localName === "a" ? 2 : 0 // target and rel
  return old.attributes.length === names.length + own && names.every((name) => old.getAttribute(name) === attributes[name])
}

// shown replaces what cannot be seen; tabs indent.
function shown(text: string): string {
  return text.includes("\t") ? text.split("\t").map(visibleLines).join("\t") : visibleLines(text)
}
