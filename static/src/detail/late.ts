// The place of the message that is opened. What fills it is loaded with the first session:
// a page that has none shows no message.

import { Late } from "../ui"
import type { Row } from "../wire"
import type { Detail, DetailDeps } from "./detail"

export function createDetail(host: HTMLElement, deps: DetailDeps): LateDetail {
  return new LateDetail(host, deps)
}

export class LateDetail {
  private readonly detail: Late<Detail>

  constructor(readonly element: HTMLElement, deps: DetailDeps) {
    this.detail = new Late(async () => {
      const { Detail } = await import("./detail")
      return new Detail(element, deps)
    })
  }

  // prepare loads the detail before a message is opened.
  prepare(): void {
    void this.detail.load()
  }

  // show opens a message and finds a text in it; null shows none.
  show(row: Row | null, find = ""): void {
    if (row) this.detail.ask((detail) => detail.show(row, find))
    else this.detail.tell((detail) => detail.show(null))
  }

  // focus moves the focus to the body.
  focus(): void {
    this.detail.ask((detail) => detail.focus())
  }

  showFull(on: boolean): void {
    this.detail.tell((detail) => detail.showFull(on))
  }

  destroy(): void {
    this.detail.tell((detail) => detail.destroy())
  }
}
