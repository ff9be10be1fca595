// The worker that reads payloads off the main thread, and the functions it shares with the page. main.ts is the script of the worker itself.

export { fixed32, fixed64, group, headAt, isLikelyFields, message, octets, text, varint, varintOf } from "./fields"
export { maxHits, type Hits } from "./find"
export { maxIndentedBytes } from "./indent"
export { closeBracket, maxValues, openBrace, openBracket, quote, stringEnd, type Tape } from "./json"
export { cutLines, type Lines } from "./lines"
export { maxPixels, type Picture } from "./picture"
export type { Checked, CheckFault, Progress, BodyStart, Opened } from "./protocol"
export { recognise, type Content } from "./recognise"
export type { Sound } from "./sound"
export type { Packing } from "./unpack"
export { JobError, Workshop } from "./workshop"
