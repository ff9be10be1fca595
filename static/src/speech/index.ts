// Turns that are spoken: their cards, with players and transcripts.

export { createSpeech } from "./speech"
