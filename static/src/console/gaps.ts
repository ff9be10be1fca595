// A histogram of the gaps between messages, of fixed size: eight steps to each doubling,
// so that a value read from it is at most 9 % too high.

const perDoubling = 8
const steps = perDoubling * 36 // up to 19 hours

// Gaps counts gaps by length; it is immutable.
export interface Gaps {
  readonly counts: Uint32Array
  readonly total: number
}

export const noGaps: Gaps = { counts: new Uint32Array(steps), total: 0 }

// addGaps adds gaps in microseconds.
export function addGaps(gaps: Gaps, lengths: readonly number[]): Gaps {
  if (lengths.length === 0) return gaps
  const counts = gaps.counts.slice()
  for (const us of lengths) {
    const step = Math.min(steps - 1, Math.ceil(Math.log2(Math.max(1, us)) * perDoubling))
    counts[step] = (counts[step] ?? 0) + 1
  }
  return { counts, total: gaps.total + lengths.length }
}

// gapAt returns the quantile of the gaps for a share, in microseconds; null with too few
// gaps.
export function gapAt({ counts, total }: Gaps, share: number): number | null {
  if (total * (1 - share) < 1) return null
  let seen = 0
  const step = counts.findIndex((count) => (seen += count) >= total * share)
  return 2 ** (step / perDoubling)
}
