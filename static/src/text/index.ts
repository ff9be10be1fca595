// Sentences of the catalogue, and values as text. It needs no document.

export { clock, count, date, day, dayInFull, elapsed, exactSize, gap, hhmm, hms, iso, lasted, position, size, sizeLimit, sizeWithin, stamp, timeLimit, when, ymd } from "./format"
export { has, locale, plural, say } from "./say"
export { decodeVisible, isHidden, sequenceLength, visible, visibleLines } from "./visible"
export { tailAt } from "./tail"
