package bridge

import (
	"testing"
	"testing/synctest"
	"time"
)

// Each notice of who watches goes to all viewers, with the names of all: one for each of many
// who join at once would cost the cube of their number.
func TestViewersWhoJoinAtOnceAreToldTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 400
		s := &Session{viewers: map[*Cursor]Viewer{}, changed: make(chan struct{})}
		first := s.Watch(Viewer{ID: "first"}, 0)
		revision := func() int {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.revision
		}
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		before := revision()
		for range many {
			s.Watch(Viewer{}, 0)
		}
		if told := revision() - before; told > 0 {
			t.Errorf("%d notices while they joined", told)
		}
		<-changed
		synctest.Wait()
		if told := revision() - before; told != 1 {
			t.Errorf("%d notices afterwards", told)
		}
		<-time.After(many * 2 * crowdTime)
		before = revision()
		first.Close()
		if revision() != before+1 {
			t.Error("one who left after a pause was not told at once")
		}
	})
}
