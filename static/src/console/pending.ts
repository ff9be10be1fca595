// What was sent and has no row yet: on its way, or not sent, below the turns.

import { say, visible } from "../text"
import { element, icon, iconButton, type Component } from "../ui"
import type { Pending } from "./delivery"

export interface PendingActions {
  again(clientID: string): void
  drop(clientID: string): void
}

export class PendingSends implements Component<readonly Pending[]> {
  readonly element = element("div", { class: "turn-pending", hidden: true, "data-testid": "pending-sends" })
  private stop = new AbortController() // of the cards that are shown
  private drawn = ""

  constructor(host: HTMLElement, private readonly actions: PendingActions) {
    host.append(this.element)
  }

  update(messages: readonly Pending[]): void {
    const key = JSON.stringify(messages.map(({ row, fate, reason, slowMS }) => [row.clientID, fate, reason, Math.floor(slowMS / 1000)]))
    if (key === this.drawn) return
    this.drawn = key
    this.stop.abort()
    this.stop = new AbortController()
    this.element.hidden = messages.length === 0
    this.element.replaceChildren(...messages.map((message) => this.card(message)))
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private card({ row, fate, reason, slowMS }: Pending): HTMLElement {
    const { signal } = this.stop
    const word = fate === "sending" && slowMS > 0 ? say("composer.fate.slow", { seconds: Math.floor(slowMS / 1000) }) : say(`log.fate.${fate}`)
    const card = element("article", { class: "turn-sending", "data-testid": "turn-pending", "data-fate": fate, "data-client": row.clientID },
      element("span", { class: "sent", "aria-hidden": "true" }, icon("arrow-up")),
      element("span", { class: "turn-request" }, visible(row.preview)),
      element("span", { class: "turn-fate", role: "status", title: visible(reason) }, ...(fate === "failed" ? [] : [element("span", { class: "spin", "aria-hidden": "true" })]), word),
    )
    if (fate !== "failed") return card
    const again = element("button", { type: "button", class: "link", "data-testid": "try-again-prompt" }, say("log.again"))
    again.addEventListener("click", () => this.actions.again(row.clientID), { signal })
    const drop = iconButton("x", say("log.drop"), { class: "tool low" })
    drop.addEventListener("click", () => this.actions.drop(row.clientID), { signal })
    card.append(again, drop)
    if (reason) card.append(element("p", { class: "turn-reason" }, visible(reason)))
    return card
  }
}
