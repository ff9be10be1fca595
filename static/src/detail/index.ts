// One message in full.

export { createDetail, type Detail } from "./detail"
