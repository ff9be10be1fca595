package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"duplex/bridge/vault"
)

const (
	awaitTime = 100 * time.Millisecond // between looks whether another process has renewed
	seenTime  = time.Minute            // how exactly it is known when a browser was here
)

// read implements mode: who signed in with this browser. The provider is asked
// again when half of what it vouched for is over.
func (p *provider) read(r *http.Request, _ map[string]string) (*claims, error) {
	ctx := r.Context()
	s, found, err := p.browsers.find(ctx, r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for the sign-in: %w", err)
	case !s.Ended.IsZero():
		return nil, refuse(RefusedSignedOut, nil)
	case !found || !s.Refused.IsZero():
		return nil, refuse(RefusedNobody, nil)
	}
	if s.Until.Sub(p.Now()) < p.Settings.Lease/2 && s.Refresh.Reveal() != "" {
		if s, err = p.renew(ctx, s); err != nil {
			return nil, err
		}
	}
	if p.Now().After(s.Until) {
		return nil, refuse(RefusedNobody, errors.New("what the provider said has ended"))
	}
	if p.Now().Sub(s.Seen) > seenTime {
		if err := p.Store.SeeSignIn(ctx, s.ID, s.Until); err != nil {
			return nil, fmt.Errorf("renew sign-in: %w", err)
		}
	}
	return &claims{
		issuer: s.Issuer, subject: s.Subject, name: s.Name, email: s.Email, groups: s.Groups, until: s.Until, browser: s.ID,
	}, nil
}

// renew asks the provider whether it still knows the person. A refresh token may be
// good for one use only, so of all requests and processes one asks.
func (p *provider) renew(ctx context.Context, s SignIn) (SignIn, error) {
	ctx = context.WithoutCancel(ctx)
	renewed, err, _ := p.flight.Do("renew "+s.ID, func() (any, error) {
		mine, err := p.Store.ClaimSignIn(ctx, s.ID, p.Now().Add(2*askTime))
		if err != nil {
			return s, fmt.Errorf("claim renewal: %w", err)
		}
		now, found, err := p.Store.SignIn(ctx, s.ID)
		switch {
		case err != nil || !found:
			return s, err
		case !now.Ended.IsZero():
			return s, refuse(RefusedSignedOut, nil)
		case now.Until.After(s.Until): // somebody was faster
			return now, nil
		case !mine:
			return p.await(ctx, now)
		}
		return p.refresh(ctx, now)
	})
	s, _ = renewed.(SignIn)
	return s, err
}

// await waits for the process that is renewing, where there is need to.
func (p *provider) await(ctx context.Context, s SignIn) (SignIn, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	for p.Now().After(s.Until) {
		timer := time.NewTimer(awaitTime)
		select {
		case <-ctx.Done():
			timer.Stop()
			return s, refuse(RefusedUnreachable, errors.New("the provider does not answer"))
		case <-timer.C:
		}
		now, found, err := p.Store.SignIn(ctx, s.ID)
		switch {
		case err != nil || !found:
			return s, err
		case !now.Ended.IsZero():
			return s, refuse(RefusedSignedOut, nil)
		}
		s = now
	}
	return s, nil
}

// refresh asks the provider, and keeps what it answers. One that does not answer is
// asked again at the next request, as long as its last answer holds.
func (p *provider) refresh(ctx context.Context, s SignIn) (SignIn, error) {
	err := p.askAgain(ctx, &s)
	refused, ok := errors.AsType[*RefusedError](err)
	switch {
	case err == nil:
		return s, p.renewed(ctx, s)
	case ok && refused.Code != RefusedUnreachable:
		p.Log.LogAttrs(ctx, slog.LevelInfo, "provider renews a sign-in no more", slog.Any("error", err))
		s.Refused = p.Now() // what is open stays so until its lease ends: the person may sign in again in time
		if err := p.Store.PutSignIn(ctx, s); err != nil {
			return s, fmt.Errorf("keep refusal: %w", err)
		}
		return s, refuse(RefusedNobody, err)
	}
	p.Log.LogAttrs(ctx, slog.LevelWarn, "provider cannot be asked", slog.Any("error", err))
	if err := p.Store.PutSignIn(ctx, s); err != nil { // as it is: this gives the claim back
		return s, fmt.Errorf("give claim back: %w", err)
	}
	if p.Now().Before(s.Until) {
		return s, nil
	}
	return s, err
}

// renewed keeps what the provider says of a person now.
func (p *provider) renewed(ctx context.Context, s SignIn) error {
	if err := p.Store.PutSignIn(ctx, s); err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	person := p.person(&claims{issuer: s.Issuer, subject: s.Subject, name: s.Name, email: s.Email, groups: s.Groups})
	return p.keep(ctx, &person)
}

// askAbout asks the provider of a person who need not be here, with the refresh token of
// their newest sign-in; asked is false when there is none. A provider that vouches for
// them no more ends what they have not signed in again for.
func (p *provider) askAbout(ctx context.Context, known *Known) (asked bool, err error) {
	s, found, err := p.Store.RenewableSignIn(ctx, known.ID)
	switch {
	case err != nil:
		return false, fmt.Errorf("look for the sign-in: %w", err)
	case !found:
		return false, nil
	case s.Refused.IsZero():
		_, err = p.renew(ctx, s)
	case s.Refused.After(known.Seen):
		err = refuse(RefusedNobody, nil)
	}
	if refusal, ok := errors.AsType[*RefusedError](err); ok && refusal.Code != RefusedUnreachable {
		err = refuse(RefusedToken, errors.New("the provider does not vouch for its person any more"))
	}
	return true, err
}

// askAgain trades the refresh token for a new answer.
func (p *provider) askAgain(ctx context.Context, s *SignIn) error {
	e, err := p.endpoints(ctx)
	if err != nil {
		return err
	}
	token, err := e.oauth.TokenSource(p.ask(ctx), &oauth2.Token{RefreshToken: s.Refresh.Reveal()}).Token()
	if err != nil {
		return denied(err)
	}
	c, err := p.answered(ctx, e, token)
	if err != nil {
		return err
	}
	if c.subject != s.Subject {
		return refuse(RefusedSignIn, errors.New("the provider's answers are about two people"))
	}
	if token.RefreshToken != "" {
		s.Refresh = vault.NewSecret(token.RefreshToken)
	}
	s.Name, s.Email, s.Groups = c.name, c.email, c.groups
	s.Until = p.proven(c, token.RefreshToken) // and Seen stays: a token may have asked, and no browser
	return nil
}

// answered reads an answer to a refresh token, which need not hold an ID token
// (OpenID Connect Core section 12.2); then who it is about is asked for.
func (p *provider) answered(ctx context.Context, e *endpoints, token *oauth2.Token) (*tokenClaims, error) {
	var c *tokenClaims
	var err error
	if raw, _ := token.Extra("id_token").(string); raw != "" {
		c, err = p.claimsOf(ctx, e, token, "")
	} else {
		if c, err = p.userInfo(ctx, e, token); err == nil {
			c.issuer, c.until = p.Settings.Provider.Issuer, token.Expiry
		}
	}
	if _, ok := errors.AsType[*RefusedError](err); err != nil && !ok {
		err = refuse(RefusedSignIn, err)
	}
	return c, err
}

// Refused tells the audit log and the operator of a request that was turned away
// after it was known who sent it.
func (g *Guard) Refused(r *http.Request, err error) {
	p := Of(r.Context())
	g.refused(r, &p, err)
}
