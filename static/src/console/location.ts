// The page's address: the session or service that it names, and the place in the log
// that a link asks for.

import type { ViewName } from "./places"
import { isView } from "./views"

export function nameSession(id: string): void {
  history.pushState(null, "", `/sessions/${id}`)
}

export function nameService(id: string): void {
  history.replaceState(null, "", `/services/${id}`)
}

// askedSearch returns the search that the address asks for, or null.
export function askedSearch(): { text: string; regex: boolean; matchCase: boolean } | null {
  const asked = new URLSearchParams(location.search)
  const text = asked.get("q") ?? ""
  return text ? { text, regex: asked.get("regex") === "1", matchCase: asked.get("case") === "1" } : null
}

// askedSeq returns the number of the message that the address asks for, or null.
export function askedSeq(): number | null {
  const seq = new URLSearchParams(location.search).get("seq")
  return seq === null ? null : Number(seq)
}

// askedTurn returns the number of the turn that the address asks for, or null.
export function askedTurn(): number | null {
  const turn = new URLSearchParams(location.search).get("turn")
  return turn === null ? null : Number(turn)
}

// askedView returns the view that the address asks for, or null.
export function askedView(): ViewName | null {
  const view = new URLSearchParams(location.search).get("view") ?? ""
  return isView(view) ? view : null
}
