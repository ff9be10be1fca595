package load

import (
	"duplex/bridge"
	"duplex/handlers/reply"
)

// broken selects sessions that ended without a clean close.
const broken = "broken"

// SessionFilter reads the filter of a list of sessions.
func SessionFilter(q *reply.Query) bridge.SessionFilter {
	state := q.Choice("state", string(bridge.Open), string(bridge.Closed), broken)
	f := bridge.SessionFilter{
		Service: q.Text("service"), OpenedBy: q.Text("by"),
		From: q.Micros("from_us"), To: q.Micros("to_us"), Broken: state == broken,
	}
	if !f.Broken {
		f.State = bridge.State(state)
	}
	return f
}
