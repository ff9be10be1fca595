// The address while nobody edits it: host and tail, with the middle cut first. Focus shows
// it whole.

import { tailAt, visible } from "../text"
import { element, type Component } from "../ui"

const longTail = 20 // characters of two segments that are shown whole

export class AddressView implements Component<string> {
  readonly element: HTMLElement
  private shown = ""

  constructor(private readonly input: HTMLInputElement, place: HTMLElement) {
    this.element = place
  }

  // update is called with any change of the form; it reads the whole address from the input.
  update(_base: string): void {
    const { value } = this.input
    if (value === this.shown) return
    this.shown = value
    const { host, middle, tail, query } = addressParts(value)
    this.element.replaceChildren(
      element("span", { class: "head-part" }, visible(host), element("span", { class: "dim" }, visible(middle))),
      element("span", { class: "tail-part" }, visible(tail)),
      element("span", { class: "dim query-part" }, visible(query)),
    )
  }

  destroy(): void {
    this.element.replaceChildren()
  }
}

// addressParts splits an address: its last one or two segments are the tail, which says
// what is called there.
export function addressParts(address: string): { host: string; middle: string; tail: string; query: string } {
  const rest = address.replace(/^wss?:\/\//i, "")
  const at = rest.search(/[?#]/)
  const path = at < 0 ? rest : rest.slice(0, at)
  const query = at < 0 ? "" : rest.slice(at)
  const slash = path.indexOf("/")
  if (slash < 0) return { host: path, middle: "", tail: "", query }
  const cut = slash + tailAt(path.slice(slash), longTail)
  return { host: path.slice(0, slash), middle: path.slice(slash, cut), tail: path.slice(cut), query }
}
