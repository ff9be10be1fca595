package bridge

import "time"

// crowdTime is the time, for each viewer, between two notices of who watches: all viewers
// get such a notice, with the names of all.
const crowdTime = 5 * time.Millisecond

// crowd tells the viewers of a session who watches: the first change after a pause at once,
// and of many changes some. The session's mu guards it.
type crowd struct {
	told    time.Time
	waiting bool // the next notice is due later
}

// noteViewers tells all viewers that somebody came or went. The caller holds mu.
func (s *Session) noteViewers() {
	if s.crowd.waiting {
		return
	}
	pause := time.Duration(len(s.viewers)) * crowdTime
	if left := pause - time.Since(s.crowd.told); left > 0 {
		s.crowd.waiting = true
		time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.tellViewers()
		})
		return
	}
	s.tellViewers()
}

// tellViewers tells all viewers who watches. The caller holds mu.
func (s *Session) tellViewers() {
	s.crowd = crowd{told: time.Now()}
	s.revise()
}
