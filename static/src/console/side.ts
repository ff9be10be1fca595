// The right side: details of what is selected, a turn or a message, else of the session.

import type { Detail } from "../detail"
import { say } from "../text"
import { byId, setText, Split, Tabs, type Component } from "../ui"
import type { Row } from "../wire"
import type { ViewName } from "./places"

type Kind = "turn" | "detail" | "session"

const prefix = "duplex.side."
const least = 260 // px
const widths: Record<ViewName, number> = { turns: 340, messages: 400, timing: 340 } // px

export class Side implements Component<Row | null> {
  readonly element = byId("work")
  private readonly stop = new AbortController()
  private readonly narrow = matchMedia("(max-width: 900px)")
  private readonly stacked = matchMedia("(max-width: 900px) and (min-height: 601px)") // as in the sheet
  private readonly tabs = new Tabs(byId("side-tabs"), (name) => this.changed(name))
  private readonly opener = byId("side-open")
  private readonly split: Split
  private view: ViewName | null = null
  private hasTurn = false
  private hasMessage = false

  constructor(private readonly detail: Detail, private readonly closed: (kind: Kind | "full") => void) {
    const { signal } = this.stop
    this.split = new Split(byId("side-divider"), {
      area: this.element, property: "--pane", key: `${prefix}width.messages`, usual: widths.messages, least, isAcross: () => this.stacked.matches,
    })
    this.opener.addEventListener("click", () => this.toggle(), { signal })
    byId("side-close").addEventListener("click", () => this.leave(), { signal })
    byId("side").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return
      event.preventDefault()
      if (this.isFull) this.full(false)
      else this.leave()
    }, { signal })
    this.narrow.addEventListener("change", () => this.expand(this.isWanted), { signal })
    this.tabs.update("session")
  }

  // enter shows what is selected in a view, with the width kept for it; null is the set-up,
  // which has no right side.
  enter(view: ViewName | null): void {
    this.view = view
    if (!view) return this.expand(false)
    this.split.divide({ key: `${prefix}width.${view}`, usual: widths[view] })
    this.present()
    this.expand(this.isWanted || (view === "messages" && this.hasMessage))
  }

  // update opens a message, with the text that it was found by, or closes it.
  update(row: Row | null, find = ""): void {
    this.detail.show(row, find)
    this.hasMessage = row !== null
    this.present()
    if (row) this.expand(true)
    else if (this.narrow.matches) this.expand(false)
  }

  // turn shows the details of the selected turn under a name; null shows none. Where the
  // right side lies below, only opening asks for it. kept leaves the tab that a person chose.
  turn(name: string | null, opening = false, kept = false): void {
    const isKept = kept && this.hasTurn && this.tabs.shown === "session"
    this.hasTurn = name !== null
    if (name) setText(byId("side-turn-name"), name)
    this.present(isKept)
    if (name && (opening || (!this.narrow.matches && this.isWanted))) this.expand(true)
  }

  // session shows the facts of the session.
  session(): void {
    this.tabs.update("session")
    this.expand(true)
  }

  // full gives the right side the whole width of the work, or takes it back.
  full(on = !this.isFull): void {
    if (on) this.expand(true)
    this.element.dataset.full = on ? "1" : ""
    this.detail.showFull(on)
    if (on) this.detail.focus()
    else this.closed("full")
  }

  private get isFull(): boolean {
    return this.element.dataset.full === "1"
  }

  // reset shows another session.
  reset(): void {
    this.detail.prepare()
    this.detail.show(null)
    this.hasTurn = this.hasMessage = false
    this.present()
  }

  destroy(): void {
    this.stop.abort()
    this.tabs.destroy()
    this.split.destroy()
    this.detail.destroy()
  }

  // present shows the tab of what is selected in the view.
  private present(isKept = false): void {
    const { view } = this
    const kind: Kind = view === "messages" && this.hasMessage ? "detail" : view !== "messages" && this.hasTurn ? "turn" : "session"
    byId("side-tab-turn").hidden = kind !== "turn"
    byId("side-tab-detail").hidden = kind !== "detail"
    if (!isKept) this.tabs.update(kind)
  }

  private changed(name: string): void {
    this.element.dataset.shown = name
  }

  private leave(): void {
    const kind: Kind = this.hasMessage && this.view === "messages" ? "detail" : this.hasTurn ? "turn" : "session"
    this.want(false)
    this.expand(false)
    this.closed(kind)
  }

  private toggle(): void {
    const on = this.element.dataset.side !== "open"
    this.want(on)
    this.expand(on)
  }

  private get isWanted(): boolean {
    if (this.view === null || this.narrow.matches) return false
    const kept = localStorage.getItem(`${prefix}${this.view}`)
    return kept ? kept === "open" : this.view !== "timing"
  }

  private want(on: boolean): void {
    if (this.view && !this.narrow.matches) localStorage.setItem(`${prefix}${this.view}`, on ? "open" : "closed")
  }

  private expand(on: boolean): void {
    this.element.dataset.side = on ? "open" : ""
    if (!on) this.element.dataset.full = ""
    this.opener.setAttribute("aria-expanded", String(on))
    const title = say(on ? "page.side.close" : "page.side.open")
    this.opener.title = title
    this.opener.setAttribute("aria-label", title)
    if (on) this.split.divide({})
  }
}
