package dial

import (
	"net/http"
	"slices"
	"testing"
)

// watched dials and returns the phases that began, and the reports at these times.
func watched(t *testing.T, address string) (phases []Phase, reports []Report, err error) {
	t.Helper()
	conn, _, err := local().Dial(t.Context(), Request{URL: mustParse(t, address), OnPhase: func(r Report) {
		phases, reports = append(phases, r.Phase), append(reports, r)
	}})
	if err == nil {
		_ = conn.CloseNow()
	}
	return phases, reports, err
}

func TestEachPhaseIsToldWhenItBegins(t *testing.T) {
	phases, reports, err := watched(t, serve(t, echo(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Phase{PhaseCredential, PhaseTCP, PhaseUpgrade, PhaseOpen}; !slices.Equal(phases, want) {
		t.Errorf("%v, want %v", phases, want)
	}
	if r := reports[2]; r.RemoteAddr == "" || r.Phases.TCP <= 0 || r.Status != 0 {
		t.Errorf("when the upgrade begins: %+v", r)
	}
	if r := reports[3]; r.Status != http.StatusSwitchingProtocols || r.Phases.Upgrade <= 0 {
		t.Errorf("when it is open: %+v", r)
	}
}

func TestNoPhaseIsToldAfterTheOneThatFailed(t *testing.T) {
	for address, want := range map[string][]Phase{
		serve(t, refuse(http.StatusForbidden, "no")): {PhaseCredential, PhaseTCP, PhaseUpgrade},
		"ws://127.0.0.1:1/":                          {PhaseCredential, PhaseTCP},
		"ws://10.0.0.1/":                             {PhaseCredential, PhaseTCP}, // refused by the policy
	} {
		phases, _, err := watched(t, address)
		if err == nil || !slices.Equal(phases, want) {
			t.Errorf("%s: %v, want %v, error %v", address, phases, want, err)
		}
	}
}
