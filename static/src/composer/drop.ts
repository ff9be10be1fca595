// Says, while a file is dragged over the page, what dropping it will do.

import { say } from "../text"
import { element, icon, setText } from "../ui"

const textual = /^(text\/|application\/(json|xml|x-yaml|yaml|javascript|x-ndjson|ld\+json|xhtml\+xml))/

export class DropHint {
  private readonly words = element("span", {})
  readonly element = element("p", { class: "drop-over", hidden: true, "data-testid": "drop-hint" }, icon("file-up"), this.words)

  // other returns the sentence of another part that takes the file, or null.
  constructor(other: (type: string) => string | null, signal: AbortSignal) {
    document.addEventListener("dragover", (event) => {
      const item = [...(event.dataTransfer?.items ?? [])].find(({ kind }) => kind === "file")
      if (!item) return
      setText(this.words, other(item.type) ?? say(dropKey(item.type)))
      this.element.hidden = false
    }, { signal })
    document.addEventListener("dragleave", (event) => { if (event.relatedTarget === null) this.element.hidden = true }, { signal })
    document.addEventListener("drop", () => { this.element.hidden = true }, { signal, capture: true })
  }
}

// dropKey returns the sentence for a file of a type: a text is opened as one.
export function dropKey(type: string): string {
  return textual.test(type) ? "composer.drop.text" : "composer.drop.binary"
}
