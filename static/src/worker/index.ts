// Reads payloads in a worker, and shares with the page the functions that need no worker.
// main.ts is the worker's own script.

export { fixed32, fixed64, group, headAt, isLikelyFields, message, octets, text, varint, varintOf } from "./fields"
export { maxHits, type Hits } from "./find"
export { maxIndentedBytes } from "./indent"
export type { Inside, Medium, Range } from "./inside"
export { closeBracket, maxValues, openBrace, openBracket, quote, stringEnd, type Tape } from "./json"
export { cutLines, type Lines } from "./lines"
export { maxPixels, pictureOf, type Picture } from "./picture"
export type { Checked, CheckFault, Progress, BodyStart, Extracted, Opened } from "./protocol"
export { recognise, type Content } from "./recognise"
export { soundOf, type Sound } from "./sound"
export type { Packing } from "./unpack"
export { JobError, Workshop } from "./workshop"
