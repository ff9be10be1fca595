package origin

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzParse reads origins. One that is accepted is itself an origin, and its host is the one
// of requests to it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"https://App.example", "http://a:80", "https://a:443/", "https://[::1]:8443", "null", "https://*.example", "https://a@b", "https://a?", "https://a#", "http://a:", "https://ä.example", "https://a:0443", "http://[::1", "https://a%2eb",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		origin, err := Parse(raw)
		if err != nil {
			return
		}
		if again, err := Parse(origin); err != nil || again != origin {
			t.Errorf("%q is the origin %q, which reads as %q: %v", raw, origin, again, err)
		}
		_, host, _ := strings.Cut(origin, "://")
		if !HasHost(origin, host) {
			t.Errorf("the host of %q is not its own", origin)
		}
		if HasHost(origin, "evil."+host) || HasHost(origin, host+".evil.example") {
			t.Errorf("%q has a stranger's host", origin)
		}
	})
}

// FuzzLocalPath reads redirects. None leads out of the console, however a browser reads it
// (WHATWG URL, section 4.4: tabs and line ends are dropped, a backslash is a slash).
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{
		"/sessions/a?b=c", "//evil.example", `/\evil.example`, "/%2f/evil.example", "/\t/evil.example", "/a//b", "https://evil.example", "/%5cevil.example", "/a?//evil", "/%0a/evil", "/;@evil", "/?a#b", "/.//evil.example", "/a/..//evil.example",
	} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "https", Host: "console.example", Path: "/sign-in"}
	drop := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/")
	f.Fuzz(func(t *testing.T, asked string) {
		local := LocalPath(asked)
		browser := drop.Replace(strings.Trim(local, "\x00 \x1f"))
		path, _, _ := strings.Cut(browser, "?")
		if !strings.HasPrefix(browser, "/") || strings.Contains(path, "//") || strings.ContainsAny(local, "\r\n\x00") {
			t.Fatalf("%q leads to %q", asked, local)
		}
		u, err := base.Parse(local)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || strings.HasPrefix(u.Path, "//") {
			t.Errorf("%q leads to %v: %v", asked, u, err)
		}
	})
}
