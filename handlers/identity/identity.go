// Package identity says who is asking, and what they may. Its Guard reads each
// request once, in one middleware of the handlers, and gives a Person or a
// RefusedError; nothing else in the program looks at who sent a request. How it
// finds out is the mode: none, headers, jwt or oidc.
package identity

import (
	"context"
	"time"
)

// Person is who is asking.
type Person struct {
	ID     string // stable: issuer and subject, what people are told apart by
	Name   string // shown to others
	Email  string // "" when nobody vouches for it
	Groups []string
	Role   Role
	RoleBy string       // the group that gave the role; "" when none did
	Token  *AccessToken // what a program showed in their place; nil when it is they
	Until  time.Time    // when the evidence for it ends; zero when it does not

	browser string    // the sign-in this request belongs to; "" when it belongs to none
	came    *Arrival  // what it came with
	since   time.Time // before the evidence was looked at: a later sign-out counts
}

// claims is what a mode reads from a request.
type claims struct {
	issuer, subject, name, email string
	groups                       []string
	issued                       time.Time // zero when the evidence does not say
	until                        time.Time // zero when the evidence does not say
	browser                      string    // the sign-in that it comes from, in mode oidc
}

// personID is what people are told apart by: never the e-mail address, which may
// be given to somebody else.
func (c *claims) personID() string { return c.issuer + "|" + c.subject }

// label is the name to show.
func (c *claims) label() string {
	for _, s := range []string{c.name, c.email, c.subject} {
		if s != "" {
			return s
		}
	}
	return ""
}

// RefusedError says why a request is not let in. Code is one of the Refused constants.
type RefusedError struct {
	Code  string
	Need  Role  // of RefusedRole
	Scope Scope // of RefusedScope
	Err   error // for the log; may be nil
}

// The codes of a RefusedError.
const (
	RefusedPeer        = "peer_refused"         // the connection comes from another machine
	RefusedForwarded   = "forwarded_refused"    // a proxy passed it on, for somebody nobody vouches for
	RefusedProxy       = "proxy_refused"        // whoever passed it on is not a proxy that is trusted
	RefusedAmbiguous   = "identity_ambiguous"   // it could be read as of two people
	RefusedNobody      = "sign_in_required"     // nobody vouches for it
	RefusedToken       = "token_refused"        // its token does not hold
	RefusedSignedOut   = "signed_out"           // they have signed out, or were
	RefusedLease       = "lease_ended"          // nobody vouched for it again in time
	RefusedRole        = "role_required"        // they may not do this
	RefusedScope       = "scope_required"       // the access token is not for this
	RefusedNoRole      = "no_role"              // none of their groups may do anything here
	RefusedSignIn      = "sign_in_refused"      // the provider did not let them in, or it was not they who asked
	RefusedStale       = "sign_in_stale"        // nobody here asked for it, or too long ago
	RefusedUnreachable = "provider_unreachable" // who could vouch for it does not answer
)

// Error implements error.
func (e *RefusedError) Error() string {
	if e.Err != nil {
		return "identity: " + e.Code + ": " + e.Err.Error()
	}
	return "identity: " + e.Code
}

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

func refuse(code string, cause error) error { return &RefusedError{Code: code, Err: cause} }

type key struct{}

// With returns a context in which Of finds p.
func With(ctx context.Context, p Person) context.Context { return context.WithValue(ctx, key{}, p) }

// Of returns who is asking; the zero Person behind a route that asks nobody.
func Of(ctx context.Context) Person {
	p, _ := ctx.Value(key{}).(Person)
	return p
}
