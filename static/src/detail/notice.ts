// The notice above a body: sentences, and links to act on them.

import { say } from "../text"
import { element } from "../ui"

// Notice is hidden while it is empty.
export class Notice {
  readonly element = element("div", { class: "detail-notice", role: "status", hidden: true })

  constructor(private readonly signal: AbortSignal) {}

  say(...sentences: string[]): void {
    this.element.hidden = sentences.length === 0
    this.element.replaceChildren(sentences.join(" "))
  }

  // offer appends a link.
  offer(key: string, act: () => void): void {
    const button = element("button", { type: "button", class: "link" }, say(key))
    button.addEventListener("click", act, { signal: this.signal })
    this.element.append(" ", button)
  }

  clear(): void {
    this.element.hidden = true
    this.element.replaceChildren()
  }
}
