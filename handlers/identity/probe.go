package identity

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/oidc"
)

// Issuer is an issuer that was asked by Probe.
type Issuer struct {
	URL   string        // that was asked; "" when the settings name none
	Ahead time.Duration // its clock before ours; 0 when it did not tell
}

// Probe asks the issuer that the settings name for its metadata and keys, as a sign-in
// does. The function proxy returns the egress proxy, as in http.Transport.
func Probe(ctx context.Context, s *Settings, proxy func(*http.Request) (*url.URL, error)) (Issuer, error) {
	client := jwt.NewClient(proxy)
	clock := &clock{next: client.Transport}
	client.Transport = clock
	var asked Issuer
	var err error
	switch {
	case s.Mode == ModeOIDC:
		asked.URL = s.Provider.Issuer
		provider := &oidc.Provider{Options: oidc.Options{Settings: s.Provider, Client: client, Now: time.Now, Origin: func() string { return "" }}}
		err = provider.Check(ctx)
	case s.Mode == ModeToken && s.Token.KeysURL != "":
		asked.URL = s.Token.KeysURL
		err = jwt.CheckKeys(ctx, client, s.Token.KeysURL)
	}
	asked.Ahead = clock.ahead
	return asked, err
}

// clock reads the clock of servers from the Date of their answers.
type clock struct {
	next  http.RoundTripper
	ahead time.Duration
}

// RoundTrip implements http.RoundTripper.
func (c *clock) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		c.ahead = time.Until(date.Add(time.Second / 2)) // the header has whole seconds
	}
	return res, nil
}
