// Actions on one message: two buttons and a menu on the row under the pointer, and keys
// on the active row. The buttons cover time and gap, never the text, and move no row. What
// sends is only in the menu.

import { say } from "../text"
import { element, iconButton, openMenu, placeBelow, type MenuItem, type Place } from "../ui"
import type { Row } from "../wire"

export interface RowActions {
  copy(row: Row): void
  sendAgain(row: Row): void
  save(row: Row): void
  link(row: Row): void
  // turn shows the turn of a message.
  turn(row: Row): void
  // noTurn returns why a message has no turn, or null.
  noTurn(row: Row): string | null
  // blocked returns why a message cannot be sent again now, or null.
  blocked(row: Row): string | null
  // refuse tells why an action cannot be done.
  refuse(reason: string): void
}

interface Tool {
  key: string // "" for an action without a key
  name: string
  picture: string
  onRow: boolean // shown as a button on the row
  run(row: Row): void
  blocked(row: Row): string | null
}

const settleTime = 400 // ms until buttons that appear under the pointer accept a press

// Tools holds the buttons; one set serves all rows.
export class Tools {
  private readonly element: HTMLElement
  private readonly tools: readonly Tool[]
  private readonly buttons: readonly HTMLButtonElement[]
  private pressed: Row | null = null // the row under a button at pointerdown
  private settleTimer = 0

  constructor(private readonly actions: RowActions, private readonly rowOf: (element: HTMLElement) => Row | undefined, private readonly host: HTMLElement, private readonly signal: AbortSignal) {
    signal.addEventListener("abort", () => window.clearTimeout(this.settleTimer))
    const blockedEvent = (row: Row) => (row.direction === "event" ? say("row.event") : null)
    this.tools = [
      { key: "c", name: say("row.copy"), picture: "copy", onRow: true, run: (row) => actions.copy(row), blocked: () => null },
      { key: "", name: say("row.turn"), picture: "circle-dot", onRow: true, run: (row) => actions.turn(row), blocked: (row) => actions.noTurn(row) },
      { key: "l", name: say("row.link"), picture: "link", onRow: false, run: (row) => actions.link(row), blocked: () => null },
      { key: "s", name: say("row.save"), picture: "bookmark-plus", onRow: false, run: (row) => actions.save(row), blocked: blockedEvent },
      { key: "", name: say("row.again"), picture: "rotate-cw", onRow: false, run: (row) => actions.sendAgain(row), blocked: (row) => blockedEvent(row) ?? actions.blocked(row) },
    ]
    this.buttons = this.tools.filter((tool) => tool.onRow).map((tool) => this.button(tool.picture, tool.key ? `${tool.name} (${tool.key.toUpperCase()})` : tool.name, (row) => this.run(tool, row)))
    const more = this.button("ellipsis", say("row.more"), (row) => this.menu(row, placeBelow(more), this.host))
    more.setAttribute("aria-haspopup", "menu")
    this.element = element("span", { class: "row-tools", role: "gridcell" }, ...this.buttons, more)
  }

  // contains reports whether an event targets a button rather than its row.
  contains(target: EventTarget | null): boolean {
    return target instanceof Node && this.element.contains(target)
  }

  // moveTo puts the buttons on a row; null removes them. Buttons that appear under the
  // pointer are inert at first, because the press was meant for the row.
  moveTo(row: HTMLElement | null, pointer?: { clientX: number }): void {
    if (row === this.element.parentElement) return
    if (!row) return this.element.remove()
    row.append(this.element)
    const of = this.rowOf(row)
    for (const [i, tool] of this.tools.filter((tool) => tool.onRow).entries()) {
      const blocked = of ? tool.blocked(of) : null
      this.buttons[i]?.setAttribute("aria-disabled", String(blocked !== null))
    }
    window.clearTimeout(this.settleTimer)
    const isUnder = pointer !== undefined && pointer.clientX >= this.element.getBoundingClientRect().left
    this.element.inert = isUnder
    if (isUnder) this.settleTimer = window.setTimeout(() => { this.element.inert = false }, settleTime)
  }

  // runKey runs the action of a key and reports whether there is one.
  runKey(row: Row, key: string): boolean {
    const tool = this.tools.find((known) => known.key !== "" && known.key === key.toLowerCase())
    if (tool) this.run(tool, row)
    return tool !== undefined
  }

  menu(row: Row, place: Place, host: HTMLElement): void {
    openMenu(say("row.menu", { seq: row.seq }), this.tools.map((tool): MenuItem => ({
      name: tool.name, picture: tool.picture, keys: tool.key.toUpperCase(), blocked: tool.blocked(row), run: () => tool.run(row),
    })), place, host)
  }

  private button(picture: string, label: string, run: (row: Row) => void): HTMLButtonElement {
    const button = iconButton(picture, label, { tabindex: -1, "data-testid": `row-${picture}` })
    const { signal } = this
    button.addEventListener("pointerdown", () => { this.pressed = this.currentRow() ?? null }, { signal })
    button.addEventListener("click", () => {
      const row = this.pressed ?? this.currentRow()
      this.pressed = null
      if (row) run(row)
    }, { signal })
    return button
  }

  private run(tool: Tool, row: Row): void {
    const reason = tool.blocked(row)
    if (reason === null) tool.run(row)
    else this.actions.refuse(reason)
  }

  private currentRow(): Row | undefined {
    const { parentElement } = this.element
    return parentElement ? this.rowOf(parentElement) : undefined
  }
}
