package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gorilla/sessions"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// CallbackPath is where the provider sends people back to.
const CallbackPath = "/sign-in/callback"

// provider is mode oidc: people sign in at an OpenID provider, which is asked again
// as long as they are here.
type provider struct {
	*Guard

	client   *http.Client
	attempts *sessions.CookieStore // of sign-ins that have begun
	flight   singleflight.Group

	mu    sync.Mutex // guards found
	found *endpoints // nil until the provider has answered
}

// endpoints is what a provider says of itself.
type endpoints struct {
	oauth    oauth2.Config
	verify   func(context.Context, string) ([]byte, error)
	userInfo string
	end      string
}

func newProvider(g *Guard) (*provider, error) {
	attempts, err := newCookies(g.Keys, attemptTime)
	if err != nil {
		return nil, err
	}
	return &provider{Guard: g, client: newClient(g.Proxy), attempts: attempts}, nil
}

// headers implements mode: a proxy may send some, and they are not believed.
func (p *provider) headers() single { return nil }

// peer implements mode.
func (p *provider) peer(*http.Request) error { return nil }

// endpoints asks the provider once. It need not be there when the console starts.
func (p *provider) endpoints(ctx context.Context) (*endpoints, error) {
	p.mu.Lock()
	found := p.found
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	_, err, _ := p.flight.Do("discover", func() (any, error) {
		e, err := p.discover(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.found = e
		return nil, nil
	})
	if err != nil {
		return nil, refuse(RefusedUnreachable, fmt.Errorf("discover provider: %w", err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found, nil
}

func (p *provider) discover(ctx context.Context) (*endpoints, error) {
	s := &p.Settings.Provider
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), s.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Keys       string   `json:"jwks_uri"`
		End        string   `json:"end_session_endpoint"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
		Scopes     []string `json:"scopes_supported"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}
	endpoint := found.Endpoint()
	for _, address := range []string{more.Keys, endpoint.TokenURL, endpoint.AuthURL} {
		if !IsSafeURL(address) {
			return nil, fmt.Errorf("the provider names the address %q, which is not https", address)
		}
	}
	algorithms := slices.DeleteFunc(more.Algorithms, func(name string) bool { return !IsSafeAlgorithm(name) })
	if len(algorithms) == 0 {
		return nil, errors.New("the provider signs with no algorithm that is accepted")
	}
	e := &endpoints{
		oauth: oauth2.Config{
			ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: endpoint, Scopes: scopes(s.Scopes, more.Scopes),
			RedirectURL: p.Origins()[0] + CallbackPath,
		},
		userInfo: found.UserInfoEndpoint(),
	}
	if IsSafeURL(more.End) {
		e.end = more.End
	}
	e.verify = verifierOf(s.Issuer, s.ClientID, algorithms, &keySet{url: more.Keys, client: p.client, now: p.Now})
	return e, nil
}

// scopes leaves out offline_access where the provider does not have it: some give
// refresh tokens without, and refuse to hear of it.
func scopes(want, supported []string) []string {
	return slices.DeleteFunc(slices.Clone(want), func(scope string) bool {
		return scope == oidc.ScopeOfflineAccess && len(supported) > 0 && !slices.Contains(supported, scope)
	})
}

// ask returns a context in which oauth2 and oidc use the client.
func (p *provider) ask(ctx context.Context) context.Context { return oidc.ClientContext(ctx, p.client) }

// claimsOf reads who the tokens of an answer are about. Groups that are not in the
// ID token may be in the provider's answer to who holds the access token.
func (p *provider) claimsOf(ctx context.Context, e *endpoints, token *oauth2.Token, nonce string) (*tokenClaims, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, errors.New("there is no ID token in the answer")
	}
	payload, err := e.verify(p.ask(ctx), raw)
	if err != nil {
		return nil, err
	}
	if err := checkNonce(payload, nonce); err != nil {
		return nil, err
	}
	c, err := parseClaims(payload, p.Settings.GroupsClaim)
	if err == nil {
		err = c.checkTimes(p.Now())
	}
	if err != nil || c.groups != nil || e.userInfo == "" {
		return c, err
	}
	return c, p.addUserInfo(ctx, e, token, c)
}

// addUserInfo asks the provider for what its ID token leaves out.
func (p *provider) addUserInfo(ctx context.Context, e *endpoints, token *oauth2.Token, c *tokenClaims) error {
	more, err := p.userInfo(ctx, e, token)
	if err != nil {
		return err
	}
	if more.subject != c.subject { // OpenID Connect Core section 5.3.2
		return errors.New("the provider's answers are about two people")
	}
	c.groups = more.groups
	if c.name == "" {
		c.name = more.name
	}
	if c.email == "" {
		c.email = more.email
	}
	return nil
}

func (p *provider) userInfo(ctx context.Context, e *endpoints, token *oauth2.Token) (*tokenClaims, error) {
	client := oauth2.NewClient(p.ask(ctx), oauth2.StaticTokenSource(token))
	client.CheckRedirect, client.Timeout = p.client.CheckRedirect, askTime
	payload, err := get(ctx, client, e.userInfo)
	if err != nil {
		return nil, refuse(RefusedUnreachable, fmt.Errorf("ask who it is: %w", err))
	}
	return parseClaims(payload, p.Settings.GroupsClaim)
}

// proven is until when an answer of the provider holds. Where it can be asked again,
// that is done once a lease, so that whoever it no longer knows does not stay.
func (p *provider) proven(c *tokenClaims, refresh string) time.Time {
	if next := p.Now().Add(p.Settings.Lease); refresh != "" && next.Before(c.until) {
		return next
	}
	return c.until
}

// endURL is where people end their sign-in at the provider.
func (p *provider) endURL(ctx context.Context) string {
	e, err := p.endpoints(ctx)
	if err != nil || e.end == "" {
		return SignedOutPath
	}
	u, err := url.Parse(e.end)
	if err != nil {
		return SignedOutPath
	}
	q := u.Query()
	q.Set("client_id", p.Settings.Provider.ClientID)
	q.Set("post_logout_redirect_uri", p.Origins()[0]+SignedOutPath)
	u.RawQuery = q.Encode()
	return u.String()
}
