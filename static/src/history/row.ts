// One session of the list: the row that the server draws (views/history.templ), or the same
// one made here, with a box and a menu button that need the script.

import { count, elapsed, hhmm, iso, plural, say } from "../text"
import { initials, shortAddress } from "../sidebar"
import { element, icon, iconButton } from "../ui"
import type { Session } from "../wire"

// HistoryRow is a row and the facts that its actions need.
export class HistoryRow {
  readonly box: HTMLInputElement
  readonly more: HTMLButtonElement
  private lines: HTMLElement | null = null

  // A row whose element the server has drawn.
  constructor(readonly element: HTMLLIElement) {
    const label = { name: this.name, time: this.time }
    this.box = element.ownerDocument.createElement("input")
    this.box.type = "checkbox"
    this.box.className = "check"
    this.box.dataset.testid = "history-select"
    this.box.setAttribute("aria-label", say("history.select", label))
    this.more = iconButton("ellipsis", say("history.more_for", label), { "data-testid": "history-more", "aria-haspopup": "menu" })
    this.more.classList.add("low")
    element.querySelector(".h-box")?.replaceChildren(this.box)
    element.querySelector(".h-more")?.replaceChildren(this.more)
  }

  get id(): string { return this.element.dataset.id ?? "" }
  get openedUS(): number { return Number(this.element.dataset.opened) }
  get isOpen(): boolean { return this.element.dataset.state !== "closed" }
  get mayManage(): boolean { return this.element.dataset.manage === "true" }
  get isPinned(): boolean { return this.element.dataset.pinned === "true" }
  get link(): HTMLAnchorElement { return this.element.querySelector<HTMLAnchorElement>(".h-name a") as HTMLAnchorElement }
  get name(): string { return this.link.textContent?.trim() ?? "" }
  get time(): string { return this.element.querySelector(".h-at")?.textContent ?? "" }

  // select marks the row.
  select(on: boolean): void {
    this.box.checked = on
    this.element.dataset.selected = String(on)
  }

  setPinned(on: boolean): void {
    this.element.dataset.pinned = String(on)
    const name = this.element.querySelector(".h-name")
    name?.querySelector(".h-pin")?.remove()
    if (on) name?.append(pinMark())
  }

  // addHits shows lines of matches below the row.
  addHits(...lines: Node[]): void {
    if (!this.lines) {
      this.lines = element("div", { class: "h-hits" })
      this.element.append(this.lines)
    }
    this.lines.append(...lines)
  }
}

function pinMark(): HTMLElement {
  return element("span", { class: "h-pin", role: "img", "data-testid": "history-pin", "aria-label": say("history.pinned"), title: say("history.pinned") }, icon("pin"))
}

// drawRow makes the row of a session. href opens it with the search that found it; nameOf
// returns the page's name of a service.
export function drawRow(session: Session, nowUS: number, href: string, nameOf: (service: string) => string): HistoryRow {
  const outcome = session.outcome || say(`page.state.${session.state}`)
  const what = session.sentences > 0 ? plural("history.sentences", session.sentences) : session.turns > 0 ? plural("history.turns", session.turns) : ""
  const messages = session.sent + session.received
  const lasted = (session.endedAtUS || nowUS) - session.openedAtUS
  const name = element("span", { class: "h-name" },
    element("a", { lang: "", href, title: session.address }, session.name || nameOf(session.serviceName) || shortAddress(session.address)))
  if (session.pinned) name.append(pinMark())
  const by = session.openedBy
  return new HistoryRow(element("li", {
    class: "h-row", "data-testid": "history-row", "data-id": session.id, "data-state": session.state, "data-opened": session.openedAtUS,
    "data-failed": String(session.failed), "data-pinned": String(session.pinned), "data-manage": String(session.access.mayManage),
  },
    element("span", { class: "h-box" }),
    element("time", { class: "h-at number quiet", datetime: new Date(session.openedAtUS / 1000).toISOString(), title: iso(session.openedAtUS) }, hhmm(session.openedAtUS)),
    name,
    element("span", { class: "h-what clip" }, what),
    element("span", { class: "h-state", title: outcome }, element("span", { class: "dot", "aria-hidden": "true" }), element("span", { class: "clip" }, outcome)),
    element("span", { class: "h-messages number quiet" }, plural("history.messages", messages, { count: count(messages) })),
    element("span", { class: "h-lasted number quiet" }, elapsed(lasted)),
    element("span", { class: "h-by" }, ...(by ? [element("span", { class: "face", title: by, role: "img", "aria-label": by }, initials(by))] : [])),
    element("span", { class: "h-more" }),
  ))
}
