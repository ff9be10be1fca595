package identity

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	maxRefusals = 50 // kept for operators
	maxNames    = 60 // header names of each
	maxText     = 80 // bytes of each text
)

// verdicts keeps the newest refusals in memory and writes the audit log.
type verdicts struct {
	audit       func(context.Context, Event)
	signsInHere bool // then a request without a sign-in is no refusal

	mu       sync.Mutex // guards refusals
	refusals []Arrival
}

// newArrival describes a request. It is called before the identity headers are removed.
func newArrival(r *http.Request, now time.Time) *Arrival {
	names := slices.Sorted(maps.Keys(r.Header))
	for i := range names {
		names[i] = shorten(names[i], maxText)
	}
	return &Arrival{
		At: now, Method: r.Method, Path: shorten(r.URL.Path, maxText), Peer: r.RemoteAddr, Host: shorten(r.Host, maxText),
		Headers: names[:min(len(names), maxNames)],
	}
}

func shorten(s string, most int) string {
	if len(s) > most {
		s = s[:most] + "…"
	}
	return s
}

// recordVerdict adds the verdict on a request to a, and keeps and audits a refusal.
func (v *verdicts) recordVerdict(r *http.Request, a *Arrival, p *Person, err error) {
	a.Name, a.Role, a.RoleBy = shorten(p.Name, maxText), p.Role, shorten(p.RoleBy, maxText)
	if err == nil {
		return
	}
	a.Code, a.Detail = "internal", ""
	if refusal, ok := errors.AsType[*RefusedError](err); ok {
		a.Code = refusal.Code
		if refusal.Err != nil {
			a.Detail = shorten(refusal.Err.Error(), 3*maxText)
		}
	}
	if a.Code != RefusedNobody || !v.signsInHere {
		v.keepRefusal(a)
	}
	if a.Code != RefusedNobody {
		v.reportEvent(r, Event{Kind: EventRefused, Person: *p, Code: a.Code})
	}
}

func (v *verdicts) keepRefusal(a *Arrival) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.refusals) == maxRefusals {
		v.refusals = slices.Delete(v.refusals, 0, 1)
	}
	v.refusals = append(v.refusals, *a)
}

// newestRefusals returns the refusals, newest first.
func (v *verdicts) newestRefusals() []Arrival {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := slices.Clone(v.refusals)
	slices.Reverse(list)
	return list
}

// reportEvent writes an event of a request to the audit log.
func (v *verdicts) reportEvent(r *http.Request, e Event) {
	e.Peer = r.RemoteAddr
	v.audit(r.Context(), e)
}
