package dialect

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestFewGapsAreExact(t *testing.T) {
	var g gaps
	at := int64(1)
	for i, gap := range []int64{0, 5, 10, 15, 20, 1000, 30, 30, 30, 30} {
		g.received(int64(i), at)
		at += gap
	}
	g.received(10, at)
	if got := *g.measured(); !reflect.DeepEqual(got, Gaps{P50US: 20, P95US: 1000, MaxUS: 1000, MaxSeq: 6, Series: []uint32{0, 5, 10, 15, 20, 1000, 30, 30, 30, 30}}) {
		t.Errorf("gaps %+v", got)
	}
}

func TestManyGapsAreNearlyExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []float64{8, 14, 24} {
		var g gaps
		var all []int64
		at := int64(1)
		g.received(1, at)
		for range 100_000 {
			gap := int64(math.Exp2(random.Float64() * spread))
			all = append(all, gap)
			at += gap
			g.received(1, at)
		}
		slices.Sort(all)
		got := g.measured()
		for _, part := range []struct{ got, want int64 }{{got.P50US, all[49_999]}, {got.P95US, all[94_999]}} {
			if off := math.Abs(float64(part.got-part.want)) / float64(part.want); off > 0.008 {
				t.Errorf("spread %v: %d, want %d", spread, part.got, part.want)
			}
		}
		if got.MaxUS != all[len(all)-1] {
			t.Errorf("max %d, want %d", got.MaxUS, all[len(all)-1])
		}
		if size := 4 * (cap(g.exact) + len(g.buckets)); size > 64<<10 {
			t.Errorf("%d bytes are held", size)
		}
	}
}

func TestOddGapsDoNoHarm(t *testing.T) {
	var g gaps
	for range maxExactGaps + 2 {
		g.received(1, math.MaxInt64/2)
		g.received(1, 5) // the clock went back
	}
	if got := g.measured(); got.P50US != 0 || got.MaxUS != math.MaxInt64/2-5 {
		t.Errorf("gaps %+v", got)
	}
	g.restart()
	if g.measured() != nil {
		t.Error("a new mark keeps gaps")
	}
}

// The picture of many gaps has the greatest at its place, and no more values than fit.
func TestCourseOfManyGapsKeepsTheGreatest(t *testing.T) {
	var g gaps
	at := int64(1)
	for i := range int64(10_000) {
		at += 20
		if i == 7500 {
			at += 9000
		}
		g.received(i, at)
	}
	got := g.measured()
	place := slices.Index(got.Series, uint32(got.MaxUS))
	if n := len(got.Series); n < maxGapSeries/2 || n > maxGapSeries || got.MaxSeq != 7500 || got.MaxUS != 9020 || math.Abs(float64(place)/float64(n)-0.75) > 0.03 {
		t.Errorf("%d values, the greatest at %d: %+v", n, place, got)
	}
}
