package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/principal"
)

// exchangeCode trades an authorization code for claims and a refresh token, which may be "".
func (p *Provider) exchangeCode(ctx context.Context, code string, a *attempt) (*jwt.Claims, string, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return nil, "", err
	}
	token, err := m.oauth.Exchange(p.withClient(ctx), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, "", mapTokenError(err)
	}
	c, err := p.idTokenClaims(ctx, m, token, a.Nonce)
	if err != nil {
		if _, ok := errors.AsType[*principal.RefusedError](err); !ok {
			err = principal.Refuse(principal.RefusedSignIn, err)
		}
		return nil, "", err
	}
	return c, token.RefreshToken, nil
}

// idTokenClaims verifies the ID token of an answer. Groups that it lacks are read from the
// user info endpoint. An empty nonce is not checked.
func (p *Provider) idTokenClaims(ctx context.Context, m *metadata, token *oauth2.Token, nonce string) (*jwt.Claims, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, errors.New("there is no ID token in the answer")
	}
	payload, err := m.verify(p.withClient(ctx), raw)
	if err != nil {
		return nil, err
	}
	if err := checkNonce(payload, nonce); err != nil {
		return nil, err
	}
	c, err := jwt.ParseClaims(payload, p.GroupsClaim)
	if err == nil {
		err = c.CheckTimes(p.Now())
	}
	if err != nil || c.Groups != nil || m.userInfo == "" {
		return c, err
	}
	more, err := p.userInfoClaims(ctx, m, token)
	if err != nil {
		return c, err
	}
	if more.Subject != c.Subject { // OpenID Connect Core section 5.3.2
		return c, errors.New("the provider's answers are about two people")
	}
	c.Groups = more.Groups
	if c.Name == "" {
		c.Name = more.Name
	}
	if c.Email == "" {
		c.Email = more.Email
	}
	return c, nil
}

// checkNonce refuses an ID token of another sign-in.
func checkNonce(payload []byte, nonce string) error {
	o, err := jwt.ParseObject(payload)
	if err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	said, err := o.Text("nonce")
	if err != nil {
		return err
	}
	if nonce != "" && subtle.ConstantTimeCompare([]byte(nonce), []byte(said)) != 1 {
		return errors.New("the ID token was made for another sign-in")
	}
	return nil
}

// userInfoClaims asks the provider for the owner of an access token.
func (p *Provider) userInfoClaims(ctx context.Context, m *metadata, token *oauth2.Token) (*jwt.Claims, error) {
	client := oauth2.NewClient(p.withClient(ctx), oauth2.StaticTokenSource(token))
	client.CheckRedirect, client.Timeout = p.Client.CheckRedirect, jwt.RequestTimeout
	payload, err := jwt.Get(ctx, client, m.userInfo)
	if err != nil {
		return nil, principal.Refuse(principal.RefusedUnreachable, fmt.Errorf("ask who it is: %w", err))
	}
	return jwt.ParseClaims(payload, p.GroupsClaim)
}

// provenUntil returns the end of the proof in an answer. With a refresh token that is at
// most a lease away, so that the provider is asked again.
func (p *Provider) provenUntil(c *jwt.Claims, refresh string) time.Time {
	if next := p.Now().Add(p.Lease); refresh != "" && next.Before(c.Until) {
		return next
	}
	return c.Until
}

// mapTokenError maps an error of the token endpoint to a refusal of the sign-in, or to an
// unreachable provider.
func mapTokenError(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	refusals := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden} // RFC 6749 section 5.2, and kin
	if ok && answer.Response != nil && slices.Contains(refusals, answer.Response.StatusCode) {
		return principal.Refuse(principal.RefusedSignIn, fmt.Errorf("the provider answers %d %s", answer.Response.StatusCode, answer.ErrorCode))
	}
	return principal.Refuse(principal.RefusedUnreachable, errors.New("the provider does not answer")) // the cause may quote a token
}
