// The length of frames of audio, of which only their number and the whole are known.

const round = [10, 5, 2, 1] // ms

// frameOf returns the length in ms of all frames but the last, which may be shorter: the
// roundest length that fits. It is 0 without frames.
export function frameOf(wholeMS: number, frames: number): number {
  if (frames === 0) return 0
  const least = wholeMS / frames
  const most = frames > 1 ? wholeMS / (frames - 1) : least
  for (const step of round) {
    const length = Math.ceil(least / step) * step
    if (length < most) return length
  }
  return Math.round(least)
}
