package bridge

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// handClock is a clock that a test sets.
type handClock struct{ at atomic.Int64 }

func (c *handClock) now() time.Time       { return time.UnixMicro(c.at.Load()) }
func (c *handClock) pass(d time.Duration) { c.at.Add(d.Microseconds()) }

// taken returns the number of dials before one is refused.
func taken(t *testing.T, b *budget, person, host string) (n int, refused *DialLimitError) {
	t.Helper()
	for ; n < 10_000; n++ {
		if err := b.take(person, host); err != nil {
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			return n, refused
		}
	}
	return n, nil
}

func TestDialsToOneTargetAreBounded(t *testing.T) {
	clock := &handClock{}
	b := newBudget(DialLimits{PerMinute: 120, PerTarget: 30}, clock.now)
	n, refused := taken(t, b, "ann", "a.example")
	if n != 30 || refused.Host != "a.example" || refused.Limit != 30 || refused.Wait != 2*time.Second {
		t.Errorf("%d, then %+v", n, refused)
	}
	if n, _ := taken(t, b, "ann", "b.example"); n != 30 {
		t.Errorf("another target: %d", n)
	}
	if n, _ := taken(t, b, "bob", "a.example"); n != 30 {
		t.Errorf("another person: %d", n)
	}
	clock.pass(2*time.Second - time.Millisecond)
	if n, refused := taken(t, b, "ann", "a.example"); n != 0 || refused.Wait > 2*time.Millisecond {
		t.Errorf("too early: %d, %v", n, refused.Wait)
	}
	clock.pass(time.Millisecond)
	if n, _ := taken(t, b, "ann", "a.example"); n != 1 {
		t.Errorf("in time: %d", n)
	}
	clock.pass(time.Hour)
	if n, _ := taken(t, b, "ann", "a.example"); n != 30 {
		t.Errorf("after an hour: %d", n)
	}
	clock.pass(-time.Hour)
	if n, _ := taken(t, b, "ann", "a.example"); n != 0 {
		t.Errorf("the clock was set back: %d", n)
	}
}

func TestDialsOfOnePersonAreBounded(t *testing.T) {
	clock := &handClock{}
	b := newBudget(DialLimits{PerMinute: 120, PerTarget: 30}, clock.now)
	n := 0
	var refused *DialLimitError
	for ; refused == nil; n++ {
		errors.As(b.take("ann", fmt.Sprintf("10.0.0.1:%d", n)), &refused)
	}
	if n-1 != 120 || refused.Host != "" || refused.Wait != 500*time.Millisecond {
		t.Errorf("%d ports, then %+v", n-1, refused)
	}
	clock.pass(refused.Wait)
	if err := b.take("ann", "10.0.0.1:1"); err != nil {
		t.Error(err)
	}
}

func TestNoBoundIsNoBound(t *testing.T) {
	clock := &handClock{}
	for limits, want := range map[DialLimits]int{{}: 10_000, {PerMinute: 5}: 5, {PerTarget: 7}: 7} {
		if n, _ := taken(t, newBudget(limits, clock.now), "ann", "a.example"); n != want {
			t.Errorf("%+v: %d", limits, n)
		}
	}
}

// A person who tries every port for an hour leaves no buckets behind.
func TestBudgetForgetsWhatIsFullAgain(t *testing.T) {
	clock := &handClock{}
	b := newBudget(DialLimits{PerMinute: 120, PerTarget: 30}, clock.now)
	most := 0
	for i := range 100_000 {
		_ = b.take(fmt.Sprintf("person %d", i%50), fmt.Sprintf("10.0.0.1:%d", i))
		most = max(most, len(b.buckets))
		clock.pass(36 * time.Millisecond)
	}
	if most > minPrune {
		t.Errorf("%d buckets were held", most)
	}
	// Many buckets are kept while they are not full.
	for i := range 5000 {
		_ = b.take(fmt.Sprintf("crowd %d", i), "a.example")
	}
	clock.pass(time.Minute)
	for i := range 10_000 {
		_ = b.take("ann", fmt.Sprintf("b%d.example", i))
	}
	for i := range 20_000 {
		_ = b.take(fmt.Sprintf("late %d", i), "a.example")
		clock.pass(time.Second)
	}
	if len(b.buckets) > minPrune {
		t.Errorf("%d buckets are left", len(b.buckets))
	}
}

func TestBudgetIsTakenOnceByEach(t *testing.T) {
	b := newBudget(DialLimits{PerMinute: 100, PerTarget: 60}, (&handClock{}).now)
	var through atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if b.take("ann", "a.example") == nil {
					through.Add(1)
				}
			}
		})
	}
	all.Wait()
	if through.Load() != 60 {
		t.Errorf("%d went through", through.Load())
	}
}
