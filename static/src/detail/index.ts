// One message in full.

export { createDetail } from "./detail"
export type { Detail } from "./pane"
