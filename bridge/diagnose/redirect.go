package diagnose

import (
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/dial"
)

// redirected offers the new address of a service that has moved. A move from wss
// to ws is not offered: the next press would send the credential in plain.
func redirected(c *clues) (Finding, bool) {
	to := c.locationURL()
	if !status(301, 302, 307, 308)(c) || to == nil || toLogin(c) || !dialable(c.url, to) {
		return Finding{}, false
	}
	moved := *to
	moved.Scheme = strings.Replace(moved.Scheme, "http", "ws", 1)
	moved.RawQuery, moved.Fragment, moved.User = c.openQuery(moved.RawQuery), "", nil
	return Finding{Action: ActionSyncAddress, ActionValue: moved.String()}, true
}

func dialable(from, to *url.URL) bool {
	secure := to.Scheme == "https" || to.Scheme == "wss"
	plain := to.Scheme == "http" || to.Scheme == "ws"
	return to.Host != "" && (secure || plain && from.Scheme != "wss" && from.Scheme != "https")
}

// locationURL is where a redirect leads, resolved against the address dialled.
func (c *clues) locationURL() *url.URL {
	location := header(c.Report.ResponseHeader, "Location")
	if location == "" {
		return nil
	}
	base := *c.url
	base.Scheme = strings.Replace(base.Scheme, "ws", "http", 1)
	path, rest := location, ""
	if i := strings.IndexAny(location, "?#"); i >= 0 {
		path, rest = location[:i], location[i:]
	}
	to, err := base.Parse(dial.EscapePath(path) + rest) // url.URL would write an odd path anew
	if err != nil {
		return nil
	}
	return to
}

// location is locationURL as it may be shown: a redirect repeats the query that
// was sent, credential and all.
func (c *clues) location() string {
	to := c.locationURL()
	if to == nil {
		return ""
	}
	shown := url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path, RawPath: to.RawPath}
	return clip(shown.String(), maxQuote)
}

// openQuery leaves out the parameters that carry a credential; the Auth tab adds
// them to the new address as it did to the old.
func (c *clues) openQuery(query string) string {
	pairs := strings.Split(query, "&")
	return strings.Join(slices.DeleteFunc(pairs, func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return !c.mayShow(name, value)
	}), "&")
}

// toLogin recognises a sign-in page by the words that hosts and paths of such
// pages are made of.
func toLogin(c *clues) bool {
	to := c.locationURL()
	if to == nil {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(to.Host+to.Path), func(r rune) bool { return strings.ContainsRune("/.-_:", r) })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains([]string{"login", "signin", "sign", "auth", "oauth", "oauth2", "authorize", "authui", "sso", "saml", "oidc", "cas", "idp", "accounts"}, word)
	})
}
