package origin

import (
	"net/url"
	"strings"

	"duplex/handlers/identity/principal"
)

// LocalPath returns the path and query of a redirect that a request asked for, when they
// lead to a page of the console, and "/" otherwise. Browsers read a backslash as a slash,
// and two slashes as another host.
func LocalPath(asked string) string {
	u, err := url.Parse(asked)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(asked, "/") || !principal.IsPrintable(asked) ||
		!principal.IsPrintable(u.Path) ||
		strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return "/"
	}
	return u.RequestURI()
}
