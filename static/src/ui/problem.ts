// A line at the place of a cause that tells why something was not done. It stays until the
// next try, or until it is closed.

import { say } from "../text"
import { element, iconButton } from "./element"

export class ProblemLine {
  private closing = new AbortController() // of the button that is shown

  constructor(readonly element: HTMLElement) {}

  // tell shows a sentence; "" takes the last one away.
  tell(sentence: string): void {
    this.closing.abort()
    this.closing = new AbortController()
    this.element.replaceChildren()
    if (sentence === "") return
    const close = iconButton("x", say("page.close"), { class: "tool low" })
    close.addEventListener("click", () => this.tell(""), { signal: this.closing.signal })
    this.element.append(element("span", {}, sentence), close)
  }

  // told shows the error of a call, or takes the last one away. It reports whether there is one.
  told(error: { message: string } | null): boolean {
    this.tell(error?.message ?? "")
    return error !== null
  }
}

// problemLine makes an empty line.
export function problemLine(): ProblemLine {
  return new ProblemLine(element("p", { class: "problem-line", role: "alert", "data-testid": "problem" }))
}
