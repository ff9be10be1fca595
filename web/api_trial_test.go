package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

// phasesOf reads the events of a dial: "phase state" of each phase, and the last event.
func phasesOf(t *testing.T, raw []byte) (phases []string, last sentEvent) {
	t.Helper()
	for _, event := range readEvents(t, raw) {
		last = event
		if event.name != "phase" {
			continue
		}
		phase := dataOf[wire.DialPhase](t, event.data)
		phases = append(phases, phase.Phase+" "+string(phase.State))
	}
	return phases, last
}

func accepting(kind string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Accept", kind) }
}

func TestTestOfAConnectionIsToldPhaseByPhaseAndLeavesNoSession(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	body := `{"service":"` + p.demo("echo", "bearer").ID + `"}`
	res, raw := p.do("POST", "/api/test", "application/json", strings.NewReader(body), accepting("text/event-stream"))
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", res.StatusCode, raw)
	}
	phases, last := phasesOf(t, raw)
	for _, want := range []string{"address done", "credential done", "tcp started", "tcp done", "upgrade started", "upgrade done", "first_message started", "close done"} {
		if !slices.Contains(phases, want) {
			t.Errorf("no %q in %v", want, phases)
		}
	}
	result := dataOf[wire.TestResult](t, last.data)
	if last.name != "result" || result.Closed.Code != 1000 || !result.Closed.ByUs || result.Diagnosis != nil || result.Handshake.Status != http.StatusSwitchingProtocols {
		t.Errorf("%+v", last)
	}
	var sessions struct{ Sessions []wire.State }
	p.call("GET", "/api/sessions", nil, http.StatusOK, &sessions)
	if len(sessions.Sessions) != 0 {
		t.Errorf("it left %+v", sessions.Sessions)
	}
	audited := string(p.call("GET", "/api/audit?action=connection.test", nil, http.StatusOK, nil))
	if !strings.Contains(audited, `"connection.test"`) {
		t.Errorf("not in the audit log: %s", audited)
	}
}

func TestTestOfAConnectionExplainsARefusal(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	body := `{"address":"` + p.demo("echo", "bearer").Address + `","credential":{"kind":"bearer","token":"not-the-demo-token"}}`
	_, raw := p.do("POST", "/api/test", "application/json", strings.NewReader(body), accepting("text/event-stream"))
	phases, last := phasesOf(t, raw)
	answer := dataOf[struct{ Error wire.Error }](t, last.data)
	if !slices.Contains(phases, "upgrade failed") || last.name != "error" || answer.Error.Diagnosis == nil || answer.Error.Status != http.StatusUnauthorized {
		t.Errorf("%v %+v", phases, last)
	}
	if blocked := p.refused("POST", "/api/test", object{"address": "ws://169.254.169.254/"}, http.StatusForbidden); blocked.Code != "target_blocked" {
		t.Errorf("%+v", blocked)
	}
}

// With server-sent events the phases of a dial come before the session or its error.
func TestOpeningASessionIsToldPhaseByPhase(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	demo := p.demo("echo", "none")
	_, raw := p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+demo.ID+`"}`), accepting("text/event-stream"))
	phases, last := phasesOf(t, raw)
	if state := dataOf[wire.State](t, last.data); last.name != "session" || state.State != "open" || !slices.Contains(phases, "upgrade done") {
		t.Errorf("%v %+v", phases, last)
	}
	_, raw = p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"address":"ws://127.0.0.1:1/"}`), accepting("text/event-stream"))
	if phases, last := phasesOf(t, raw); last.name != "error" || phases[len(phases)-1] != "tcp failed" {
		t.Errorf("%v %+v", phases, last)
	}
	res, _ := p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{}`), accepting("text/event-stream"))
	if res.StatusCode != http.StatusBadRequest { // nothing was dialled
		t.Error(res.StatusCode)
	}
}

func dataOf[T any](t *testing.T, data string) (out T) {
	t.Helper()
	if err := json.Unmarshal([]byte(data), &out); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return out
}
