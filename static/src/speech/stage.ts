// The parts that are loaded when a session speaks.

export { TranscriptView } from "./transcript"
export { VoiceCard } from "./voice-card"
export { VoiceSide } from "./voice-side"
