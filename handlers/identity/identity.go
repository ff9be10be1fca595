// Package identity says who is asking. Its Guard reads each request once, in one
// middleware of the handlers, and gives a Person or a RefusedError; nothing else in
// the program looks at who sent a request. It does not know what people may do.
package identity

import (
	"context"
	"time"
)

// Person is who is asking.
type Person struct {
	ID    string    // stable: what people are told apart by
	Name  string    // shown to others
	Roles []string  // as the mode's settings give them; mode none gives none
	Until time.Time // when the evidence for it ends; zero when it does not
}

// RefusedError says why a request is not let in. Code is one of the Refused constants.
type RefusedError struct{ Code string }

// The codes of a RefusedError.
const (
	RefusedPeer      = "peer_refused"      // the connection comes from another machine
	RefusedForwarded = "forwarded_refused" // a proxy passed it on, for somebody nobody vouches for
)

// Error implements error.
func (e *RefusedError) Error() string { return "identity: " + e.Code }

type key struct{}

// With returns a context in which Of finds p.
func With(ctx context.Context, p Person) context.Context { return context.WithValue(ctx, key{}, p) }

// Of returns who is asking; the zero Person behind a route that asks nobody.
func Of(ctx context.Context) Person {
	p, _ := ctx.Value(key{}).(Person)
	return p
}
