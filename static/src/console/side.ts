// The pane beside the log: the session's facts, or one message in full.

import type { Detail } from "../detail"
import { byId, Tabs, type Component } from "../ui"
import type { Row } from "../wire"

export class Side implements Component<Row | null> {
  readonly element = byId("output")
  private readonly stop = new AbortController()
  private readonly tabs = new Tabs(byId("side-tabs"))

  constructor(private readonly detail: Detail) {
    byId("side-open").addEventListener("click", () => this.expand(this.element.dataset.side !== "open"), { signal: this.stop.signal })
    this.tabs.update("session")
  }

  // update opens a message, with the text that it was found by, or closes the pane.
  update(row: Row | null, find = ""): void {
    this.detail.show(row, find)
    this.tabs.update(row ? "detail" : "session")
    this.expand(row !== null)
  }

  // reset shows the facts of another session.
  reset(): void {
    this.detail.show(null)
    this.tabs.update("session")
  }

  destroy(): void {
    this.stop.abort()
    this.tabs.destroy()
    this.detail.destroy()
  }

  private expand(on: boolean): void {
    this.element.dataset.side = on ? "open" : ""
    byId("side-open").setAttribute("aria-expanded", String(on))
  }
}
