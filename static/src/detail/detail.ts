// The pane that shows one message in full.

import { DetailPane, type Detail, type DetailDeps } from "./pane"

export type { Detail }

export function createDetail(host: HTMLElement, deps: DetailDeps): Detail {
  return new DetailPane(host, deps)
}
