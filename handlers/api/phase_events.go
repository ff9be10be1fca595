package api

import (
	"errors"
	"net/http"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/wire"
	"duplex/handlers/explain"
	"duplex/handlers/reply"
	"duplex/views/text"
)

// phaseEvents tells the phases of a dial as server-sent events. A client that is gone ends the
// request, and with it the dial: errors of writing need no answer.
type phaseEvents struct {
	events  *eventStream
	began   time.Time
	current dial.Phase // the one that runs
	since   time.Time  // when it began
}

func newPhaseEvents(w http.ResponseWriter) *phaseEvents {
	now := time.Now()
	return &phaseEvents{events: &eventStream{w: w}, began: now, current: dial.PhaseAddress, since: now}
}

// tell tells that the phase before has ended, and that a phase begins.
func (p *phaseEvents) tell(soFar dial.Report) {
	now := time.Now()
	p.send(explain.PhaseDone(p.current, &soFar, now.Sub(p.since)))
	p.current, p.since = soFar.Phase, now
	if soFar.Phase != dial.PhaseOpen {
		p.send(wire.DialPhase{Phase: string(soFar.Phase), State: wire.PhaseStarted})
	}
}

func (p *phaseEvents) send(phase wire.DialPhase) {
	phase.AtUS = time.Since(p.began).Microseconds()
	_ = p.events.send("phase", phase)
}

// fail answers with an error: as an event when the answer has begun.
func (p *phaseEvents) fail(words *text.Catalogue, errs *reply.Mapper, err error) error {
	if !p.events.begun {
		return err
	}
	if failed, ok := errors.AsType[*dial.Error](err); ok {
		phase := wire.DialPhase{Phase: string(failed.Report.Phase), State: wire.PhaseFailed}
		if failed.Report.Phase == p.current {
			phase.TookUS = time.Since(p.since).Microseconds()
		}
		p.send(phase)
	}
	return p.events.send("error", map[string]any{"error": reply.WireError(words, errs.MapError(err))})
}
