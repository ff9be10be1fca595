// The messages that a prompt becomes, above the line that names them.

import { say, visibleLines } from "../text"
import { element, type Component } from "../ui"

export interface Previewed {
  label: string
  message: string
  open: readonly string[] // values that the page does not know
  isBinary: boolean
}

const gap = 4

export class Preview implements Component<readonly Previewed[]> {
  readonly element = element("div", { class: "send-preview", popover: "auto", role: "dialog", "aria-label": say("prompt.preview"), "data-testid": "send-preview" })
  private readonly stop = new AbortController()

  // about shows the dialect.
  constructor(private readonly line: HTMLElement, private readonly about: () => void) {
    document.body.append(this.element)
  }

  // update opens the preview.
  update(messages: readonly Previewed[]): void {
    const about = element("button", { type: "button", class: "link", "data-testid": "preview-dialect" }, say("prompt.preview.dialect"))
    about.addEventListener("click", () => {
      this.element.hidePopover()
      this.about()
    }, { signal: this.stop.signal })
    const hasOpen = messages.some(({ open }) => open.length > 0)
    this.element.replaceChildren(
      element("h2", {}, say("prompt.preview")),
      ...messages.flatMap(({ label, message, isBinary }, index) => [
        element("h3", {}, `${index + 1}. ${label || say(isBinary ? "prompt.preview.binary" : "prompt.preview.text")}`),
        element("pre", { class: "mono", tabindex: 0 }, visibleLines(message)),
      ]),
      element("p", { class: "quiet" }, ...(hasOpen ? [`${say("prompt.preview.open")} `] : []), about),
    )
    this.element.showPopover()
    const { top, bottom, left } = this.line.getBoundingClientRect()
    const { style } = this.element
    const isAbove = top > innerHeight - bottom // the composer may be at the top
    style.left = `${Math.max(gap, Math.min(left, innerWidth - this.element.offsetWidth - gap))}px`
    style.top = isAbove ? "auto" : `${bottom + gap}px`
    style.bottom = isAbove ? `${innerHeight - top + gap}px` : "auto"
    style.maxHeight = `${(isAbove ? top : innerHeight - bottom) - 3 * gap}px`
    this.element.querySelector<HTMLElement>("pre")?.focus({ preventScroll: true })
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }
}
