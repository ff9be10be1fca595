package dialect

import (
	"fmt"
	"time"
)

// noMark is the mark of a script that asks for no answer.
const noMark = -1

// script is the progress of a list of steps.
type script struct {
	request int64
	place   string // of the list in the dialect: "open"
	steps   []Step
	mark    int // the index of the message that is the mark
	text    string

	next    int
	started bool
	until   time.Time // the end of the wait or the quiet that is the next step; zero before it has begun
	longest time.Time // of the quiet
	matched *Envelope // by the last wait
	err     error
}

// meet ends the wait that is the next step if e matches, and reports that it did.
func (s *script) meet(e *Envelope) bool {
	if s.until.IsZero() || s.next >= len(s.steps) || s.steps[s.next].Wait == nil || !s.steps[s.next].Wait.Holds(e) {
		return false
	}
	s.matched, s.until = e, time.Time{}
	s.next++
	return true
}

// disturb begins the quiet that is the next step again, because a message came.
func (s *script) disturb(at time.Time) {
	if !s.until.IsZero() && s.next < len(s.steps) && s.steps[s.next].Quiet > 0 {
		s.until = earlier(at.Add(s.steps[s.next].Quiet), s.longest)
	}
}

// advance runs the steps of s up to the next wait, and reports whether s has ended.
func (d *Driver) advance(s *script, now time.Time) (done bool) {
	s.started = true
	for s.err == nil && s.next < len(s.steps) {
		step := &s.steps[s.next]
		switch {
		case step.Send != nil:
			d.scope.Text = s.text
			mark := Outgoing{Request: s.request, Mark: s.next == s.mark || step.Send.Mark}
			if err := d.emit(step.Send, mark, now); err != nil {
				s.err = &StepError{Step: s.where(), Err: err}
			}
		case step.Wait != nil:
			if s.until.IsZero() {
				s.until = now.Add(step.within())
			}
			if now.Before(s.until) {
				return false
			}
			s.err = &StepError{Step: s.where(), Wait: step.Wait.String(), Within: step.within()}
		case step.Quiet > 0:
			if s.until.IsZero() {
				s.until, s.longest = now.Add(step.Quiet), now.Add(DefaultWithin)
			}
			if now.Before(s.until) {
				return false
			}
			s.until = time.Time{}
		default:
			s.err = d.capture(step, s)
		}
		s.next++
	}
	return true
}

func (s *Step) within() time.Duration {
	if s.Within <= 0 {
		return DefaultWithin
	}
	return s.Within
}

// where returns the place of the next step in the dialect.
func (s *script) where() string { return fmt.Sprintf("%s[%d]", s.place, s.next) }

// capture takes values out of the message that the last wait matched.
func (d *Driver) capture(step *Step, s *script) error {
	for name, path := range step.Capture {
		if s.matched == nil {
			return &StepError{Step: s.where(), Err: fmt.Errorf("capture %s: no message was waited for", name)}
		}
		value, found := path.Text(s.matched)
		switch {
		case !found:
			return &StepError{Step: s.where(), Err: fmt.Errorf("capture %s: %s selects nothing", name, path)}
		case len(value) > MaxCapture:
			return &StepError{Step: s.where(), Err: &SizeError{Size: int64(len(value)), Limit: MaxCapture}}
		}
		d.scope.Captured[name] = value
	}
	return nil
}

// StepError says that a step of a script failed: a message that was waited for did not come
// in time, or a message could not be built.
type StepError struct {
	Step   string        // its place in the dialect: "open[1]"
	Wait   string        // the match that was waited for; "" when the step sends
	Within time.Duration // of the wait
	Err    error         // of building a message; nil when a wait was not met
}

// Error implements error.
func (e *StepError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("step %s: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("step %s: no message with %s within %s", e.Step, e.Wait, e.Within)
}

// Unwrap returns the error of building a message.
func (e *StepError) Unwrap() error { return e.Err }
