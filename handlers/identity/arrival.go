package identity

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	keptArrivals = 50 // refusals that an operator can look back at
	keptNames    = 60 // header names of each
	keptLength   = 80 // bytes of each text
)

// Arrival is what came with a request, and what was made of it: names of headers,
// never their values.
type Arrival struct {
	At      time.Time
	Method  string
	Path    string
	Peer    string
	Host    string
	Headers []string
	Code    string // why it was refused; "" when it was not
	Detail  string // more than a person who is refused is told
	Name    string // of the person, where there is one
	Role    Role
	RoleBy  string
}

// Came is what the request of a person came with; nil for one who made none.
func (p *Person) Came() *Arrival { return p.came }

// Reads lists the headers that the mode reads.
func (g *Guard) Reads() []string { return slices.Clone(g.mode.headers()) }

// Refusals returns the newest refusals, newest first.
func (g *Guard) Refusals() []Arrival { return g.arrivals.newest() }

// arrival notes what a request came with, before the headers are taken off it.
func (g *Guard) arrival(r *http.Request) *Arrival {
	names := slices.Sorted(maps.Keys(r.Header))
	for i := range names {
		names[i] = short(names[i])
	}
	return &Arrival{
		At: g.Now(), Method: r.Method, Path: short(r.URL.Path), Peer: r.RemoteAddr, Host: short(r.Host),
		Headers: names[:min(len(names), keptNames)],
	}
}

// arrived notes the verdict on a request.
func (g *Guard) arrived(r *http.Request, a *Arrival, p *Person, err error) {
	a.Name, a.Role, a.RoleBy = short(p.Name), p.Role, short(p.RoleBy)
	if err == nil {
		return
	}
	a.judge(err)
	if a.Code != RefusedNobody || g.signIn == nil { // who has not signed in here yet is sent to do so
		g.arrivals.add(*a)
	}
	if a.Code != RefusedNobody {
		g.tell(r, Event{Kind: EventRefused, Person: *p, Code: a.Code})
	}
}

// refused is arrived for what is refused later.
func (g *Guard) refused(r *http.Request, p *Person, err error) {
	g.arrived(r, g.arrival(r), p, err)
}

func (a *Arrival) judge(err error) {
	a.Code, a.Detail = "internal", ""
	if refusal, ok := errors.AsType[*RefusedError](err); ok {
		a.Code = refusal.Code
		if refusal.Err != nil {
			a.Detail = shortened(refusal.Err.Error(), 3*keptLength)
		}
	}
}

func short(s string) string { return shortened(s, keptLength) }

func shortened(s string, most int) string {
	if len(s) > most {
		s = s[:most] + "…"
	}
	return s
}

// ring holds the newest arrivals.
type ring struct {
	mu   sync.Mutex // guards list
	list []Arrival
}

func (k *ring) add(a Arrival) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.list) == keptArrivals {
		k.list = slices.Delete(k.list, 0, 1)
	}
	k.list = append(k.list, a)
}

func (k *ring) newest() []Arrival {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := slices.Clone(k.list)
	slices.Reverse(list)
	return list
}
