// The head of a message: its direction and number, what it is, and what can be done with it.

import { clock, count, lasted, say, size, stamp, visible } from "../text"
import { element, icon, iconButton, openMenu, placeBelow, press, setText, type MenuItem } from "../ui"
import type { Row } from "../wire"

export interface HeadActions {
  copy(): void
  // full gives the message the whole width, or takes it back.
  full(): void
  // menu lists what the menu offers now.
  menu(): MenuItem[]
}

const arrows: Readonly<Record<string, string>> = { sent: "↑", received: "↓", event: "•" }

export class Head {
  private arrow = element("span", { class: "detail-arrow", "aria-hidden": "true" })
  private title = element("span", {})
  private facts = element("p", { class: "detail-facts", "data-testid": "detail-facts" })
  private copying = iconButton("copy", say("detail.copy"), { class: "tool low", "data-testid": "detail-copy" })
  private download = element("a", { class: "tool low", "aria-label": say("detail.download"), title: say("detail.download"), "data-testid": "detail-download" }, icon("download"))
  private widen = iconButton("maximize-2", say("detail.full"), { class: "tool low", "aria-pressed": "false", "data-testid": "detail-full", "aria-keyshortcuts": "F" })
  private more = iconButton("ellipsis", say("detail.more"), { class: "tool low", "aria-haspopup": "menu", "data-testid": "detail-more" })
  readonly element = element("header", { class: "detail-head" },
    element("h2", {}, this.arrow, this.title),
    element("span", { class: "detail-acts" }, this.copying, this.download, this.widen, this.more),
    this.facts)

  constructor(actions: HeadActions, signal: AbortSignal) {
    const on = (button: HTMLElement, act: () => void): void => button.addEventListener("click", act, { signal })
    on(this.copying, () => actions.copy())
    on(this.widen, () => actions.full())
    on(this.more, () => openMenu(say("detail.more"), actions.menu(), placeBelow(this.more), this.element))
  }

  // describe shows a message; kind is that of its content, once known, and before the row
  // that came before it.
  describe(row: Row | null, kind = "", before: Row | null = null): void {
    this.element.dataset.direction = row?.direction ?? ""
    setText(this.arrow, row ? (arrows[row.direction] ?? "") : "")
    setText(this.title, row ? say(`detail.title.${row.direction}`, { seq: count(row.seq) }) : "")
    setText(this.facts, row ? factsOf(row, kind, before).join(" · ") : "")
    this.facts.title = row ? stamp(row.atUS) : ""
    this.more.disabled = this.widen.disabled = row === null
  }

  allowCopy(on: boolean): void {
    this.copying.disabled = !on
  }

  // link sets the address and file name of the download.
  link(href: string, name: string): void {
    this.download.href = href
    this.download.download = name
    this.download.removeAttribute("aria-disabled")
  }

  unlink(): void {
    this.download.removeAttribute("href")
    this.download.setAttribute("aria-disabled", "true")
  }

  showFull(on: boolean): void {
    press(this.widen, on)
  }

  // showCopied shows for a moment that the copy succeeded.
  showCopied(): void {
    this.copying.classList.add("done")
    this.copying.setAttribute("aria-label", say("detail.copied"))
    window.setTimeout(() => {
      this.copying.classList.remove("done")
      this.copying.setAttribute("aria-label", say("detail.copy"))
    }, 1200)
  }
}

function factsOf(row: Row, kind: string, before: Row | null): string[] {
  const facts: string[] = []
  if (row.direction !== "event") {
    const opcode = say(`detail.opcode.${row.opcode ?? "text"}`)
    facts.push(!kind ? opcode : row.opcode === "binary" ? `${kind}, ${opcode}` : kind, size(row.size))
  }
  facts.push(clock(row.atUS))
  if (before) facts.push(say("detail.after", { time: lasted(Math.max(0, row.atUS - before.atUS)), seq: count(before.seq) }))
  if (row.sender) facts.push(say("detail.by", { sender: visible(row.sender) }))
  return facts
}
