// The log of a session.

export { createLog, type Log } from "./log"
export { arrowOf, eventSentence, factsOf, isDoubtful, partsOf } from "./sentence"
export type { RowActions } from "./tools"
export { soundText } from "./measure"
