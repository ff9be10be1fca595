package identity

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/netip"
	"strings"
)

// secretHeader carries the proxy's secret, where one is set.
const secretHeader = "X-Proxy-Secret"

// headerMode believes the headers of a proxy that is trusted. Who connects has to
// be that proxy: what a request says of its way here is never asked.
type headerMode struct {
	proxies proxies
	names   Headers
	single  single
}

func newHeaderMode(s *Settings) *headerMode {
	m := &headerMode{proxies: proxies{s.Proxies, s.ProxySecret}, names: s.Headers}
	for _, name := range []string{s.Headers.User, s.Headers.Email, s.Headers.Name, s.Headers.Groups, secretHeader} {
		if name != "" {
			m.single = append(m.single, name)
		}
	}
	return m
}

// headers implements mode.
func (m *headerMode) headers() single { return m.single }

// peer implements mode.
func (m *headerMode) peer(r *http.Request) error { return m.proxies.peer(r) }

// read implements mode.
func (m *headerMode) read(_ *http.Request, values map[string]string) (*claims, error) {
	if err := m.proxies.says(values[secretHeader]); err != nil {
		return nil, err
	}
	c := &claims{
		issuer: string(ModeHeaders), subject: values[m.names.User], name: values[m.names.Name], email: values[m.names.Email],
		groups: split(values[m.names.Groups], m.names.Separator),
	}
	for _, value := range []*string{&c.subject, &c.email, &c.name} {
		if absent(*value) {
			*value = ""
		}
	}
	switch {
	case c.subject == "":
		return nil, refuse(RefusedNobody, errors.New("the proxy names nobody"))
	case !plain(c.subject) || !plain(c.email) || !printable(c.name) || len(c.name) > maxText:
		return nil, refuse(RefusedAmbiguous, errors.New("a value looks like two, or holds characters that do not show"))
	case len(values[m.names.Groups]) > maxGroups:
		return nil, refuse(RefusedAmbiguous, errors.New("the list of groups is too long"))
	}
	return c, nil
}

// split reads a list of groups.
func split(list, separator string) []string {
	if absent(list) {
		return nil
	}
	var groups []string
	for group := range strings.SplitSeq(list, separator) {
		if group = strings.TrimSpace(group); group != "" {
			groups = append(groups, group)
		}
	}
	return groups
}

// proxies is who may pass requests on.
type proxies struct {
	prefixes []netip.Prefix
	secret   string
}

// peer refuses connections from elsewhere.
func (p *proxies) peer(r *http.Request) error {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.has(peer.Addr().Unmap()) {
		return refuse(RefusedProxy, errors.New("the connection does not come from a trusted proxy"))
	}
	return nil
}

// says refuses requests without the proxy's secret.
func (p *proxies) says(secret string) error {
	if p.secret != "" && subtle.ConstantTimeCompare([]byte(p.secret), []byte(secret)) != 1 {
		return refuse(RefusedProxy, errors.New("the proxy's secret is missing or wrong"))
	}
	return nil
}

func (p *proxies) has(a netip.Addr) bool {
	for _, prefix := range p.prefixes {
		if prefix.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}
