// The heads of the columns, and which of them are shown. The choice is kept in the browser.

import { say } from "../text"
import { element, type MenuItem } from "../ui"
import { columns } from "./row"

const key = "duplex.log.hidden"

export class Columns {
  readonly head: HTMLElement
  private hidden: Set<string>

  constructor(private readonly log: HTMLElement) {
    const names = ["seq", "way", "label", "preview", ...columns.map(({ name }) => name)]
    // The cells of a row are read with their row.
    this.head = element("div", { class: "log-head", "aria-hidden": "true" }, ...names.map((name) => element("span", { class: `log-${name}` }, name === "way" ? "" : say(`log.column.${name}`))))
    this.hidden = new Set(kept())
    this.show()
  }

  // menu offers to show or hide columns.
  menu(): MenuItem[] {
    return columns.map(({ name }) => ({
      name: say("log.menu.column", { column: say(`log.column.${name}`) }), picture: "check", checked: !this.hidden.has(name), run: () => this.toggle(name),
    }))
  }

  private toggle(name: string): void {
    if (!this.hidden.delete(name)) this.hidden.add(name)
    this.show()
    try {
      localStorage.setItem(key, [...this.hidden].join(" "))
    } catch {
      // Without storage the choice lasts until the page is closed.
    }
  }

  private show(): void {
    for (const { name } of columns) this.log.classList.toggle(`no-${name}`, this.hidden.has(name))
  }
}

function kept(): string[] {
  try {
    return (localStorage.getItem(key) ?? "").split(" ").filter((name) => columns.some((column) => column.name === name))
  } catch {
    return []
  }
}
