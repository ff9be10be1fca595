package identity

import (
	"context"
	"net/http"
)

// Hold returns a context for a socket of p. It ends when p's proof of identity ends;
// context.Cause is then a *RefusedError. The caller calls release when the socket is closed.
// Watch has to run.
func (g *Guard) Hold(ctx context.Context, p *Person) (held context.Context, release func()) {
	return g.leases.Hold(ctx, p)
}

// Confirm checks p's proof of identity again, in the store: another process may know first
// that it has ended. Hold returned held for p. The error is a *RefusedError, or the store's.
func (g *Guard) Confirm(held context.Context, p *Person) error { return g.leases.Confirm(held, p) }

// Watch ends sockets with an expired lease, until ctx ends.
func (g *Guard) Watch(ctx context.Context) { g.leases.Watch(ctx) }

// Refusals returns the newest refusals, newest first.
func (g *Guard) Refusals() []Arrival { return g.verdicts.newestRefusals() }

// Refused records the refusal of a request from an identified sender.
func (g *Guard) Refused(r *http.Request, err error) {
	p := Of(r.Context())
	g.verdicts.recordVerdict(r, newArrival(r, g.Now()), &p, err)
}

// Leases returns the number of sockets that end with a person's proof of identity, and how many
// were ended so far, by the code of the refusal.
func (g *Guard) Leases() (held int, ended map[string]int64) { return g.leases.Figures() }
