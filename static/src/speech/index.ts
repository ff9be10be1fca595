// Sessions that are spoken: transcripts, conversations with players, and their right side.

import type { Measured } from "./measure"

export { createSpeech, type SpeechParts, type SpokenTurns } from "./speech"
export type { Coming } from "./transcript"

// measureFile measures a file of sound; null when it cannot.
export async function measureFile(file: Blob): Promise<Measured | null> {
  const { measureFile: measure } = await import("./measurer")
  const measured = await measure(file)
  return measured.failed ? null : measured
}
