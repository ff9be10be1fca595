package load

import (
	"duplex/bridge"
	"duplex/handlers/reply"
)

// States that a filter adds to those of a session.
const (
	broken = "broken" // ended without a clean close
	failed = "failed" // ended with an error, or a turn has one
)

// FilterStates returns the values of the filter by state.
func FilterStates() []string {
	return []string{string(bridge.Open), string(bridge.Closed), broken, failed}
}

// SessionFilter reads the filter of a list of sessions.
func SessionFilter(q *reply.Query) bridge.SessionFilter {
	state := q.Choice("state", FilterStates()...)
	f := bridge.SessionFilter{
		Service: q.Text("service"), OpenedBy: q.Text("by"),
		From: q.Micros("from_us"), To: q.Micros("to_us"), Broken: state == broken, Failed: state == failed,
	}
	if !f.Broken && !f.Failed {
		f.State = bridge.State(state)
	}
	return f
}
