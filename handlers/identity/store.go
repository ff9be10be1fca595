package identity

import (
	"context"
	"time"

	"duplex/bridge/vault"
)

// Store keeps people and their sign-ins, for all processes of the console.
type Store interface {
	SignIns
	Renewals
	People
	Tokens
}

// SignIn is one browser of a person.
type SignIn struct {
	ID      string // hash of what the browser's cookie holds
	Person  string // ID
	Issuer  string
	Subject string
	Name    string
	Email   string
	Groups  []string
	Refresh vault.Secret // token to ask the provider again with; empty when there is none
	Made    time.Time
	Seen    time.Time
	Until   time.Time // how long the newest proof of who it is holds
	Refused time.Time // when the provider would not renew it; zero as long as it does
	Ended   time.Time // when they signed out; zero while it lasts
}

// SignIns keeps sign-ins.
type SignIns interface {
	// PutSignIn keeps a new sign-in, or one in place of itself. One that has ended
	// stays so.
	PutSignIn(ctx context.Context, s SignIn) error
	// SignIn returns one that is there, ended or not.
	SignIn(ctx context.Context, id string) (s SignIn, found bool, err error)
	// SeeSignIn writes down that one was seen now, and until when it is vouched for.
	SeeSignIn(ctx context.Context, id string, until time.Time) error
	// EndSignIn ends one.
	EndSignIn(ctx context.Context, id string) error
}

// Renewals is what processes do with one another's sign-ins.
type Renewals interface {
	// ClaimSignIn reports whether the caller is the one to renew a sign-in: nobody
	// has claimed it until a time that is still to come.
	ClaimSignIn(ctx context.Context, id string, until time.Time) (bool, error)
	// RenewableSignIn returns the sign-in of a person that has not ended and has a
	// refresh token: the newest that the provider has not refused, or else the newest.
	RenewableSignIn(ctx context.Context, person string) (s SignIn, found bool, err error)
	// ChangedSignIns returns those that were renewed or ended since, without tokens.
	ChangedSignIns(ctx context.Context, since time.Time) ([]SignIn, error)
}

// Known is a person who has been here.
type Known struct {
	ID, Name, Email, Role string
	Groups                []string
	Seen                  time.Time
	SignIns               int // that last
}

// People keeps who has been here.
type People interface {
	// PutPerson keeps what is known of a person now.
	PutPerson(ctx context.Context, p Person) error
	// People returns all by name.
	People(ctx context.Context) ([]Known, error)
	// SignOutPerson ends all sign-ins of a person; what vouched for them before is
	// worth nothing any more.
	SignOutPerson(ctx context.Context, id string) error
	// SignedOut returns when people were signed out, of those who were since.
	SignedOut(ctx context.Context, since time.Time) (map[string]time.Time, error)
	// SignedOutAt returns when a person was; zero when never.
	SignedOutAt(ctx context.Context, id string) (time.Time, error)
}

// Keys derives keys from the key file.
type Keys interface {
	// Derive returns a key for a purpose from each master key, the newest first.
	Derive(purpose string) ([][]byte, error)
}

// Event is something that happened to a person, or to somebody who is not known.
type Event struct {
	Kind   string // one of the Event constants
	Person Person
	Code   string // why they were refused
	Of     string // ID of the person who was signed out, or of the token
	Peer   string // address of the connection
}

// The kinds of an Event.
const (
	EventSignedIn  = "signed_in"
	EventSignedOut = "signed_out"
	EventRefused   = "refused"

	EventTokenMade    = "token_made"
	EventTokenRevoked = "token_revoked"
)
