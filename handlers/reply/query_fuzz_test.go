package reply

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"duplex/bridge/wire"
)

// FuzzQuery reads queries. A value that is accepted is within its bounds, and reads the same
// when it is sent back.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"n=12&at=1795437000000000&id=a-b&zone=Asia%2FShanghai&word=both&flag=1&text=%20x", "at=2026-11-23T12%3A30%2B01%3A00", "n=-1&n=2", "n=+3&flag=T", "%zz", "a;b",
		"zone=..%2Fetc&text=%00", "at=9223372036854775807", "at=0000-01-01", "zone=Local", "text=%ff&id=%2F",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		read := func(raw string) (*Query, int64, time.Time, *time.Location) {
			q := ReadQuery(&http.Request{URL: &url.URL{RawQuery: raw}})
			return q, q.Number("n", 7, 1000), q.Time("at"), q.Zone("zone")
		}
		q, n, at, zone := read(raw)
		word, text := q.Choice("word", "both"), q.Text("text")
		q.Flag("flag")
		id := ""
		if q.Values.Has("id") {
			id = q.SessionID("id")
		}
		if q.Err != nil {
			if refused, ok := q.Err.(*Error); !ok || refused.Field == "" { //nolint:errorlint // it is not wrapped
				t.Fatalf("no field in %v", q.Err)
			}
			return
		}
		if n < 0 || n > 1000 || word != "" && word != "both" || id != "" && !wire.ValidClientID(id) {
			t.Errorf("taken: %d, %q, %q", n, word, id)
		}
		if len(text) > maxFilter || !utf8.ValidString(text) || strings.ContainsFunc(text, IsControl) {
			t.Errorf("a text that no database holds: %q", text)
		}
		if year := at.Year(); year < 0 || year > 9999 {
			return // RFC 3339 has no such year
		}
		back := url.Values{"at": {at.Format(time.RFC3339Nano)}, "zone": {zone.String()}}
		if again, _, at2, zone2 := read(back.Encode()); again.Err != nil || !at2.Equal(at) || zone2.String() != zone.String() {
			t.Errorf("%v in %v is read as %v in %v: %v", at, zone, at2, zone2, again.Err)
		}
	})
}

// FuzzIsPlainPath compares paths with those that other programs see: one that is plain is
// the same cleaned, in each of its spellings.
func FuzzIsPlainPath(f *testing.F) {
	for _, seed := range []string{
		"/api/sessions/a", "/relay/my%20service/v1%2Fa", "/a/../b", "/a/%2e%2E/b", "/a/..;x/b", `/a\..\b`, "/a%5c..%5cb", "//a", "/%00", "/%ff", "/relay/a/%2e%2e/b", "/a/.", "/a%2Fb",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if !strings.HasPrefix(raw, "/") || !IsPlainPath(raw) {
			return
		}
		plain, err := url.PathUnescape(raw)
		if err != nil {
			t.Fatal(err)
		}
		slashed := strings.ReplaceAll(plain, `\`, "/")
		if strings.HasPrefix(raw, "/relay/") { // the target's own path may be "%2F"
			slashed = strings.ReplaceAll(slashed, "//", "/")
			for strings.Contains(slashed, "//") {
				slashed = strings.ReplaceAll(slashed, "//", "/")
			}
		}
		for _, form := range []string{raw, slashed} {
			if want := path.Clean(form); strings.TrimSuffix(form, "/") != strings.TrimSuffix(want, "/") {
				t.Errorf("%q is plain, and other programs read %q", raw, want)
			}
		}
	})
}
