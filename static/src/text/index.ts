// Sentences of the catalogue, and values as text. It needs no document.

export { clock, count, delta, lasted, size, stamp } from "./format"
export { has, locale, plural, say } from "./say"
export { decodeVisible, isHidden, sequenceLength, visible, visibleLines } from "./visible"
