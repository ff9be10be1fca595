package dialect

import (
	"math/bits"
	"slices"
)

// gaps measures the times between received messages. The percentiles are exact up to
// maxExactGaps; beyond, the times are counted in buckets that are at most 1/128 of
// their value wide, so that a percentile is off by less than 0.8 %. The greatest is always
// exact. It holds at most 32 KiB.
type gaps struct {
	last    int64 // the time of the last message; 0 before the first
	max     int64
	maxSeq  int64    // of the message after the greatest
	exact   []uint32 // all of them, in µs; nil once they are counted
	buckets []uint32
	count   uint32
	series  gapSeries
}

const (
	maxExactGaps = 4096
	maxGap       = 1<<32 - 1 // µs, an hour and eleven minutes; longer ones count as this
	gapBits      = 7         // a power of two has 128 buckets
)

// restart forgets all, at a new mark.
func (g *gaps) restart() {
	*g = gaps{exact: g.exact[:0], series: gapSeries{values: g.series.values[:0]}}
}

// received takes the time of a message.
func (g *gaps) received(seq, atUS int64) {
	last := g.last
	g.last = atUS
	if last == 0 {
		return
	}
	gap := max(0, atUS-last)
	if gap > g.max || g.count == 0 {
		g.maxSeq = seq
	}
	g.series.add(uint32(min(gap, maxGap)))
	g.add(gap)
}

// add takes a gap.
func (g *gaps) add(gap int64) {
	g.max = max(g.max, gap)
	short := uint32(min(gap, maxGap)) //nolint:gosec // G115: from 0 to maxGap
	g.count++
	switch {
	case g.buckets != nil:
		g.buckets[gapBucket(short)]++
	case len(g.exact) < maxExactGaps:
		g.exact = append(g.exact, short)
	default:
		g.buckets = make([]uint32, gapBucket(maxGap)+1)
		for _, earlier := range append(g.exact, short) {
			g.buckets[gapBucket(earlier)]++
		}
		g.exact = nil
	}
}

// gapBucket returns the bucket of a gap: below 1<<gapBits each value has its own.
func gapBucket(gap uint32) int {
	shift := max(0, bits.Len32(gap)-gapBits-1)
	return shift<<gapBits + int(gap>>shift)
}

// gapOf returns the middle of a bucket.
func gapOf(bucket int) int64 {
	shift := max(0, bucket>>gapBits-1)
	return int64(bucket-shift<<gapBits)<<shift + int64(1)<<shift/2
}

// measured returns the percentiles by nearest rank; nil when there is no gap.
func (g *gaps) measured() *Gaps {
	if g.count == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(g.exact))
	at := func(percent uint64) int64 {
		rank := (uint64(g.count)*percent + 99) / 100 // from 1
		if g.buckets == nil {
			return int64(sorted[rank-1])
		}
		seen := uint64(0)
		for bucket, count := range g.buckets {
			if seen += uint64(count); seen >= rank {
				return min(gapOf(bucket), g.max)
			}
		}
		return g.max
	}
	return &Gaps{P50US: at(50), P95US: at(95), MaxUS: g.max, MaxSeq: g.maxSeq, Series: g.series.snapshot()}
}

// maxGapSeries bounds the values of a gapSeries.
const maxGapSeries = 64

// gapSeries keeps the course of the gaps for a picture: each value is the greatest of as many
// gaps in a row. When there is no room, pairs of values become one.
type gapSeries struct {
	values []uint32
	every  int // gaps in a value; 0 is 1
	inLast int // gaps in the last value
}

func (s *gapSeries) add(gap uint32) {
	s.every = max(1, s.every)
	if last := len(s.values) - 1; last >= 0 && s.inLast < s.every {
		s.values[last] = max(s.values[last], gap)
		s.inLast++
		return
	}
	if len(s.values) == maxGapSeries {
		for i := range maxGapSeries / 2 {
			s.values[i] = max(s.values[2*i], s.values[2*i+1])
		}
		s.values = s.values[:maxGapSeries/2]
		s.every *= 2
	}
	s.values, s.inLast = append(s.values, gap), 1
}

func (s *gapSeries) snapshot() []uint32 { return slices.Clone(s.values) }
