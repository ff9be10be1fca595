package lease

import (
	"context"
	"errors"
	"fmt"

	"duplex/handlers/identity/principal"
)

// Confirm checks p's proof of identity again, in the store: another process may know first
// that it has ended. Hold returned held for p. The error is a *principal.RefusedError, or
// the store's.
func (l *Leases) Confirm(held context.Context, p *principal.Person) error {
	if refusal, ok := errors.AsType[*principal.RefusedError](context.Cause(held)); ok {
		return refusal
	}
	h, _ := held.Value(holdKey{}).(*hold)
	if h == nil || l.Store == nil {
		return nil
	}
	l.mu.Lock()
	key, until := h.key, h.until
	l.mu.Unlock()
	if until.Before(l.Now().Add(-l.Grace)) {
		return principal.Refuse(principal.RefusedLease, nil)
	}
	out, err := l.Store.SignedOutAt(held, p.ID)
	if err != nil {
		return fmt.Errorf("look for sign-outs: %w", err)
	}
	if !out.IsZero() && !out.Before(h.since) {
		return principal.Refuse(principal.RefusedSignedOut, nil)
	}
	if err := l.confirmCredential(held, key, p); err != nil {
		return err
	}
	known, found, err := l.Store.Person(held, p.ID)
	if err != nil {
		return fmt.Errorf("look for person: %w", err)
	}
	if !found || p.Token == nil && known.Seen.Before(h.since) { // not seen since, so the groups are the same; a token follows the row in any case
		return nil
	}
	return l.confirmRole(known.Groups, p)
}

// confirmCredential refuses a revoked access token and an ended sign-in.
func (l *Leases) confirmCredential(ctx context.Context, key string, p *principal.Person) error {
	switch {
	case p.Token != nil:
		_, found, err := l.Store.TokenByHash(ctx, p.Token.Hash)
		if err != nil {
			return fmt.Errorf("look for token: %w", err)
		}
		if !found {
			return principal.Refuse(principal.RefusedToken, errors.New("the access token was revoked"))
		}
	case p.SignIn != "":
		s, found, err := l.Store.SignIn(ctx, key)
		if err != nil {
			return fmt.Errorf("look for the sign-in: %w", err)
		}
		if !found || !s.Ended.IsZero() {
			return principal.Refuse(principal.RefusedSignedOut, nil)
		}
		return l.confirmRole(s.Groups, p)
	}
	return nil
}

// confirmRole refuses groups that give a lesser role than p has.
func (l *Leases) confirmRole(groups []string, p *principal.Person) error {
	if role, _ := l.Roles.Of(groups); role < p.Role {
		return principal.Refuse(principal.RefusedLease, fmt.Errorf("the role is %q now", role))
	}
	return nil
}
