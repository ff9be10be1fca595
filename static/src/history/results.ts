// The results of a search over all sessions, drawn as they arrive.

import { arrowOf, partsOf } from "../log"
import { clock, count, plural, say, stamp, visible } from "../text"
import { element } from "../ui"
import type { FoundSession, Row, Session } from "../wire"

const leading = 64 // characters before a match

// Results lists the sessions with matches. addressOf returns the address that opens a
// session with the same search, at a message or at its start.
export class Results {
  readonly element = element("ol", { class: "found-list" })
  private items = new Map<string, Item>()

  constructor(private readonly addressOf: (session: string, seq: number) => string) {}

  get sessions(): number {
    return this.items.size
  }

  get matches(): number {
    return [...this.items.values()].reduce((sum, item) => sum + item.found, 0)
  }

  addSession(found: FoundSession): void {
    const { id } = found.session
    let item = this.items.get(id)
    if (!item) {
      item = new Item(found.session, (seq) => this.addressOf(id, seq))
      this.items.set(id, item)
      this.element.append(item.element)
    }
    item.addHits(found)
  }
}

class Item {
  readonly element: HTMLLIElement
  found = 0
  private number = element("span", { class: "found-count", "data-testid": "found-count" })
  private hits = element("ol", { class: "found-hits" })

  constructor(session: Session, private readonly addressOf: (seq: number) => string) {
    const name = session.serviceName || session.address.replace(/^wss?:\/\//, "")
    this.element = element("li", { class: "found-session", "data-testid": "found-session", "data-id": session.id },
      element("div", { class: "found-head", "data-state": session.state },
        element("span", { class: "dot", role: "img", "aria-label": say(`page.state.${session.state}`) }),
        element("a", { href: addressOf(0), title: session.address }, name),
        element("span", { class: "quiet" }, stamp(session.openedAtUS).slice(0, 19)),
        element("span", { class: "quiet found-by" }, session.openedBy),
        this.number),
      this.hits)
  }

  addHits({ found, more, messages }: FoundSession): void {
    this.found += found
    this.number.textContent = plural("history.matches", this.found, { count: count(this.found) + (more ? "+" : "") })
    this.hits.append(...messages.map((row) => drawHit(row, this.addressOf(row.seq))))
  }
}

function drawHit(row: Row, href: string): HTMLLIElement {
  const { before, match, after } = partsOf(row, leading)
  return element("li", {},
    element("a", { class: "found-hit", "data-testid": "found-hit", "data-seq": row.seq, "data-direction": row.direction, href },
      element("span", { class: "found-way", "aria-hidden": "true" }, arrowOf(row)),
      element("span", { class: "visually-hidden" }, say(`log.${row.direction}`)),
      element("span", { class: "found-text" }, before, ...(match ? [element("mark", {}, match)] : []), after),
      element("span", { class: "found-place" }, `#${count(row.seq)}`),
      element("span", { class: "found-place" }, visible(clock(row.atUS))),
    ))
}
