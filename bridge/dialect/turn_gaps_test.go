package dialect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFewGapsAreExact(t *testing.T) {
	var g gaps
	at := int64(1)
	for _, gap := range []int64{0, 5, 10, 15, 20, 1000, 30, 30, 30, 30} {
		g.received(at)
		at += gap
	}
	g.received(at)
	if got := *g.measured(); got != (Gaps{P50US: 20, P95US: 1000, MaxUS: 1000}) {
		t.Errorf("gaps %+v", got)
	}
}

func TestManyGapsAreNearlyExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []float64{8, 14, 24} {
		var g gaps
		var all []int64
		at := int64(1)
		g.received(at)
		for range 100_000 {
			gap := int64(math.Exp2(random.Float64() * spread))
			all = append(all, gap)
			at += gap
			g.received(at)
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
		g.received(math.MaxInt64 / 2)
		g.received(5) // the clock went back
	}
	if got := g.measured(); got.P50US != 0 || got.MaxUS != math.MaxInt64/2-5 {
		t.Errorf("gaps %+v", got)
	}
	g.restart()
	if g.measured() != nil {
		t.Error("a new mark keeps gaps")
	}
}
