package bridge

import (
	"sync"
	"time"
)

// Repeat calls do every interval until do returns false; an interval of 0 is never. The caller
// calls stop, which waits for a call that is under way. Between the calls there is no
// goroutine: thousands of idle connections wait for their next ping.
func Repeat(interval time.Duration, do func() bool) (stop func()) {
	if interval <= 0 {
		return func() {}
	}
	var mu sync.Mutex // held during a call; guards all below
	var timer *time.Timer
	stopped := false
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(interval, func() {
		mu.Lock()
		defer mu.Unlock()
		began := time.Now()
		if !stopped && do() {
			timer.Reset(max(interval-time.Since(began), 0))
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop() // a call may have set it again
	}
}
