// Package identity identifies the sender of each request and gives them a role. Guard reads
// the request once, in one middleware of the handlers; nothing else in the program looks
// at the sender. The mode decides how: none, headers, jwt or oidc.
package identity

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"duplex/handlers/identity/accesstoken"
	"duplex/handlers/identity/browser"
	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/lease"
	"duplex/handlers/identity/oidc"
	"duplex/handlers/identity/origin"
	"duplex/handlers/identity/principal"
	"duplex/handlers/identity/proxy"
	"duplex/handlers/identity/ticket"
)

// Guard identifies people and refuses requests. It is safe for concurrent use.
type Guard struct {
	Options

	mode     mode
	browsers *browser.Cookies // nil in mode none
	provider *oidc.Provider   // nil in modes other than oidc
	people   people
	leases   *lease.Leases
	tokens   accesstoken.Tokens
	tickets  *ticket.Tickets
	verdicts verdicts
}

// Options configures a Guard.
type Options struct {
	Settings Settings
	Origins  func() []string // of the console's pages, as browsers send them: "https://duplex.example"
	Store    Store           // nil in mode none
	Keys     browser.Keys    // nil in mode none
	Now      func() time.Time
	Log      *slog.Logger
	Audit    func(context.Context, Event) // may be nil

	// Proxy returns the egress proxy for requests to a provider, as in http.Transport; it
	// may be nil.
	Proxy func(*http.Request) (*url.URL, error)
}

// mode identifies the sender of a request.
type mode interface {
	// CheckPeer refuses untrusted connections.
	CheckPeer(r *http.Request) error
	// Headers returns the names of the identity headers, which the Guard checks and removes
	// from the request.
	Headers() []string
	// Claims returns the claims about the sender, given the values of the headers.
	Claims(r *http.Request, values map[string]string) (*principal.Claims, error)
}

// New returns the Guard of the settings, which have been checked.
func New(o Options) (*Guard, error) { return newGuard(o, "local") }

// Local returns the Guard of mode none: one local person of the given name.
func Local(name string, origins func() []string) *Guard {
	g, _ := newGuard(Options{Settings: Settings{Mode: ModeNone}, Origins: origins}, name) // mode none has no errors
	return g
}

func newGuard(o Options, localName string) (*Guard, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Guard{Options: o, tickets: ticket.New()}
	g.verdicts = verdicts{signsInHere: o.Settings.Mode == ModeOIDC, audit: func(ctx context.Context, e Event) {
		if g.Audit != nil { // it may be set later
			g.Audit(ctx, e)
		}
	}}
	s := &g.Settings
	leases := lease.Options{Grace: s.Grace, Now: o.Now, Log: o.Log, Roles: &s.Roles, CheckAfter: s.Lease}
	if s.Mode == ModeNone {
		g.mode, g.leases = localMode{localName}, lease.New(leases)
		return g, nil
	}
	var err error
	if g.browsers, err = browser.New(o.Keys, o.Store, o.Now); err != nil {
		return nil, err
	}
	g.tokens = accesstoken.Tokens{Store: o.Store, Lease: s.Lease, Away: cmp.Or(s.Away, accesstoken.DefaultAway), Now: o.Now}
	behind := proxy.Settings{Peers: s.Proxies, Secret: s.ProxySecret, Headers: s.Headers, Token: s.Token, GroupsClaim: s.GroupsClaim}
	switch s.Mode {
	case ModeHeaders:
		g.mode = proxy.NewHeaderMode(&behind)
	case ModeToken:
		g.mode = proxy.NewTokenMode(&behind, jwt.NewClient(o.Proxy), o.Now)
	case ModeOIDC:
		g.provider, err = oidc.New(oidc.Options{
			Settings: s.Provider, GroupsClaim: s.GroupsClaim, Lease: s.Lease, Origin: func() string { return o.Origins()[0] },
			Keys: o.Keys, Browsers: g.browsers, Store: o.Store, Client: jwt.NewClient(o.Proxy), Now: o.Now, Log: o.Log,
			Renewed: func(ctx context.Context, c *principal.Claims) error {
				p := g.newPerson(c)
				return g.people.keepPerson(ctx, &p)
			},
		})
		if err != nil {
			return nil, err
		}
		g.mode, g.tokens.Provider = g.provider, g.provider
		leases.CheckHolder = func(ctx context.Context, person string) error {
			_, err := g.tokens.LoadOwner(ctx, person)
			return err
		}
	default:
		return nil, fmt.Errorf("identity mode %q is not known", s.Mode)
	}
	leases.Store = o.Store
	g.leases = lease.New(leases)
	g.people = people{store: o.Store, roles: &s.Roles, leases: g.leases, grace: s.Grace, now: o.Now}
	return g, nil
}

// SignsInHere reports whether people sign in on the console's own pages.
func (g *Guard) SignsInHere() bool { return g.provider != nil }

// Reads returns the names of the identity headers.
func (g *Guard) Reads() []string { return slices.Clone(g.mode.Headers()) }

// AllowsOrigin reports whether an origin belongs to the console.
func (g *Guard) AllowsOrigin(origin string) bool { return slices.Contains(g.Origins(), origin) }

// AllowsHost reports whether a request's Host belongs to the console. A stranger's DNS can
// point any other name here, to make the stranger's page the console's own origin. Mode
// none allows every loopback name with a port of the console.
func (g *Guard) AllowsHost(hostport string) bool {
	if g.Settings.Mode == ModeNone {
		return origin.IsOwnLoopback(hostport, g.Origins())
	}
	return slices.ContainsFunc(g.Origins(), func(own string) bool { return origin.HasHost(own, hostport) })
}

// Secure reports whether all origins of the console are https.
func (g *Guard) Secure() bool {
	origins := g.Origins()
	return len(origins) > 0 && !slices.ContainsFunc(origins, func(origin string) bool { return !strings.HasPrefix(origin, "https://") })
}
