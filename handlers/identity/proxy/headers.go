package proxy

import (
	"errors"
	"net/http"
	"strings"

	"duplex/handlers/identity/principal"
)

const maxGroups = 16 << 10 // of the header that lists groups, in bytes

// HeaderMode is mode headers: it believes the headers of a trusted proxy. The connection must come from the
// proxy's address; X-Forwarded-For and its kin are ignored.
type HeaderMode struct {
	sender sender
	names  Headers
	all    []string
}

// NewHeaderMode returns the mode of the settings.
func NewHeaderMode(s *Settings) *HeaderMode {
	m := &HeaderMode{sender: sender{s.Peers, s.Secret}, names: s.Headers}
	for _, name := range []string{s.Headers.User, s.Headers.Email, s.Headers.Name, s.Headers.Groups, secretHeader} {
		if name != "" {
			m.all = append(m.all, name)
		}
	}
	return m
}

// Headers returns the names of the identity headers.
func (m *HeaderMode) Headers() []string { return m.all }

// CheckPeer refuses connections from untrusted addresses.
func (m *HeaderMode) CheckPeer(r *http.Request) error { return m.sender.checkPeer(r) }

// Claims returns the claims about the sender, given the values of the headers.
func (m *HeaderMode) Claims(_ *http.Request, values map[string]string) (*principal.Claims, error) {
	if err := m.sender.checkSecret(values[secretHeader]); err != nil {
		return nil, err
	}
	c := &principal.Claims{
		Issuer: string(principal.ModeHeaders), Subject: values[m.names.User], Name: values[m.names.Name], Email: values[m.names.Email],
		Groups: splitGroups(values[m.names.Groups], m.names.Separator),
	}
	for _, value := range []*string{&c.Subject, &c.Email, &c.Name} {
		if isUnset(*value) {
			*value = ""
		}
	}
	switch {
	case c.Subject == "":
		return nil, principal.Refuse(principal.RefusedNobody, errors.New("the proxy names nobody"))
	case !principal.IsSingleName(c.Subject) || !principal.IsSingleName(c.Email) || !principal.IsPrintable(c.Name) || len(c.Name) > principal.MaxText:
		return nil, principal.Refuse(principal.RefusedAmbiguous, errors.New("a value looks like two, or holds characters that do not show"))
	case len(values[m.names.Groups]) > maxGroups:
		return nil, principal.Refuse(principal.RefusedAmbiguous, errors.New("the list of groups is too long"))
	}
	return c, nil
}

// splitGroups splits a list of groups and drops blanks around them.
func splitGroups(list, separator string) []string {
	if isUnset(list) {
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

// isUnset reports whether a proxy leaves a value out; Apache sends "(null)" then.
func isUnset(value string) bool { return value == "" || value == "(null)" }
