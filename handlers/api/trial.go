package api

import (
	"context"
	"net/http"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/wire"
	"duplex/handlers/connection"
	"duplex/handlers/explain"
	"duplex/handlers/reply"
	"duplex/views/text"
)

// Test dials a target, waits a moment for its first message, closes with 1000, and answers with
// what happened: as JSON, or phase by phase to a client that accepts events. It obeys the rules
// of opening a session, and leaves none behind.
func (h *Sessions) Test(w http.ResponseWriter, r *http.Request) error {
	var in connection.OpenInput
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	words := h.Readers.Of(w, r).Words
	if !acceptsEvents(r) {
		trial, err := h.try(r.Context(), &in, nil, func(bridge.TrialStep) {})
		if err != nil {
			return err
		}
		return reply.JSON(w, http.StatusOK, testResult(words, trial))
	}
	phases := newPhaseEvents(w)
	trial, err := h.try(r.Context(), &in, phases.tell, phases.tellStep)
	if err != nil {
		return phases.fail(words, h.Errors, err)
	}
	return phases.events.send("result", testResult(words, trial))
}

// try tests a connection for the person.
func (h *Sessions) try(ctx context.Context, in *connection.OpenInput, onPhase func(dial.Report), onStep func(bridge.TrialStep)) (*bridge.Trial, error) {
	a := attempt{in: in, onPhase: onPhase, as: audit.ConnectionTest, refused: audit.TestRefused}
	var trial *bridge.Trial
	err := h.dial(ctx, a, func(ctx context.Context, request bridge.OpenRequest) error {
		tried, err := h.Hub.Try(ctx, request, onStep)
		if err != nil {
			return err
		}
		trial = tried
		return h.Load.RequireStillSees(ctx, request.Service)
	})
	if err != nil {
		return nil, err
	}
	return trial, nil
}

// tellStep tells a phase after the handshake.
func (p *phaseEvents) tellStep(s bridge.TrialStep) {
	phase := wire.DialPhase{Phase: string(s.Phase), State: wire.PhaseStarted, Expects: s.Expects, Expected: s.Expected}
	if s.Ended {
		phase.State, phase.First = wire.PhaseDone, greetedOf(s.First)
		if s.Phase == bridge.TrialFirstMessage && s.First == nil {
			phase.State = wire.PhaseNone
		}
		if s.Closed != nil {
			phase.Closed = &wire.Closed{Code: s.Closed.Code, Reason: s.Closed.Reason, Clean: s.Closed.Clean, ByUs: s.ByUs}
		}
	}
	p.send(phase)
}

func greetedOf(g *bridge.Greeted) *wire.GreetedMessage {
	if g == nil {
		return nil
	}
	return &wire.GreetedMessage{Opcode: string(g.Opcode), Size: g.Size, Label: g.Label, AfterUS: g.After.Microseconds()}
}

func testResult(words *text.Catalogue, t *bridge.Trial) wire.TestResult {
	result := wire.TestResult{
		Handshake: explain.Handshake(&t.Report), First: greetedOf(t.First),
		Closed: wire.Closed{Code: t.Closed.Code, Reason: t.Closed.Reason, Clean: t.Closed.Clean, ByUs: t.ByUs},
	}
	if t.Finding != nil {
		result.Diagnosis = explain.Diagnosis(words, *t.Finding)
	}
	return result
}
