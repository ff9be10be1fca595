package identity

import (
	"context"
	"time"
)

// Store keeps people, their sign-ins and their access tokens for all processes of the
// console.
type Store interface {
	SignIns
	Renewals
	People
	Tokens
}

// SignIns keeps sign-ins.
type SignIns interface {
	// PutSignIn stores a sign-in or replaces it. One that has ended stays ended.
	PutSignIn(ctx context.Context, s SignIn) error
	// SignIn returns a sign-in, ended or not.
	SignIn(ctx context.Context, id string) (s SignIn, found bool, err error)
	// SeeSignIn sets Seen to now and prolongs Until.
	SeeSignIn(ctx context.Context, id string, until time.Time) error
	// EndSignIn ends a sign-in.
	EndSignIn(ctx context.Context, id string) error
}

// Renewals coordinates the renewal of sign-ins between processes.
type Renewals interface {
	// ClaimSignIn claims the renewal of a sign-in until a time; false when another process
	// has claimed it.
	ClaimSignIn(ctx context.Context, id string, until time.Time) (bool, error)
	// RenewableSignIn returns a person's newest sign-in that has a refresh token and has not
	// ended; one that the provider has refused only if there is no other.
	RenewableSignIn(ctx context.Context, person string) (s SignIn, found bool, err error)
	// ChangedSignIns returns the sign-ins that were renewed or ended since, without tokens.
	ChangedSignIns(ctx context.Context, since time.Time) ([]SignIn, error)
}

// People keeps the people who have used the console.
type People interface {
	// PutPerson stores a person and sets Known.Seen to now.
	PutPerson(ctx context.Context, p Person) error
	// People returns all people, sorted by name.
	People(ctx context.Context) ([]Known, error)
	// SignOutPerson ends all sign-ins of a person and voids earlier proofs of identity.
	SignOutPerson(ctx context.Context, id string) error
	// SignedOut returns the people who were signed out since, with the times.
	SignedOut(ctx context.Context, since time.Time) (map[string]time.Time, error)
	// SignedOutAt returns the time of a person's last SignOutPerson; zero for never.
	SignedOutAt(ctx context.Context, id string) (time.Time, error)
}

// Tokens keeps access tokens.
type Tokens interface {
	// PutToken stores a new token.
	PutToken(ctx context.Context, t AccessToken) error
	// TokenByHash returns a token that is not revoked.
	TokenByHash(ctx context.Context, hash string) (t AccessToken, found bool, err error)
	// Tokens returns a person's tokens that are not revoked, newest first.
	Tokens(ctx context.Context, person string) ([]AccessToken, error)
	// RevokeToken revokes a person's token; false when the person has none of that id.
	RevokeToken(ctx context.Context, person, id string) (bool, error)
	// RevokedTokens returns the ids of the tokens that were revoked since.
	RevokedTokens(ctx context.Context, since time.Time) ([]string, error)
	// UseToken sets AccessToken.Used to now.
	UseToken(ctx context.Context, id string) error
	// Person returns the record of a person.
	Person(ctx context.Context, id string) (k Known, found bool, err error)
}
