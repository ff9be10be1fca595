package sign

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// encodeSlowly is percent-encoding written a second time, byte by byte.
func encodeSlowly(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", s[i]) >= 0 {
			out.WriteByte(s[i])
		} else {
			fmt.Fprintf(&out, "%%%02X", s[i])
		}
	}
	return out.String()
}

// randomText draws from characters that need escaping or sort unexpectedly.
func randomText(r *rand.Rand) string {
	pieces := []string{"a", "Z", "b", "0", "10", "-", "_", ".", "~", " ", "+", "%", "=", "&", "/", "!", "*", "'", "(", ":", "@", "é", "你", "🙂"}
	var out strings.Builder
	for range r.IntN(5) {
		out.WriteString(pieces[r.IntN(len(pieces))])
	}
	return out.String()
}

// writeSomehow encodes s in one of the ways a sender may choose.
func writeSomehow(r *rand.Rand, s string) string {
	switch r.IntN(3) {
	case 0:
		return url.QueryEscape(s) // "+" for a blank
	case 1:
		return encodeSlowly(s)
	default:
		var out strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&out, "%%%02x", s[i])
		}
		return out.String()
	}
}

func TestCanonicalQueryIsSortedByDecodedBytesHoweverItWasWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var raw []string
		var pairs [][2]string
		for range r.IntN(6) {
			pair := [2]string{randomText(r), randomText(r)}
			pairs = append(pairs, pair)
			raw = append(raw, writeSomehow(r, pair[0])+"="+writeSomehow(r, pair[1]))
		}
		sort.Slice(pairs, func(i, j int) bool {
			if pairs[i][0] != pairs[j][0] {
				return pairs[i][0] < pairs[j][0]
			}
			return pairs[i][1] < pairs[j][1]
		})
		var want []string
		for _, pair := range pairs {
			want = append(want, encodeSlowly(pair[0])+"="+encodeSlowly(pair[1]))
		}
		got, err := canonicalQuery(strings.Join(raw, "&"))
		if err != nil || got != strings.Join(want, "&") {
			t.Fatalf("%q:\ngot  %q, %v\nwant %q", raw, got, err, want)
		}
	}
}

func TestCanonicalPathEncodesEverySegmentOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var raw, want strings.Builder
		want.WriteString("/")
		for range 1 + r.IntN(4) {
			segment := "s" + strings.ReplaceAll(randomText(r), "/", "")
			raw.WriteString("/" + url.PathEscape(segment))
			want.WriteString(encodeSlowly(segment) + "/")
		}
		u := mustURL(t, "wss://h"+raw.String())
		if got := canonicalPath(u); got != want.String() {
			t.Fatalf("%q:\ngot  %q\nwant %q", raw.String(), got, want.String())
		}
	}
}

func TestCanonicalForms(t *testing.T) {
	for _, c := range []struct{ raw, path, query string }{
		{"wss://h", "/", ""},
		{"wss://h?", "/", ""},
		{"wss://h/a/", "/a/", ""},
		{"wss://h/a!*'():@+;,=$&", "/a%21%2A%27%28%29%3A%40%2B%3B%2C%3D%24%26/", ""},
		{"wss://h/%41%7e", "/A~/", ""},
		{"wss://h/a%2fb//c", "/a/b//c/", ""},
		{"wss://h/?q=a+b&q=a%2Bb", "/", "q=a%20b&q=a%2Bb"},
		{"wss://h/?b&a&&", "/", "a=&b="},
		{"wss://h/?a=1&Z=2&a.b=3&aa=4", "/", "Z=2&a=1&a.b=3&aa=4"},
		{"wss://h/?b%2F=1&b-=2", "/", "b-=2&b%2F=1"},
		{"wss://h/?a=b=c&=v", "/", "=v&a=b%3Dc"},
	} {
		u := mustURL(t, c.raw)
		query, err := canonicalQuery(u.RawQuery)
		if got := [2]string{canonicalPath(u), query}; err != nil || got != [2]string{c.path, c.query} {
			t.Errorf("%s: %q, %v", c.raw, got, err)
		}
	}
}

func TestCanonicalHeadersAreSortedTrimmedAndWithoutUnderscores(t *testing.T) {
	block, names := canonicalHeaders(http.Header{
		"X-Sdk-Date": {"20261123T080000Z"}, "Host": {" h:1 "}, "x-b": {"two  blanks", "1"}, "x_c": {"no"}, "X-Empty": {""},
	})
	got := []string{block, names}
	want := []string{"host:h:1\nx-b:1\nx-b:two  blanks\nx-empty:\nx-sdk-date:20261123T080000Z\n", "host;x-b;x-empty;x-sdk-date"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAmbiguousAddressesAreRefused(t *testing.T) {
	for raw, code := range map[string]string{
		"wss://h/a//b":         CodePathAmbiguous,
		"wss://h//":            CodePathAmbiguous,
		"wss://h/./a":          CodePathAmbiguous,
		"wss://h/a/..":         CodePathAmbiguous,
		"wss://h/a/%2e%2E/b":   CodePathAmbiguous,
		"wss://h/a%2fb":        CodePathAmbiguous,
		"wss://h/a%2Fb":        CodePathAmbiguous,
		"wss://h/?a=1;b=2":     CodeQueryAmbiguous,
		"wss://h/?a=%":         CodeQueryAmbiguous,
		"wss://h/?%g1=1":       CodeQueryAmbiguous,
		"wss://h/a.b/..c/d../": "",
		"wss://h":              "",
		"wss://h/?a=//../%2F":  "",
	} {
		var got string
		if fieldError, ok := errors.AsType[*FieldError](unambiguous(mustURL(t, raw))); ok {
			got = fieldError.Code
		}
		if got != code {
			t.Errorf("%s: %q, want %q", raw, got, code)
		}
	}
}

func FuzzCanonicalQuery(f *testing.F) {
	for _, seed := range []string{"", "a=1&b", "b=2&a=%20+%2B", "=", "&&", "a;b", "%", "%FF=%00", "Z=é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once, err := canonicalQuery(raw)
		if err != nil {
			return
		}
		twice, err := canonicalQuery(once)
		if err != nil || twice != once {
			t.Errorf("%q: %q, then %q, %v", raw, once, twice, err)
		}
	})
}

func FuzzCanonicalPath(f *testing.F) {
	for _, seed := range []string{"", "/", "/a b", "/%41/%2F", "//", "/你/..", "/%FF"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse("wss://h" + raw)
		if err != nil {
			return
		}
		once := canonicalPath(u)
		signed, err := url.Parse("wss://h" + once)
		if strings.HasPrefix(once, "/") && (err != nil || canonicalPath(signed) != once) {
			t.Errorf("%q: %q is not stable (%v)", raw, once, err)
		}
	})
}
