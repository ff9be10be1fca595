package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/handlers/identity"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

// checkNames resolves the names in the settings. Those behind an egress proxy are the
// proxy's to resolve.
func checkNames(ctx context.Context, c *config.Config) []Check {
	var checks []Check
	seen := map[string]bool{}
	look := func(flag, address string) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || seen[u.Hostname()] || c.Egress.Proxy(u) != nil && flag != "--database-url" {
			return
		}
		host := u.Hostname()
		if _, err := netip.ParseAddr(host); err == nil || dial.IsLocalName(host) {
			return
		}
		seen[host] = true
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		defer cancel()
		addrs, err := net.DefaultResolver.LookupHost(ctx, host)
		if err != nil {
			checks = append(checks, bad("dns", err, "correct "+flag+", or the name server of this machine"))
			return
		}
		checks = append(checks, good("dns", "%s is %s", host, strings.Join(addrs, ", ")))
	}
	look("--database-url", c.DatabaseURL)
	look("--oidc-issuer", c.Identity.Provider.Issuer)
	look("--jwt-keys-url", c.Identity.Token.KeysURL)
	return checks
}

func checkEgress(ctx context.Context, c *config.Config) Check {
	const name = "egress"
	if c.Egress == nil {
		return good(name, "connections out are direct; no proxy is set")
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	err := c.Egress.Probe(ctx)
	fault, ok := errors.AsType[*dial.ProxyError](err)
	switch {
	case ok && fault.RefusedAuth() && fault.Authorized:
		return bad(name, fmt.Errorf("the proxy %s refuses the user name or the password", fault.Proxy), "correct them in --egress-proxy or --egress-proxy-file")
	case ok && fault.RefusedAuth():
		return bad(name, fmt.Errorf("the proxy %s asks for a user name and a password", fault.Proxy), "put them before its host, in --egress-proxy-file: http://user:password@host:port")
	case err != nil:
		return bad(name, err, "start the proxy, correct --egress-proxy, or set it to none when there is no proxy")
	}
	return good(name, "proxy %s answers", c.Egress)
}

func checkIssuer(ctx context.Context, c *config.Config) (check Check, ahead time.Duration) {
	const name = "sign-in"
	if c.Identity.Mode == identity.ModeNone {
		return good(name, "one local user, who does not sign in"), 0
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	issuer, err := identity.Probe(ctx, &c.Identity, c.Egress.OfRequest)
	switch {
	case err != nil:
		fix := "correct --oidc-issuer: its /.well-known/openid-configuration must answer here"
		if c.Identity.Mode == identity.ModeToken {
			fix = "correct --jwt-keys-url: it must answer here with the keys of the issuer"
		}
		return bad(name, err, fix+", and check the way there (dns, egress)"), issuer.Ahead
	case issuer.URL == "":
		return good(name, "mode %s: the proxy in front signs people in", c.Identity.Mode), 0
	}
	return good(name, "mode %s: %s answers, with keys", c.Identity.Mode, issuer.URL), issuer.Ahead
}

// maxSkew is half of what sign-in tolerates between two clocks.
const maxSkew = 15 * time.Second

// checkClock compares our clock with those that were read on the way.
func checkClock(i store.Inspection, issuer time.Duration, c *config.Config) Check {
	const name = "clock"
	var compared []string
	for _, other := range []struct {
		name  string
		ahead time.Duration
	}{{"the database", i.Ahead}, {"the issuer", issuer}} {
		if other.ahead == 0 {
			continue
		}
		if other.ahead.Abs() > maxSkew {
			return bad(name, fmt.Errorf("the clock of %s is %v off ours", other.name, other.ahead.Round(time.Second)), "set the clocks of both machines, by NTP")
		}
		compared = append(compared, other.name)
	}
	if len(compared) == 0 {
		return good(name, "%s; there is no other clock to compare it with", time.Now().UTC().Format(time.RFC3339))
	}
	return good(name, "agrees with %s within %v", strings.Join(compared, " and "), maxSkew)
}

// checkServer asks the server of these settings whether it is ready.
func checkServer(ctx context.Context, c *config.Config) Check {
	const name = "server"
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.LocalAddress()+"/readyz", nil)
	if err != nil {
		return bad(name, err, "correct --listen")
	}
	res, err := (&http.Client{Transport: new(http.Transport)}).Do(req) // past any proxy
	if err != nil {
		return good(name, "nothing answers at %s: it does not run", c.LocalAddress())
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusOK {
		return good(name, "%s is ready for new sessions", c.LocalAddress())
	}
	var answer struct {
		Error struct{ Code, Message string }
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err == nil {
		err = json.Unmarshal(raw, &answer)
	}
	if err != nil || answer.Error.Code == "" {
		return bad(name, fmt.Errorf("%s answers %s to /readyz, and is not a Duplex of this version", c.LocalAddress(), res.Status), "free the port, or set another --listen")
	}
	return bad(name, fmt.Errorf("%s takes no new sessions: %s: %s", c.LocalAddress(), answer.Error.Code, strings.TrimRight(answer.Error.Message, ".")), "see the problems above, and the log of the server")
}
