// The turns of a session: requests with their answers.

export type { SpeechCards, SpeechDeps, TurnCard } from "./cards"
export { requestLine } from "./card"
export { placesOf, type Match } from "./find"
export { figuresOf, type Figures } from "./figures"
export { Meta, offset } from "./meta"
export { Turns } from "./view"
