package quota

import (
	"errors"
	"testing"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// An entry above a limit is refused and changes no counter.
func TestCountersRefuseOneMore(t *testing.T) {
	c := counters{n: map[string]int{}}
	limits := map[string]int{"session": 2, "person": 5, "unbounded": 0}
	first, err := c.enter(bridge.QuotaViewers, limits)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.enter(bridge.QuotaViewers, limits)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.enter(bridge.QuotaViewers, limits)
	if e, ok := errors.AsType[*bridge.QuotaError](err); !ok || e.Limit != 2 || reply.MapQuota(e).Code != "too_many_viewers" {
		t.Errorf("%v", err)
	}
	if c.of("person") != 2 {
		t.Errorf("the person has %d", c.of("person"))
	}
	first()
	if third, err := c.enter(bridge.QuotaViewers, limits); err != nil {
		t.Error(err)
	} else {
		third()
	}
	if second(); len(c.n) != 0 {
		t.Errorf("left over: %v", c.n)
	}
}
