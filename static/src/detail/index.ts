// One message in full.

export { createDetail, type LateDetail as Detail } from "./late"
