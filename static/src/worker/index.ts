// The worker that reads payloads off the main thread, and the functions it shares with the page. main.ts is the script of the worker itself.

export { fixed32, fixed64, group, headAt, isTelling, message, octets, text, varint, varintOf } from "./fields"
export { mostHits, type Hits } from "./find"
export { mostIndented } from "./indent"
export { closeBracket, mostValues, openBrace, openBracket, quote, stringEnd, type Tape } from "./json"
export { cutLines, type Lines } from "./lines"
export { mostPixels, type Picture } from "./picture"
export type { Checked, CheckFault, Early, Head, Opened } from "./protocol"
export { recognise, type Content } from "./recognise"
export type { Sound } from "./sound"
export type { Packing } from "./unpack"
export { JobError, Workshop } from "./workshop"
