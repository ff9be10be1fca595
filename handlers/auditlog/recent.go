package auditlog

import (
	"sync"
	"time"
)

const (
	recentTime = time.Hour
	recentSize = 10_000
)

// recentEntries remembers the keys of the last hour.
type recentEntries struct {
	mu sync.Mutex // guards at
	at map[string]time.Time
}

// addFirst adds key and reports whether it was new within the last hour.
func (l *recentEntries) addFirst(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, found := l.at[key]; found && now.Sub(at) < recentTime {
		return false
	}
	if len(l.at) >= recentSize {
		clear(l.at) // some entries are written twice, and the memory stays bounded
	}
	if l.at == nil {
		l.at = map[string]time.Time{}
	}
	l.at[key] = now
	return true
}

func (l *recentEntries) forgetOld(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.at, key)
}
