// The strip above a body: what a person should know before reading, and what can be
// done about it.

import { say } from "../text"
import { element } from "../ui"

// Notice is hidden while there is nothing to say.
export class Notice {
  readonly element = element("div", { class: "detail-notice", role: "status", hidden: true })

  say(...sentences: string[]): void {
    this.element.hidden = sentences.length === 0
    this.element.replaceChildren(sentences.join(" "))
  }

  // offer adds a way on to what was said.
  offer(key: string, act: () => void): void {
    const button = element("button", { type: "button", class: "link" }, say(key))
    button.addEventListener("click", act)
    this.element.append(" ", button)
  }

  hush(): void {
    this.element.hidden = true
    this.element.replaceChildren()
  }
}
