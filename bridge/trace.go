package bridge

import (
	"slices"

	"duplex/bridge/dial"
	"duplex/bridge/dialect"
)

// Tracer observes connections for telemetry.
type Tracer interface {
	// Dial begins the trace of a connection, before its target is dialled; nil for none.
	Dial(r *OpenRequest, kind Kind) Trace
}

// Trace observes one connection. Its methods return at once.
type Trace interface {
	// Parent returns the header traceparent for the target; "" for none.
	Parent() string
	// Refused ends the trace of a dial that failed.
	Refused(err error)
	// Turn takes a turn that has ended, once.
	Turn(t *dialect.Turn)
	// Ended ends the trace.
	Ended(info *Info)
}

// beginTrace begins the trace of a connection, and adds the header traceparent where the
// service allows it.
func (h *Hub) beginTrace(r *OpenRequest, kind Kind) {
	if h.Tracer == nil {
		return
	}
	if r.trace = h.Tracer.Dial(r, kind); r.trace == nil {
		return
	}
	if parent := r.trace.Parent(); parent != "" && r.SendTraceparent {
		r.Target.Headers = append(slices.Clip(r.Target.Headers), dial.Pair{Name: "traceparent", Value: parent})
	}
}

// endTrace ends the trace of a connection that was not opened.
func (r *OpenRequest) endTrace(err error) {
	if r.trace != nil {
		r.trace.Refused(err)
	}
}

func (h *Hub) observeDial(r *OpenRequest, err error) {
	if h.Observer == nil {
		return
	}
	service := ""
	if r.Service != nil {
		service = r.Service.ID
	}
	h.Observer.Dialled(service, err)
}
