package dial

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"duplex/bridge/loopback"
)

// Egress holds the HTTP proxies out of this network, RFC 9110 section 9.3.6 (CONNECT). A nil
// *Egress dials everything directly.
type Egress struct {
	plain, secure *url.URL // for ws and http, for wss and https; nil dials directly
	choose        func(*url.URL) (*url.URL, error)
}

// NewEgress uses two proxies of ParseProxy: plain for ws and http, secure for wss and https;
// nil is none. NoProxy lists the hosts that are dialled directly, in the syntax of NO_PROXY
// of net/http.
func NewEgress(plain, secure *url.URL, noProxy string) *Egress {
	if plain == nil && secure == nil {
		return nil
	}
	config := httpproxy.Config{NoProxy: noProxy}
	if plain != nil {
		config.HTTPProxy = plain.String()
	}
	if secure != nil {
		config.HTTPSProxy = secure.String()
	}
	return &Egress{plain: plain, secure: secure, choose: config.ProxyFunc()}
}

// Errors of ParseProxy. They leave out the value, which may hold a password.
var (
	errProxySyntax = errors.New("want http://host:port or https://host:port of the proxy, with user:password@ before the host where it asks for them, or none")
	errProxySocks  = errors.New("SOCKS proxies are not supported: want an HTTP proxy that allows CONNECT, http://host:port, or none")
)

// ParseProxy reads the address of a proxy: http, or https for TLS to the proxy itself.
// Without a scheme it is http, without a port the default port of the scheme.
func ParseProxy(raw string) (*url.URL, error) {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	if strings.HasPrefix(strings.ToLower(raw), "socks") {
		return nil, errProxySocks
	}
	u, err := url.Parse(raw)
	if err != nil || hasBadCharacters(raw) || u.Scheme != "http" && u.Scheme != "https" ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#") {
		return nil, errProxySyntax
	}
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, User: u.User}
	if cleanHost(&clean) != "" {
		return nil, errProxySyntax
	}
	return &clean, nil
}

// Proxy returns the proxy for the host of u, or nil if it is dialled directly. This machine
// is always dialled directly.
func (e *Egress) Proxy(u *url.URL) *url.URL {
	if e == nil || IsLocalName(u.Hostname()) {
		return nil
	}
	asked := url.URL{Scheme: httpScheme(u.Scheme), Host: bareHost(u)}
	proxy, err := e.choose(&asked)
	if err != nil {
		return nil
	}
	return proxy
}

// Exempts reports whether u is dialled directly although there is a proxy for its scheme.
func (e *Egress) Exempts(u *url.URL) bool {
	if e == nil || e.Proxy(u) != nil {
		return false
	}
	return e.secure != nil && httpScheme(u.Scheme) == "https" || e.plain != nil && httpScheme(u.Scheme) == "http"
}

// OfRequest is Proxy in the form of http.Transport.Proxy.
func (e *Egress) OfRequest(r *http.Request) (*url.URL, error) { return e.Proxy(r.URL), nil }

// String names the proxies for people, without passwords; "none" if there are none.
func (e *Egress) String() string {
	if e == nil {
		return "none"
	}
	name := func(u *url.URL) string {
		if u == nil {
			return "none"
		}
		return u.Redacted()
	}
	if plain, secure := name(e.plain), name(e.secure); plain != secure {
		return "ws: " + plain + ", wss: " + secure
	}
	return name(e.secure)
}

func httpScheme(scheme string) string {
	switch scheme {
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return scheme
}

// IsLocalName reports whether a host is this machine without asking a name server: a
// loopback address, a name of RFC 6761 section 6.3, or one of /etc/hosts on Debian and
// Red Hat.
func IsLocalName(host string) bool {
	host = strings.ToLower(bareName(host))
	switch host {
	case "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback":
		return true
	}
	return loopback.IsName(host)
}

// proxyAuthorization returns Proxy-Authorization for the user name and password of a proxy,
// RFC 7617; "" if it has none.
func proxyAuthorization(proxy *url.URL) string {
	if proxy.User == nil {
		return ""
	}
	password, _ := proxy.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password))
}

// proxyHost returns "host:port" of a proxy.
func proxyHost(proxy *url.URL) string {
	if proxy.Port() != "" {
		return proxy.Host
	}
	return net.JoinHostPort(proxy.Hostname(), map[string]string{"http": "80", "https": "443"}[proxy.Scheme])
}
