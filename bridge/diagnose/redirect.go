package diagnose

import (
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/dial"
)

// redirected offers the new address of a service that has moved. It does not offer a move
// from wss to ws, which would send the credential in plain text.
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

// locationURL returns the target of a redirect, resolved against the dialled address.
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
	to, err := base.Parse(dial.EscapePath(path) + rest) // url.URL would change an unescaped path
	if err != nil {
		return nil
	}
	return to
}

// location returns locationURL without its query, which may repeat the credential.
func (c *clues) location() string {
	to := c.locationURL()
	if to == nil {
		return ""
	}
	shown := url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path, RawPath: to.RawPath}
	return clip(shown.String(), maxQuote)
}

// openQuery removes the parameters that hold a credential. The Auth tab adds them to the new
// address.
func (c *clues) openQuery(query string) string {
	pairs := strings.Split(query, "&")
	return strings.Join(slices.DeleteFunc(pairs, func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return !c.mayShow(name, value)
	}), "&")
}

// toLogin recognizes a redirect to a sign-in page by words in its host and path.
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
