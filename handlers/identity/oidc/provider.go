// Package oidc signs people in at an OpenID provider and asks the provider again, once a
// lease, whether it still vouches for them.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gorilla/sessions"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"duplex/handlers/identity/browser"
	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/principal"
)

// CallbackPath is the path of the redirect URI.
const CallbackPath = "/sign-in/callback"

// Settings names the provider and this client.
type Settings struct {
	Issuer       string
	ClientID     string
	ClientSecret string // "" for a public client
	Scopes       []string
}

// Store keeps sign-ins. Its methods are those of identity.Store.
type Store interface {
	SignIn(ctx context.Context, id string) (s principal.SignIn, found bool, err error)
	PutSignIn(ctx context.Context, s principal.SignIn) error
	SeeSignIn(ctx context.Context, id string, until time.Time) error
	ClaimSignIn(ctx context.Context, id string, until time.Time) (bool, error)
	RenewableSignIn(ctx context.Context, person string) (s principal.SignIn, found bool, err error)
}

// Options configures a Provider.
type Options struct {
	Settings    Settings
	GroupsClaim string
	Lease       time.Duration // after which the provider is asked again
	Origin      func() string // of the console
	Keys        browser.Keys
	Browsers    *browser.Cookies
	Store       Store
	Client      *http.Client
	Now         func() time.Time
	Log         *slog.Logger

	// Renewed is called with the new claims when the provider has renewed a sign-in.
	Renewed func(ctx context.Context, c *principal.Claims) error
}

// Provider is an OpenID provider at which people sign in. It is safe for concurrent use.
type Provider struct {
	Options

	attempts *sessions.CookieStore // of sign-ins that have begun
	flight   singleflight.Group

	mu       sync.Mutex // guards metadata
	metadata *metadata  // nil until the provider has answered
}

// metadata is the provider's configuration (OpenID Connect Discovery section 3).
type metadata struct {
	oauth    oauth2.Config
	verify   jwt.Verify
	keys     string // address of the keys
	userInfo string
	end      string
}

// New returns a Provider. The provider need not be reachable yet.
func New(o Options) (*Provider, error) {
	attempts, err := browser.NewSealed(o.Keys, attemptTime)
	if err != nil {
		return nil, err
	}
	return &Provider{Options: o, attempts: attempts}, nil
}

// Headers returns nothing: identity headers of a proxy are not read.
func (p *Provider) Headers() []string { return nil }

// CheckPeer accepts every connection.
func (p *Provider) CheckPeer(*http.Request) error { return nil }

// discover returns the provider's metadata, which it fetches until the provider has
// answered once.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	cached := p.metadata
	p.mu.Unlock()
	if cached != nil {
		return cached, nil
	}
	found, err, _ := p.flight.Do("discover", func() (any, error) {
		m, err := p.fetchMetadata(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.metadata = m
		return m, nil
	})
	if err != nil {
		return nil, principal.Refuse(principal.RefusedUnreachable, fmt.Errorf("discover provider: %w", err))
	}
	m, _ := found.(*metadata)
	return m, nil
}

func (p *Provider) fetchMetadata(ctx context.Context) (*metadata, error) {
	s := &p.Settings
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.Client), s.Issuer)
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
		if !jwt.IsSafeURL(address) {
			return nil, fmt.Errorf("the provider names the address %q, which is not https", address)
		}
	}
	algorithms := slices.DeleteFunc(more.Algorithms, func(name string) bool { return !jwt.IsSafeAlgorithm(name) })
	if len(algorithms) == 0 {
		return nil, errors.New("the provider signs with no algorithm that is accepted")
	}
	// Some providers give refresh tokens without offline_access and refuse the scope.
	scopes := slices.DeleteFunc(slices.Clone(s.Scopes), func(scope string) bool {
		return scope == oidc.ScopeOfflineAccess && len(more.Scopes) > 0 && !slices.Contains(more.Scopes, scope)
	})
	m := &metadata{
		oauth: oauth2.Config{
			ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: endpoint, Scopes: scopes, RedirectURL: p.Origin() + CallbackPath,
		},
		verify:   jwt.NewVerify(s.Issuer, s.ClientID, algorithms, jwt.NewKeySet(more.Keys, p.Client, p.Now)),
		keys:     more.Keys,
		userInfo: found.UserInfoEndpoint(),
	}
	if jwt.IsSafeURL(more.End) {
		m.end = more.End
	}
	return m, nil
}

// Check fetches the provider's metadata and keys, as the first sign-in does.
func (p *Provider) Check(ctx context.Context) error {
	m, err := p.fetchMetadata(ctx)
	if err != nil {
		return err
	}
	return jwt.CheckKeys(ctx, p.Client, m.keys)
}

// withClient returns a context in which oauth2 and oidc use p.Client.
func (p *Provider) withClient(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.Client)
}

// EndURL returns the address at which people sign out of the provider, which leads back to
// the path after; without one it returns after.
func (p *Provider) EndURL(ctx context.Context, after string) string {
	m, err := p.discover(ctx)
	if err != nil || m.end == "" {
		return after
	}
	u, err := url.Parse(m.end)
	if err != nil {
		return after
	}
	q := u.Query()
	q.Set("client_id", p.Settings.ClientID)
	q.Set("post_logout_redirect_uri", p.Origin()+after)
	u.RawQuery = q.Encode()
	return u.String()
}
