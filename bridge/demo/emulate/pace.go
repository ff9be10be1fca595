package emulate

import "time"

// pace compares audio with the time that passes, from its first frame.
type pace struct {
	start time.Time
	heard time.Duration // of audio
	last  time.Time     // the last frame
}

// add takes a frame that came in at that time and lasts so long, and returns how far the
// audio is ahead of real time before this frame: a caller in real time is never ahead.
func (p *pace) add(at time.Time, length time.Duration) (ahead time.Duration) {
	if p.start.IsZero() {
		p.start = at
	}
	ahead = p.heard - at.Sub(p.start)
	p.heard += length
	p.last = at
	return ahead
}

// lengthOf returns how long so many bytes of 16-bit mono samples last.
func lengthOf(bytes, rate int) time.Duration {
	return time.Duration(bytes/2) * time.Second / time.Duration(rate)
}
