// How long apart messages come, as a histogram whose size does not depend on how many
// there were: eight steps to each doubling, so what is read from it is at most 9 % high.

const perDoubling = 8
const steps = perDoubling * 36 // up to 19 hours

// Gaps counts gaps by their length; it is never changed, only replaced.
export interface Gaps {
  readonly counts: Uint32Array
  readonly total: number
}

export const noGaps: Gaps = { counts: new Uint32Array(steps), total: 0 }

// addGaps counts gaps, in microseconds.
export function addGaps(gaps: Gaps, lengths: readonly number[]): Gaps {
  if (lengths.length === 0) return gaps
  const counts = gaps.counts.slice()
  for (const us of lengths) {
    const step = Math.min(steps - 1, Math.ceil(Math.log2(Math.max(1, us)) * perDoubling))
    counts[step] = (counts[step] ?? 0) + 1
  }
  return { counts, total: gaps.total + lengths.length }
}

// gapAt is the length that so large a share of the gaps does not exceed, in
// microseconds; null as long as there are too few to say.
export function gapAt({ counts, total }: Gaps, share: number): number | null {
  if (total * (1 - share) < 1) return null
  let seen = 0
  const step = counts.findIndex((count) => (seen += count) >= total * share)
  return 2 ** (step / perDoubling)
}
