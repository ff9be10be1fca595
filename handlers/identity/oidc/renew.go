package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"duplex/bridge/vault"
	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/principal"
)

const (
	pollTime = 100 * time.Millisecond // between looks at a renewal by another process
	seenTime = time.Minute            // precision of SignIn.Seen
)

// Claims returns the claims of the browser's sign-in. The provider
// is asked again when half of the lease has passed.
func (p *Provider) Claims(r *http.Request, _ map[string]string) (*principal.Claims, error) {
	ctx := r.Context()
	s, found, err := p.Browsers.Find(ctx, r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for the sign-in: %w", err)
	case !s.Ended.IsZero():
		return nil, principal.Refuse(principal.RefusedSignedOut, nil)
	case !found || !s.Refused.IsZero():
		return nil, principal.Refuse(principal.RefusedNobody, nil)
	}
	if s.Until.Sub(p.Now()) < p.Lease/2 && s.Refresh.Reveal() != "" {
		if s, err = p.renewSignIn(ctx, s); err != nil {
			return nil, err
		}
	}
	if p.Now().After(s.Until) {
		return nil, principal.Refuse(principal.RefusedNobody, errors.New("what the provider said has ended"))
	}
	if p.Now().Sub(s.Seen) > seenTime {
		if err := p.Store.SeeSignIn(ctx, s.ID, s.Until); err != nil {
			return nil, fmt.Errorf("renew sign-in: %w", err)
		}
	}
	c := claimsOf(&s)
	c.Until, c.SignIn = s.Until, s.ID
	return c, nil
}

func claimsOf(s *principal.SignIn) *principal.Claims {
	return &principal.Claims{Issuer: s.Issuer, Subject: s.Subject, Name: s.Name, Email: s.Email, Groups: s.Groups}
}

// AskAbout asks the provider about a person with the refresh token of their newest
// sign-in; asked is false when there is none. A refusal ends the person's access until they
// sign in again.
func (p *Provider) AskAbout(ctx context.Context, known *principal.Known) (asked bool, err error) {
	s, found, err := p.Store.RenewableSignIn(ctx, known.ID)
	switch {
	case err != nil:
		return false, fmt.Errorf("look for the sign-in: %w", err)
	case !found:
		return false, nil
	case s.Refused.IsZero():
		_, err = p.renewSignIn(ctx, s)
	case s.Refused.After(known.Seen):
		err = principal.Refuse(principal.RefusedNobody, nil)
	}
	if refusal, ok := errors.AsType[*principal.RefusedError](err); ok && refusal.Code != principal.RefusedUnreachable {
		err = principal.Refuse(principal.RefusedToken, errors.New("the provider does not vouch for its person any more"))
	}
	return true, err
}

// renewSignIn asks the provider whether it still knows the person. A refresh token may be valid
// once, so one of all requests and processes asks, and the others wait for its answer.
func (p *Provider) renewSignIn(ctx context.Context, s principal.SignIn) (principal.SignIn, error) {
	ctx = context.WithoutCancel(ctx)
	renewed, err, _ := p.flight.Do("renew "+s.ID, func() (any, error) {
		mine, err := p.Store.ClaimSignIn(ctx, s.ID, p.Now().Add(2*jwt.RequestTimeout))
		if err != nil {
			return s, fmt.Errorf("claim renewal: %w", err)
		}
		now, found, err := p.Store.SignIn(ctx, s.ID)
		switch {
		case err != nil || !found:
			return s, err
		case !now.Ended.IsZero():
			return s, principal.Refuse(principal.RefusedSignedOut, nil)
		case now.Until.After(s.Until): // another process has renewed it
			return now, nil
		case !mine:
			return p.awaitRenewal(ctx, now)
		}
		return p.refreshToken(ctx, now)
	})
	s, _ = renewed.(principal.SignIn)
	return s, err
}

// awaitRenewal waits for the process that is renewing, if the proof has ended.
func (p *Provider) awaitRenewal(ctx context.Context, s principal.SignIn) (principal.SignIn, error) {
	ctx, cancel := context.WithTimeout(ctx, jwt.RequestTimeout)
	defer cancel()
	for p.Now().After(s.Until) {
		timer := time.NewTimer(pollTime)
		select {
		case <-ctx.Done():
			timer.Stop()
			return s, principal.Refuse(principal.RefusedUnreachable, errors.New("the provider does not answer"))
		case <-timer.C:
		}
		now, found, err := p.Store.SignIn(ctx, s.ID)
		switch {
		case err != nil || !found:
			return s, err
		case !now.Ended.IsZero():
			return s, principal.Refuse(principal.RefusedSignedOut, nil)
		}
		s = now
	}
	return s, nil
}

// refreshToken asks the provider and stores its answer. When the provider does not answer, the
// next request asks again, as long as the last answer is valid.
func (p *Provider) refreshToken(ctx context.Context, s principal.SignIn) (principal.SignIn, error) {
	err := p.askAgain(ctx, &s)
	refused, ok := errors.AsType[*principal.RefusedError](err)
	switch {
	case err == nil:
		if err := p.Store.PutSignIn(ctx, s); err != nil {
			return s, fmt.Errorf("keep sign-in: %w", err)
		}
		return s, p.Renewed(ctx, claimsOf(&s))
	case ok && refused.Code != principal.RefusedUnreachable:
		p.Log.LogAttrs(ctx, slog.LevelInfo, "provider renews a sign-in no more", slog.Any("error", err))
		s.Refused = p.Now() // open sockets stay until their lease ends: the person may sign in again in time
		if err := p.Store.PutSignIn(ctx, s); err != nil {
			return s, fmt.Errorf("keep refusal: %w", err)
		}
		return s, principal.Refuse(principal.RefusedNobody, err)
	}
	p.Log.LogAttrs(ctx, slog.LevelWarn, "provider cannot be asked", slog.Any("error", err))
	if err := p.Store.PutSignIn(ctx, s); err != nil { // unchanged: this releases the claim
		return s, fmt.Errorf("give claim back: %w", err)
	}
	if p.Now().Before(s.Until) {
		return s, nil
	}
	return s, err
}

// askAgain trades the refresh token for new claims and updates s. SignIn.Seen stays: an
// access token may have caused the request, without a browser.
func (p *Provider) askAgain(ctx context.Context, s *principal.SignIn) error {
	m, err := p.discover(ctx)
	if err != nil {
		return err
	}
	token, err := m.oauth.TokenSource(p.withClient(ctx), &oauth2.Token{RefreshToken: s.Refresh.Reveal()}).Token()
	if err != nil {
		return mapTokenError(err)
	}
	c, err := p.refreshedClaims(ctx, m, token)
	if err != nil {
		return err
	}
	if c.Subject != s.Subject {
		return principal.Refuse(principal.RefusedSignIn, errors.New("the provider's answers are about two people"))
	}
	if token.RefreshToken != "" {
		s.Refresh = vault.NewSecret(token.RefreshToken)
	}
	s.Name, s.Email, s.Groups, s.Until = c.Name, c.Email, c.Groups, p.provenUntil(c, token.RefreshToken)
	return nil
}

// refreshedClaims reads the answer to a refresh token. It may lack an ID token (OpenID
// Connect Core section 12.2); then the user info endpoint is asked.
func (p *Provider) refreshedClaims(ctx context.Context, m *metadata, token *oauth2.Token) (*jwt.Claims, error) {
	var c *jwt.Claims
	var err error
	if raw, _ := token.Extra("id_token").(string); raw != "" {
		c, err = p.idTokenClaims(ctx, m, token, "")
	} else if c, err = p.userInfoClaims(ctx, m, token); err == nil {
		c.Issuer, c.Until = p.Settings.Issuer, token.Expiry
	}
	if _, ok := errors.AsType[*principal.RefusedError](err); err != nil && !ok {
		err = principal.Refuse(principal.RefusedSignIn, err)
	}
	return c, err
}
