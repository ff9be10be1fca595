// What one page leaves for the next: drafts of forms, and what to do on arrival.

export { leaveArrival, takeArrival, type Arrival } from "./arrival"
// makeRecording makes the speech that the first page plays to the demo recogniser.
export async function makeRecording(): Promise<Blob> {
  const { madeUpSpeech } = await import("./recording")
  return madeUpSpeech()
}

export { Drafts, newKey, unsavedDrafts, type Draft, type Kept, type Store } from "./drafts"
