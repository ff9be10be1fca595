package demo

import (
	"sync"
	"time"
)

// A key is locked for lockTime after lockAfter wrong signatures in a row (Huawei Cloud,
// "Developer guide: API request signing", troubleshooting).
const (
	lockAfter = 5
	lockTime  = 5 * time.Minute
)

// locks counts the failures of access keys. Only keys that exist are counted, so it stays
// small, so that strangers cannot fill the memory.
type locks struct {
	mu      sync.Mutex // guards streaks
	streaks map[string]streak
}

type streak struct {
	failures int
	last     time.Time
}

// locked reports whether key is locked at now.
func (l *locks) locked(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.streaks[key]
	if s.failures < lockAfter {
		return false
	}
	if now.Sub(s.last) < lockTime {
		return true
	}
	delete(l.streaks, key)
	return false
}

// failed counts a wrong signature.
func (l *locks) failed(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.streaks[key] = streak{l.streaks[key].failures + 1, now}
}

// passed ends a row of failures.
func (l *locks) passed(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.streaks, key)
}
