// What of an answer was heard before it was interrupted.

// heardPart splits a text where its audio was interrupted, at the nearest beginning of a word.
// The place is by the share of the audio: no service tells it.
export function heardPart(text: string, playedMS: number, wholeMS: number): { heard: string; unheard: string } {
  if (playedMS <= 0 || wholeMS <= 0 || playedMS >= wholeMS) return { heard: text, unheard: "" }
  const aim = Math.round((text.length * playedMS) / wholeMS)
  let best = 0
  for (const { index } of text.matchAll(/(?<=\s)\S|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)) {
    if (Math.abs(index - aim) < Math.abs(best - aim)) best = index
  }
  return { heard: text.slice(0, best), unheard: text.slice(best) }
}
