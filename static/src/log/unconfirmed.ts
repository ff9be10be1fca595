// The state of a message that has no row yet: sending, waiting or failed, with
// buttons to send it again or drop it.

import { say } from "../text"
import { element, icon, setText } from "../ui"
import type { Row } from "../wire"

// Unconfirmed is a message that the server has not confirmed.
export interface Unconfirmed {
  row: Row // its seq is 0
  fate: "sending" | "waiting" | "failed"
  // reason is the cause of a failure.
  reason: string
  slowMS?: number // that it has been under way, where that is long; else 0
}

// UnconfirmedCell stands in place of size, time and gap of a row.
export class UnconfirmedCell {
  private spin = element("span", { class: "spin", "aria-hidden": "true" })
  private word = element("span", { class: "fate-word" })
  private again = element("button", { type: "button", class: "link", "data-testid": "try-again", "data-act": "again" }, say("log.again"))
  private drop = element("button", { type: "button", class: "tool", "data-act": "drop", title: say("log.drop"), "aria-label": say("log.drop") }, icon("x"))
  private cell = element("span", { class: "log-fate", role: "gridcell", hidden: true }, this.spin, this.word, this.again, this.drop)

  constructor(private readonly row: HTMLElement) {
    row.append(this.cell)
  }

  // update shows the state of a message; null hides it.
  update(message: Unconfirmed | null): void {
    if (!message) return this.hide()
    const { row, fate, reason, slowMS = 0 } = message
    this.row.dataset.testid = "row-unsettled"
    this.row.dataset.fate = fate
    this.row.dataset.client = row.clientID
    this.row.title = reason
    this.cell.hidden = false
    this.spin.hidden = fate !== "sending"
    this.again.hidden = this.drop.hidden = fate !== "failed"
    setText(this.word, fate === "sending" && slowMS > 0 ? say("composer.fate.slow", { seconds: Math.floor(slowMS / 1000) }) : say(`log.fate.${fate}`))
  }

  private hide(): void {
    if (this.cell.hidden) return
    this.cell.hidden = true
    this.row.dataset.testid = "row"
    this.row.removeAttribute("title")
    delete this.row.dataset.fate
    delete this.row.dataset.client
  }
}
