// The pane that shows one message in full.

import type { Row } from "../wire"
import { DetailPane } from "./pane"

export type SavedType = "json" | "xml" | "html" | "text"

export interface DetailDeps {
  bodyURL(seq: number): string
  saveAsMessage(text: string, type: SavedType): void
  nonce: string
  // leave gives the focus back to where the message was chosen.
  leave?(): void
  // close hides the pane; without it there is no button for that.
  close?(): void
}

export interface Detail {
  // show opens a message, with what to find in it.
  show(row: Row | null, find?: string): void
  destroy(): void
}

export function createDetail(host: HTMLElement, deps: DetailDeps): Detail {
  return new DetailPane(host, deps)
}
