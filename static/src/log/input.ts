// Pointer and keys on the list.

import type { Row } from "../wire"
import type { RowList } from "./list"
import type { Selection } from "./selection"
import type { Tools } from "./tools"

export interface UnconfirmedActions {
  // again sends a failed message once more, by its client id; drop forgets it.
  again(clientID: string): void
  drop(clientID: string): void
}

// ListInput turns events of the list into selections and actions, until signal aborts.
export class ListInput {
  private pressedSeq = 0 // of the row under the pointer at pointerdown

  constructor(
    private readonly host: HTMLElement,
    private readonly list: RowList,
    private readonly selection: Selection,
    private readonly tools: Tools,
    private readonly unconfirmed: UnconfirmedActions,
    private readonly full: () => void,
    signal: AbortSignal,
  ) {
    const { element } = list
    element.addEventListener("keydown", (event) => this.key(event), { signal })
    element.addEventListener("pointerdown", (event) => { this.pressedSeq = this.seqAt(event) }, { signal })
    element.addEventListener("click", (event) => this.click(event), { signal })
    element.addEventListener("pointerover", (event) => tools.moveTo(rowAt(event), event), { signal })
    element.addEventListener("pointerleave", () => tools.moveTo(null), { signal })
    element.addEventListener("dblclick", (event) => this.doubleClick(event), { signal })
    element.addEventListener("contextmenu", (event) => this.contextMenu(event), { signal })
  }

  // click opens the row that was pressed, even if the list has moved since.
  private click(event: MouseEvent): void {
    const row = rowAt(event)
    const seq = event.detail > 0 ? this.pressedSeq : this.seqAt(event)
    this.pressedSeq = 0
    if (this.tools.contains(event.target)) return
    const act = (event.target as Element).closest<HTMLElement>("[data-act]")?.dataset.act
    const client = row?.dataset.client ?? ""
    if (act && client) return act === "again" ? this.unconfirmed.again(client) : this.unconfirmed.drop(client)
    if (seq > 0) this.selection.openSeq(seq)
  }

  // seqAt returns the seq of the row at an event, which may not have been fetched; 0 for none.
  private seqAt(event: Event): number {
    const row = rowAt(event)
    if (!row || row.dataset.client) return 0
    return Number(row.dataset.seq) || this.list.source.seq(Number(row.getAttribute("aria-rowindex")) - 1)
  }

  // doubleClick gives the message that the first click opened the whole width.
  private doubleClick(event: MouseEvent): void {
    if (this.tools.contains(event.target) || (event.target as Element).closest("[data-act]")) return
    if (this.list.open > 0 && rowAt(event)) this.full()
  }

  private contextMenu(event: MouseEvent): void {
    const row = this.list.rowBySeq(Number(rowAt(event)?.dataset.seq))
    if (!row) return
    event.preventDefault()
    this.selection.activate(row.seq)
    this.list.element.focus({ preventScroll: true })
    this.tools.menu(row, { x: event.clientX, y: event.clientY }, this.host)
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const { key, shiftKey } = event
    if (this.selection.moveByKey(key)) return event.preventDefault()
    if (key === "Enter") this.selection.openActive()
    else if (key === "Escape" && this.list.open > 0) this.selection.close()
    else if (key.toLowerCase() === "f" && !shiftKey && this.activeRow()) {
      if (this.list.open === 0) this.selection.openActive()
      this.full()
    } else if (key === "ContextMenu" || (key === "F10" && shiftKey)) this.activeMenu()
    else if (shiftKey || !this.runTool(key)) return
    event.preventDefault()
  }

  // activeMenu opens the menu of the active row below it.
  private activeMenu(): void {
    const { list } = this
    const row = this.activeRow()
    if (!row) return
    const place = list.source.place(list.active)
    list.rows.reveal(place)
    const { left, bottom } = (list.rows.elementOf(place) ?? list.element).getBoundingClientRect()
    this.tools.menu(row, { x: left + 24, y: bottom }, this.host)
  }

  private runTool(key: string): boolean {
    const row = this.activeRow()
    return row !== undefined && this.tools.runKey(row, key)
  }

  private activeRow(): Row | undefined {
    return this.list.rowBySeq(this.list.active)
  }
}

function rowAt(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>(".log-row")
}
