package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/principal"
)

const maxToken = 32 << 10 // of a token, in bytes

// TokenMode is mode jwt: it believes a token that its issuer has signed.
type TokenMode struct {
	sender sender
	header string
	groups string // the claim
	verify jwt.Verify
	now    func() time.Time
}

// NewTokenMode returns the mode of the settings.
func NewTokenMode(s *Settings, client *http.Client, now func() time.Time) *TokenMode {
	m := &TokenMode{sender: sender{s.Peers, s.Secret}, header: s.Token.Header, groups: s.GroupsClaim, now: now}
	if s.Token.Signer != "" {
		m.verify = newBalancer(&s.Token, client, now).verifyHeader
	} else {
		m.verify = jwt.NewVerify(s.Token.Issuer, s.Token.Audience, s.Token.Algorithms, jwt.NewKeySet(s.Token.KeysURL, client, now))
	}
	return m
}

// Headers returns the names of the identity headers.
func (m *TokenMode) Headers() []string { return []string{m.header, secretHeader} }

// CheckPeer refuses connections from untrusted addresses. A signature needs no trusted peer; one may be set all the same.
func (m *TokenMode) CheckPeer(r *http.Request) error {
	if len(m.sender.peers) == 0 {
		return nil
	}
	return m.sender.checkPeer(r)
}

// Claims returns the claims about the sender, given the values of the headers.
func (m *TokenMode) Claims(r *http.Request, values map[string]string) (*principal.Claims, error) {
	if err := m.sender.checkSecret(values[secretHeader]); err != nil {
		return nil, err
	}
	raw := values[m.header]
	if scheme, rest, found := strings.Cut(raw, " "); found && strings.EqualFold(scheme, "Bearer") {
		raw = strings.TrimSpace(rest)
	}
	switch {
	case isUnset(raw):
		return nil, principal.Refuse(principal.RefusedNobody, fmt.Errorf("there is no token in %s", m.header))
	case len(raw) > maxToken || strings.Count(raw, ".") != 2:
		return nil, principal.Refuse(principal.RefusedToken, errors.New("it is not a signed token"))
	}
	payload, err := m.verify(r.Context(), raw)
	if unreachable, ok := errors.AsType[*principal.RefusedError](err); ok {
		return nil, unreachable
	}
	if err != nil {
		return nil, principal.Refuse(principal.RefusedToken, err)
	}
	c, err := jwt.ParseClaims(payload, m.groups)
	if err == nil {
		err = c.CheckTimes(m.now())
	}
	if err != nil {
		return nil, principal.Refuse(principal.RefusedToken, err)
	}
	return &c.Claims, nil
}
