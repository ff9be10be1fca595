// What can be done with one message of the log: a few buttons on the row under the
// pointer, the same as a menu, and by keys on the active row. None of it moves a row.

import { element, iconButton } from "../element"
import { openMenu, type Place } from "../popmenu"
import { say } from "../text"
import { toast } from "../toast"
import type { Row } from "../wire"

export interface RowActions {
  copy(row: Row): void
  sendAgain(row: Row): void
  save(row: Row): void
  link(row: Row): void
  // blocked says why a message cannot be sent again now, or null.
  blocked(row: Row): string | null
}

interface Tool {
  key: string
  name: string
  picture: string
  run(row: Row): void
  blocked(row: Row): string | null
}

// Tools holds the buttons; one set serves all rows.
export class Tools {
  private readonly element: HTMLElement
  private readonly tools: readonly Tool[]
  private buttons: HTMLButtonElement[]
  private pressed: Row | null = null // the row that was under a button when it went down

  constructor(actions: RowActions, private readonly rowOf: (element: HTMLElement) => Row | undefined) {
    const isMessage = (row: Row) => (row.direction === "event" ? say("row.event") : null)
    this.tools = [
      { key: "c", name: say("row.copy"), picture: "copy", run: (row) => actions.copy(row), blocked: () => null },
      { key: "r", name: say("row.again"), picture: "rotate-cw", run: (row) => actions.sendAgain(row), blocked: (row) => isMessage(row) ?? actions.blocked(row) },
      { key: "s", name: say("row.save"), picture: "bookmark-plus", run: (row) => actions.save(row), blocked: isMessage },
      { key: "l", name: say("row.link"), picture: "link", run: (row) => actions.link(row), blocked: () => null },
    ]
    this.buttons = this.tools.map((tool) => this.button(tool))
    this.element = element("span", { class: "row-tools", role: "gridcell" }, ...this.buttons)
  }

  // contains tells a press on a button from one on its row.
  contains(target: EventTarget | null): boolean {
    return target instanceof Node && this.element.contains(target)
  }

  // over puts the buttons on the row under the pointer; null takes them away.
  over(row: HTMLElement | null): void {
    if (row === this.element.parentElement) return
    if (row) row.append(this.element)
    else this.element.remove()
    this.refresh()
  }

  // refresh says what can be done with the message that the row shows by now.
  refresh(): void {
    const row = this.row()
    this.tools.forEach((tool, i) => {
      const reason = row ? tool.blocked(row) : null
      const label = reason ? `${tool.name}: ${reason}` : `${tool.name} (${tool.key.toUpperCase()})`
      const button = this.buttons[i]
      if (button?.title === label) return
      button?.setAttribute("title", label)
      button?.setAttribute("aria-label", label)
      button?.setAttribute("aria-disabled", String(reason !== null))
    })
  }

  // key does what a key stands for, and reports whether it stands for anything.
  key(row: Row, key: string): boolean {
    const tool = this.tools.find((known) => known.key === key.toLowerCase())
    if (tool) use(tool, row)
    return tool !== undefined
  }

  menu(row: Row, place: Place, host: HTMLElement): void {
    openMenu(say("row.menu", { seq: row.seq }), this.tools.map((tool) => ({
      name: tool.name, picture: tool.picture, keys: tool.key.toUpperCase(), blocked: tool.blocked(row), run: () => tool.run(row),
    })), place, host)
  }

  private button(tool: Tool): HTMLButtonElement {
    const button = iconButton(tool.picture, tool.name, { tabindex: -1, "data-testid": `row-${tool.picture}` })
    button.addEventListener("pointerdown", () => { this.pressed = this.row() ?? null })
    button.addEventListener("click", () => {
      const row = this.pressed ?? this.row()
      this.pressed = null
      if (row) use(tool, row)
    })
    return button
  }

  private row(): Row | undefined {
    const { parentElement } = this.element
    return parentElement ? this.rowOf(parentElement) : undefined
  }
}

function use(tool: Tool, row: Row): void {
  const reason = tool.blocked(row)
  if (reason === null) tool.run(row)
  else toast(reason)
}
