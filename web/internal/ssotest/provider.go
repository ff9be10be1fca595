// Package ssotest is an OpenID provider for tests: zitadel's. People sign in on a page
// with one field, and a test can end their sign-ins.
package ssotest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"html/template"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// The console's registration at the provider.
const (
	ClientID     = "duplex"
	ClientSecret = "secret-of-duplex-at-the-provider"
)

// People are those who can sign in, with their groups.
var People = map[string][]string{"ada": {"dev", "staff"}, "linus": {"dev"}, "olga": {"ops"}, "vic": {"staff"}, "mallory": {"strangers"}}

// Options configures the provider.
type Options struct {
	Host      string        // name that browsers know it by; 127.0.0.1 when ""
	TLS       *tls.Config   // with a certificate for Host; nil speaks http
	Lifetime  time.Duration // of ID tokens; 5 minutes when 0
	NoRefresh bool          // it gives no refresh tokens
	Groups    bool          // ID tokens name the person's groups; else they have to be asked for
}

// Provider is a running provider.
type Provider struct {
	Issuer string

	options  Options
	storage  *storage
	provider *op.Provider
	broken   atomic.Bool
}

// Start runs a provider until the test ends.
func Start(tb testing.TB, o Options) *Provider {
	tb.Helper()
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Lifetime == 0 {
		o.Lifetime = 5 * time.Minute
	}
	server := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	p := &Provider{Issuer: "http://" + net.JoinHostPort(o.Host, port), options: o}
	if o.TLS != nil {
		p.Issuer = "https" + strings.TrimPrefix(p.Issuer, "http")
	}
	if p.storage, err = newStorage(o); err != nil {
		tb.Fatal(err)
	}
	p.provider, err = op.NewProvider(&op.Config{
		CryptoKey: sha256.Sum256([]byte(rand.Text())), CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
		DefaultLogoutRedirectURI: "/signed-out", SupportedClaims: []string{"sub", "name", "email", "groups"},
		SupportedScopes: []string{"openid", "profile", "email", "offline_access"},
	}, p.storage, op.StaticIssuer(p.Issuer), op.WithAllowInsecure())
	if err != nil {
		tb.Fatal(err)
	}
	server.Config.Handler = p.handler()
	if server.TLS = o.TLS; o.TLS != nil {
		server.StartTLS()
	} else {
		server.Start()
	}
	tb.Cleanup(server.Close)
	return p
}

// Allow lets the provider send people back to a console.
func (p *Provider) Allow(redirect ...string) { p.storage.allow(redirect) }

// SignOut ends a person's sign-ins at the provider.
func (p *Provider) SignOut(person string) { p.storage.signOut(person) }

// Regroup puts a person into other groups.
func (p *Provider) Regroup(person string, groups ...string) { p.storage.regroup(person, groups) }

// Renewals returns the number of uses of refresh tokens.
func (p *Provider) Renewals() int { return p.storage.renewals() }

// Break lets the provider fail, or work again: it is there and cannot answer.
func (p *Provider) Break(broken bool) { p.broken.Store(broken) }

const cookieName = "sso"

func (p *Provider) handler() http.Handler {
	mux := http.NewServeMux()
	intercept := op.NewIssuerInterceptor(p.provider.IssuerFromRequest)
	mux.HandleFunc("GET /login", intercept.HandlerFunc(p.login))
	mux.HandleFunc("POST /login", intercept.HandlerFunc(p.enter))
	mux.HandleFunc("GET /signed-out", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("signed out")) })
	mux.Handle("/", p.provider)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.broken.Load() {
			http.Error(w, "broken", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

var loginPage = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Sign in</title><h1>Sign in at the company</h1>
<form method="post" action="/login?id={{.}}"><label>Name <input name="person" data-testid="sso-person" autofocus></label> <button data-testid="sso-enter">Sign in</button></form>`))

// login goes on at once with whom the browser is signed in as already.
func (p *Provider) login(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if c, err := r.Cookie(cookieName); err == nil {
		if person := p.storage.signedIn(c.Value); person != "" && p.storage.grant(id, person) {
			http.Redirect(w, r, op.AuthCallbackURL(p.provider)(r.Context(), id), http.StatusFound)
			return
		}
	}
	_ = loginPage.Execute(w, id)
}

func (p *Provider) enter(w http.ResponseWriter, r *http.Request) {
	id, person := r.URL.Query().Get("id"), strings.TrimSpace(r.FormValue("person"))
	if _, known := People[person]; !known || !p.storage.grant(id, person) {
		http.Error(w, "nobody of that name", http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: p.storage.signIn(person), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // of a test, over http
	http.Redirect(w, r, op.AuthCallbackURL(p.provider)(r.Context(), id), http.StatusFound)
}
