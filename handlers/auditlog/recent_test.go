package auditlog

import (
	"strconv"
	"testing"
	"time"
)

func TestTheSameIsNewsOnceAnHour(t *testing.T) {
	l, now := &recentEntries{}, time.Unix(0, 0)
	if !l.addFirst("a", now) || l.addFirst("a", now.Add(59*time.Minute)) || !l.addFirst("b", now) || !l.addFirst("a", now.Add(time.Hour)) {
		t.Error("news at the wrong times")
	}
	l.forgetOld("b")
	if !l.addFirst("b", now) {
		t.Error("what was not written is no news")
	}
	for i := range 3 * recentSize {
		l.addFirst(strconv.Itoa(i), now)
	}
	if len(l.at) > recentSize {
		t.Errorf("%d keys are held", len(l.at))
	}
}
