// The line of the side list that tells why something was not done. It stays until the next
// try, or until it is closed.

import { say } from "../text"
import { byId, element, iconButton } from "../ui"

let shown = new AbortController() // of the sentence that is shown

export function tell(sentence: string): void {
  const host = byId("side-problem")
  shown.abort()
  shown = new AbortController()
  host.replaceChildren(element("span", {}, sentence))
  const close = iconButton("x", say("page.close"), { class: "tool low" })
  close.addEventListener("click", untell, { signal: shown.signal })
  host.append(close)
}

export function untell(): void {
  byId("side-problem").replaceChildren()
}
