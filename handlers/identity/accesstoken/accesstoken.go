// Package accesstoken makes access tokens and checks them. A token lets a person's program
// use the API; only its hash is stored.
package accesstoken

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"duplex/handlers/identity/principal"
)

// Bounds of access tokens.
const (
	MaxLife = 366 * 24 * time.Hour
	Max     = 50 // of one person
)

// DefaultAway is the Options.Away of settings without one.
const DefaultAway = 7 * 24 * time.Hour

const (
	mark      = "dpx_"      // so that scanners recognise a leaked token
	usedPause = time.Minute // precision of AccessToken.Used
)

// Store keeps access tokens and people. Its methods are those of identity.Store.
type Store interface {
	PutToken(ctx context.Context, t principal.AccessToken) error
	TokenByHash(ctx context.Context, hash string) (t principal.AccessToken, found bool, err error)
	UseToken(ctx context.Context, id string) error
	Person(ctx context.Context, id string) (k principal.Known, found bool, err error)
	SignedOutAt(ctx context.Context, person string) (time.Time, error)
}

// Provider can be asked about people who are not there.
type Provider interface {
	// AskAbout updates the stored record of a person; asked is false when there is no
	// refresh token to ask with.
	AskAbout(ctx context.Context, known *principal.Known) (asked bool, err error)
}

// Tokens makes and checks access tokens.
type Tokens struct {
	Store    Store
	Provider Provider      // nil where no provider can be asked
	Lease    time.Duration // after which the provider is asked again
	Away     time.Duration // for which tokens work without their owner
	Now      func() time.Time
}

// FromHeader returns the access token in Authorization and removes it. It leaves any other
// value to the mode.
func FromHeader(h http.Header) (text string, shown bool) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(text, mark) {
		return "", false
	}
	h.Del("Authorization")
	return text, true
}

// Make stores a new token of a person and returns it with its text, which cannot be read
// again.
func (t *Tokens) Make(ctx context.Context, person string, token principal.AccessToken) (principal.AccessToken, string, error) {
	text := mark + rand.Text()
	token.ID, token.Hash, token.Person, token.Made = strings.ToLower(rand.Text()[:16]), hashOf(text), person, t.Now()
	if err := t.Store.PutToken(ctx, token); err != nil {
		return token, "", fmt.Errorf("keep token: %w", err)
	}
	return token, text, nil
}

// Find returns the token of a text and its owner, and notes its use. The error is a
// *principal.RefusedError for a token that is not valid, or the store's.
func (t *Tokens) Find(ctx context.Context, text string) (token principal.AccessToken, owner principal.Known, err error) {
	now := t.Now()
	token, found, err := t.Store.TokenByHash(ctx, hashOf(text))
	switch {
	case err != nil:
		return token, owner, fmt.Errorf("look for token: %w", err)
	case !found:
		return token, owner, principal.Refuse(principal.RefusedToken, errors.New("no such access token"))
	case !now.Before(token.Until):
		return token, owner, principal.Refuse(principal.RefusedToken, errors.New("the access token has expired"))
	}
	if owner, err = t.LoadOwner(ctx, token.Person); err != nil {
		return token, owner, err
	}
	out, err := t.Store.SignedOutAt(ctx, token.Person)
	if err != nil {
		return token, owner, fmt.Errorf("look for sign-outs: %w", err)
	}
	if !out.IsZero() && !token.Made.After(out) {
		return token, owner, principal.Refuse(principal.RefusedSignedOut, nil)
	}
	if now.Sub(token.Used) > usedPause {
		if err := t.Store.UseToken(ctx, token.ID); err != nil {
			return token, owner, fmt.Errorf("use token: %w", err)
		}
	}
	return token, owner, nil
}

// LoadOwner returns the record of a token's owner. A provider that gave them a refresh
// token is asked once a lease, and its refusal ends the token. Without one the owner must
// have been here within Away, because people who left the company do not come back.
func (t *Tokens) LoadOwner(ctx context.Context, person string) (principal.Known, error) {
	known, found, err := t.Store.Person(ctx, person)
	if err != nil {
		return known, fmt.Errorf("look for person: %w", err)
	}
	if !found || t.Now().Sub(known.Seen) > t.Away {
		return known, principal.Refuse(principal.RefusedToken, fmt.Errorf("its person was not here for %v", t.Away))
	}
	if t.Provider == nil || t.Now().Sub(known.Seen) <= t.Lease {
		return known, nil
	}
	if asked, err := t.Provider.AskAbout(ctx, &known); !asked || err != nil {
		return known, err
	}
	if known, _, err = t.Store.Person(ctx, person); err != nil {
		return known, fmt.Errorf("look for person: %w", err)
	}
	return known, nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
