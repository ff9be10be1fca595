package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Sign evaluates sign and handshake of the dialect for the address u, which stays as it is.
// Values are computed in this order: let, the query of the handshake, query, then,
// query_after, headers. A parameter of the handshake that the address has already keeps the
// value in the address, and one whose variables are empty is left out. The error is a *TemplateError, a *sign.FieldError for a parameter that may not be
// set by hand, or a *dial.MintError for minted values that have expired.
func (c *Connection) Sign(u *url.URL, now time.Time) (dial.Added, error) {
	if !c.expires.IsZero() && !now.Before(c.expires) {
		return dial.Added{}, &dial.MintError{Message: "the minted token has expired"}
	}
	c.setAddress(u, now)
	copied := *u
	s := &signer{Connection: c, added: dial.Added{URL: &copied, Header: http.Header{}}, typed: queryNames(u.RawQuery)}
	if err := s.run(c.Dialect.Sign); err != nil {
		return dial.Added{}, err
	}
	s.added.Masked = append(s.added.Masked, c.hidden()...)
	return s.added, nil
}

// signer collects what one handshake gets.
type signer struct {
	*Connection

	added dial.Added
	typed []string // names of parameters in the address
}

func (s *signer) run(steps *Sign) error {
	if steps == nil {
		steps = &Sign{}
	}
	usesThen := func(err error) bool {
		wrong, ok := errors.AsType[*TemplateError](err)
		return ok && slices.ContainsFunc(steps.Then, func(then Assignment) bool { return then.Name == wrong.Name })
	}
	if err := s.assign(steps.Let, s.Scope.Local); err != nil {
		return err
	}
	var behind []Assignment
	for _, p := range s.Dialect.Handshake.Query {
		err := s.addParameter(p, false)
		switch {
		case usesThen(err):
			behind = append(behind, p)
		case err != nil:
			return err
		}
	}
	for _, p := range steps.Query {
		if err := s.addParameter(p, true); err != nil {
			return err
		}
	}
	if err := s.assign(steps.Then, s.Scope.Local); err != nil {
		return err
	}
	for _, p := range behind {
		if err := s.addParameter(p, false); err != nil {
			return err
		}
	}
	for _, p := range steps.QueryAfter {
		if err := s.addParameter(p, true); err != nil {
			return err
		}
	}
	for _, h := range slices.Concat(steps.Headers, s.Dialect.Handshake.Headers) {
		if err := s.addHeader(h); err != nil {
			return err
		}
	}
	return s.addSubprotocols()
}

// addParameter adds a parameter to the query.
func (s *signer) addParameter(a Assignment, signs bool) error {
	text, left, err := s.build(a.Value)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", a.Name, err)
	}
	if left || !signs && len(text.Wire) == 0 && a.Value.hasValue() {
		return nil
	}
	if slices.Contains(s.typed, a.Name) {
		if signs || text.HasSecret() {
			return &sign.FieldError{Field: "params", Code: sign.CodeQueryConflict}
		}
		return nil
	}
	pair := escapeQuery(a.Name) + "=" + escapeQuery(string(text.Wire))
	u := s.added.URL
	u.RawQuery, u.ForceQuery = strings.TrimPrefix(u.RawQuery+"&"+pair, "&"), false
	s.Scope.Query = u.RawQuery
	if text.HasSecret() {
		s.added.Secret.Query = append(s.added.Secret.Query, a.Name)
		s.mask(text)
	}
	return nil
}

func (s *signer) addHeader(a Assignment) error {
	text, left, err := s.build(a.Value)
	if err != nil {
		return fmt.Errorf("header %s: %w", a.Name, err)
	}
	if left {
		return nil
	}
	s.added.Header[a.Name] = append(s.added.Header[a.Name], string(text.Wire))
	if text.HasSecret() {
		s.added.Secret.Headers = append(s.added.Secret.Headers, a.Name)
		s.mask(text)
	}
	return nil
}

func (s *signer) addSubprotocols() error {
	for i, t := range s.Dialect.Handshake.Subprotocols {
		text, left, err := s.build(t)
		if err != nil {
			return fmt.Errorf("subprotocol %d: %w", i, err)
		}
		if left {
			continue
		}
		s.added.Subprotocols = append(s.added.Subprotocols, string(text.Wire))
		if text.HasSecret() {
			s.mask(text)
		}
	}
	return nil
}

func (s *signer) mask(text Text) {
	s.added.Masked = append(s.added.Masked, vault.NewSecret(string(text.Wire)))
}

// hasValue reports whether the template has a value to fill in.
func (t *Template) hasValue() bool {
	return slices.ContainsFunc(t.parts, func(p templatePart) bool { return p.value != nil })
}

// escapeQuery percent-encodes all but the unreserved characters, RFC 3986 section 2.3.
func escapeQuery(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// queryNames returns the decoded names in a query.
func queryNames(raw string) []string {
	var names []string
	for _, p := range queryPairs(raw) {
		names = append(names, p[0])
	}
	return names
}

// queryPairs returns the decoded names and values of a query. A "+" stays, as in RFC 3986.
func queryPairs(raw string) [][2]string {
	var out [][2]string
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, [2]string{unescapeQuery(name), unescapeQuery(value)})
	}
	return out
}

func unescapeQuery(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// sortedQuery returns the value of $query_sorted: "name=value" of every parameter, decoded,
// in order of the names. Signatures of this kind are made of raw values, and the values are
// escaped afterwards (Tencent Cloud, "Real-Time Speech Recognition (WebSocket)").
func sortedQuery(raw string) string {
	pairs := queryPairs(raw)
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	var out []string
	for _, p := range pairs {
		out = append(out, p[0]+"="+p[1])
	}
	return strings.Join(out, "&")
}
