package identity

import (
	"context"

	"duplex/handlers/identity/accesstoken"
	"duplex/handlers/identity/oidc"
	"duplex/handlers/identity/principal"
	"duplex/handlers/identity/ticket"
)

// The values of identity, by the names that the rest of the program uses.
type (
	// Person is the sender of a request.
	Person = principal.Person
	// Role is a level of rights.
	Role = principal.Role
	// Roles maps groups to roles.
	Roles = principal.Roles
	// Mode is a way to identify the sender of a request.
	Mode = principal.Mode
	// Scope limits an access token to one kind of action.
	Scope = principal.Scope
	// AccessToken lets a person's program use the API.
	AccessToken = principal.AccessToken
	// Known is the stored record of a person.
	Known = principal.Known
	// SignIn is the sign-in of one person in one browser.
	SignIn = principal.SignIn
	// Arrival describes a request and the verdict on it.
	Arrival = principal.Arrival
	// RefusedError is the refusal of a request.
	RefusedError = principal.RefusedError
	// Ticket is a relay ticket that was accepted.
	Ticket = ticket.Ticket
	// TicketError is the refusal of a relay ticket.
	TicketError = ticket.Error
)

// The roles.
const (
	Nobody = principal.Nobody
	Viewer = principal.Viewer
	Member = principal.Member
	Admin  = principal.Admin
)

// The modes.
const (
	ModeNone    = principal.ModeNone
	ModeHeaders = principal.ModeHeaders
	ModeToken   = principal.ModeToken
	ModeOIDC    = principal.ModeOIDC
)

// The scopes.
const (
	ScopeRead     = principal.ScopeRead
	ScopeSessions = principal.ScopeSessions
	ScopeServices = principal.ScopeServices
	ScopeRelay    = principal.ScopeRelay
	ScopePerson   = principal.ScopePerson
)

// The codes of a RefusedError.
const (
	RefusedPeer        = principal.RefusedPeer
	RefusedForwarded   = principal.RefusedForwarded
	RefusedProxy       = principal.RefusedProxy
	RefusedAmbiguous   = principal.RefusedAmbiguous
	RefusedNobody      = principal.RefusedNobody
	RefusedToken       = principal.RefusedToken
	RefusedSignedOut   = principal.RefusedSignedOut
	RefusedLease       = principal.RefusedLease
	RefusedRole        = principal.RefusedRole
	RefusedScope       = principal.RefusedScope
	RefusedNoRole      = principal.RefusedNoRole
	RefusedSignIn      = principal.RefusedSignIn
	RefusedStale       = principal.RefusedStale
	RefusedUnreachable = principal.RefusedUnreachable
	RefusedTicket      = principal.RefusedTicket
)

// Limits, paths and errors of the rooms below.
const (
	MaxTokens    = accesstoken.Max
	MaxTokenLife = accesstoken.MaxLife
	TicketLife   = ticket.Life
	CallbackPath = oidc.CallbackPath

	TicketUnknown = ticket.Unknown
	TicketUsed    = ticket.Used
	TicketLate    = ticket.Late
	TicketForeign = ticket.Foreign
	TicketPerson  = ticket.Person
	TicketDoubled = ticket.Doubled
)

// ErrTooManyTickets says that a person has too many unused tickets.
var ErrTooManyTickets = ticket.ErrTooMany

// AllRefusals returns every code of a RefusedError.
func AllRefusals() []string { return principal.AllRefusals() }

// AllRoles returns the roles that a person can be given, from the least to the greatest.
func AllRoles() []Role { return principal.AllRoles() }

// Scopes returns every scope that a token can have.
func Scopes() []Scope { return principal.AllScopes() }

// ParseRole returns the role of a name.
func ParseRole(name string) (Role, error) { return principal.ParseRole(name) }

// IsTicket reports whether a text has the form of a relay ticket.
func IsTicket(text string) bool { return ticket.Is(text) }

type personKey struct{}

// With returns a context that carries p.
func With(ctx context.Context, p Person) context.Context {
	return context.WithValue(ctx, personKey{}, p)
}

// Of returns the Person that With has put into a context; the zero Person otherwise.
func Of(ctx context.Context) Person {
	p, _ := ctx.Value(personKey{}).(Person)
	return p
}
