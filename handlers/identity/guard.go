package identity

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Guard decides who may come in. It is safe for concurrent use.
type Guard struct {
	Options

	mode     mode
	leases   *leases
	browsers *browsers // nil in mode none
	signIn   *provider // nil but in mode oidc
	arrivals ring
	asking   sync.Map       // the ids of people whom the provider is being asked about
	tasks    sync.WaitGroup // of Watch
	tickets  *tickets
}

// Options is what a Guard works with.
type Options struct {
	Settings Settings
	Origins  func() []string // of the console's pages, as browsers send them: "https://duplex.example"
	Store    Store           // nil in mode none
	Keys     Keys            // nil in mode none
	Now      func() time.Time
	Log      *slog.Logger
	Audit    func(context.Context, Event) // nil tells nobody

	// Proxy returns the proxy that leads to a provider or to its keys, as in
	// http.Transport; nil, and no URL of it, is no proxy.
	Proxy func(*http.Request) (*url.URL, error)
}

// mode is one way of finding out who sent a request.
type mode interface {
	// peer refuses connections that nothing can be believed of.
	peer(r *http.Request) error
	// headers are those that say who it is. They are checked, and removed before
	// anything else sees the request.
	headers() single
	// read says who it is; values are those of the headers.
	read(r *http.Request, values map[string]string) (*claims, error)
}

// New returns the Guard of the settings, which have been checked.
func New(o Options) (*Guard, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Guard{Options: o, tickets: newTickets()}
	g.leases = newLeases(o.Settings.Grace, o.Now)
	s := &g.Settings
	if s.Mode == ModeNone {
		g.mode = localMode{"local"}
		return g, nil
	}
	var err error
	if g.browsers, err = newBrowsers(o.Keys, o.Store, o.Now); err != nil {
		return nil, err
	}
	switch s.Mode {
	case ModeHeaders:
		g.mode = newHeaderMode(s)
	case ModeToken:
		g.mode = newTokenMode(s, newClient(o.Proxy), o.Now)
	case ModeOIDC:
		if g.signIn, err = newProvider(g); err != nil {
			return nil, err
		}
		g.mode = g.signIn
	default:
		return nil, fmt.Errorf("identity mode %q is not known", s.Mode)
	}
	return g, nil
}

// Local returns the Guard of mode none: one person, whoever sits at this machine.
// They have the given name.
func Local(name string, origins func() []string) *Guard {
	return &Guard{
		Options: Options{Settings: Settings{Mode: ModeNone}, Origins: origins, Now: time.Now, Log: slog.New(slog.DiscardHandler)},
		mode:    localMode{name}, leases: newLeases(0, time.Now), tickets: newTickets(),
	}
}

// Identify returns who sent r, and renews what they hold open. The headers that say
// so are gone from r. The error is a *RefusedError. A browser that comes for the
// first time gets a cookie, to be told from the person's others.
func (g *Guard) Identify(w http.ResponseWriter, r *http.Request) (Person, error) {
	came, since := g.arrival(r), g.Now()
	p, err := g.identify(w, r)
	g.arrived(r, came, &p, err)
	p.came, p.since = came, since
	return p, err
}

func (g *Guard) identify(w http.ResponseWriter, r *http.Request) (Person, error) {
	if token, shown := tokenOf(r.Header); shown && g.Store != nil {
		g.mode.headers().take(r.Header)
		p, err := g.byToken(r.Context(), token)
		return p, orNoRole(&p, err)
	}
	c, err := g.claims(r)
	if err != nil {
		return Person{}, err
	}
	p := g.person(c)
	if g.browsers != nil {
		if err := g.admit(w, r, c, &p); err != nil {
			return p, err
		}
	}
	return p, orNoRole(&p, nil)
}

// orNoRole refuses people who may do nothing.
func orNoRole(p *Person, err error) error {
	if err == nil && p.Role == Nobody {
		return &RefusedError{Code: RefusedNoRole}
	}
	return err
}

// claims asks the mode, with the headers it reads taken off the request.
func (g *Guard) claims(r *http.Request) (*claims, error) {
	names := g.mode.headers()
	err := g.mode.peer(r)
	if err == nil {
		err = names.check(r.Header)
	}
	values := names.take(r.Header)
	if err != nil {
		return nil, err
	}
	return g.mode.read(r, values)
}

// person is who the claims are about.
func (g *Guard) person(c *claims) Person {
	p := Person{ID: c.personID(), Name: c.label(), Email: c.email, Groups: c.groups, browser: c.browser}
	if g.Settings.Mode == ModeNone {
		p.ID, p.Role = "local", Admin
		return p
	}
	p.Role, p.RoleBy = g.Settings.Roles.of(c.groups)
	p.Until = g.Now().Add(g.Settings.Lease)
	if !c.until.IsZero() && c.until.Before(p.Until) {
		p.Until = c.until
	}
	return p
}

// AllowsOrigin reports whether a page of this origin is one of the console's own.
func (g *Guard) AllowsOrigin(origin string) bool { return slices.Contains(g.Origins(), origin) }

// AllowsHost reports whether a request for this Host is meant for the console. Any
// other name may have been pointed here by somebody else's DNS, to make their page
// the console's own origin. In mode none that is every loopback name with a port
// the console has.
func (g *Guard) AllowsHost(hostport string) bool {
	if g.Settings.Mode == ModeNone {
		return isOwnLoopback(hostport, g.Origins())
	}
	return slices.ContainsFunc(g.Origins(), func(origin string) bool { return sameHost(origin, hostport) })
}

// Secure reports whether browsers reach the console by https alone.
func (g *Guard) Secure() bool {
	origins := g.Origins()
	return len(origins) > 0 && !slices.ContainsFunc(origins, func(origin string) bool { return !strings.HasPrefix(origin, "https://") })
}
