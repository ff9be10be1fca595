package target

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func mustParse(tb testing.TB, raw string) *url.URL {
	tb.Helper()
	u, err := ParseAddress(raw)
	if err != nil {
		tb.Fatalf("%s: %v", raw, err)
	}
	return u
}

func TestParseAddressGivesOneSpelling(t *testing.T) {
	tests := []struct{ in, want string }{
		{"  wss://API.Example.com/Path?q=A+b \t", "wss://api.example.com/Path?q=A+b"},
		{"https://h.example:443/x", "wss://h.example/x"},
		{"http://h.example:80", "ws://h.example"},
		{"http://h.example:443/", "ws://h.example:443/"},
		{"wss://h.example:0443/", "wss://h.example/"},
		{"WS://[2606:2800:220:1:248:1893:25C8:1946]:8080/", "ws://[2606:2800:220:1:248:1893:25c8:1946]:8080/"},
		{"ws://under_score.example./a%2Fb//c?", "ws://under_score.example./a%2Fb//c?"},
		{"ws://127.0.0.1.nip.io/", "ws://127.0.0.1.nip.io/"},
		{"wss://h.example/é?q=é", "wss://h.example/%C3%A9?q=%C3%A9"},
	}
	for _, test := range tests {
		if got := mustParse(t, test.in).String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.in, got, test.want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "scheme"},
		{"h.example/x", "scheme"},
		{"localhost:8080", "scheme"},
		{"javascript:alert(1)", "scheme"},
		{"ws:h.example", "malformed"},
		{"ws://:8080/", "malformed"},
		{"ws://[127.0.0.1]/", "malformed"},
		{"ws://h.example:x/", "malformed"},
		{"ws://h.example:0/", "port"},
		{"ws://[::1]:/", "port"},
		{"ws://[fe80::1%25eth0]/", "zone"},
		{"ws://@h.example/", "userinfo"},
		{"ws://h.example/#", "fragment"},
		{"ws://h.example/#a", "fragment"},
		{`ws://h.example\@evil.example/`, "bad-characters"},
		{"ws://h.example/\x00", "bad-characters"},
		{"ws://h.example/\n", "bad-characters"},
		{"ws://h.example/a\tb", "bad-characters"},
		{"ws://h.example/\xff", "bad-characters"},
		{"ws://h.example/\u0085", "bad-characters"},
		{"ws://１２７.0.0.1/", "host"},
		{"ws://münchen.example/", "host"},
		{"ws://a..example/", "host"},
		{"ws://.example/", "host"},
		{"ws://a.example../", "host"},
		{"ws://a,b.example/", "host"},
		{"ws://a*.example/", "host"},
		{"ws://" + strings.Repeat("a", 64) + ".example/", "host"},
		{"ws://" + strings.Repeat("a.", 127) + "example/", "host"},
		{"ws://0177.0.0.1/", "ambiguous-number"},
		{"ws://127.1/", "ambiguous-number"},
		{"ws://1.2.3.4.5/", "ambiguous-number"},
		{"ws://a.example.0x7F/", "ambiguous-number"},
		{"ws://0x/", "ambiguous-number"},
		{"ws://127.0.0.1../", "ambiguous-number"},
	}
	for _, test := range tests {
		u, err := ParseAddress(test.in)
		if refused, ok := errors.AsType[*AddressError](err); !ok || refused.Reason != test.want {
			t.Errorf("%q: %v %v, want %s", test.in, u, err, test.want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{
		"wss://h.example:443/a%2Fb?q=%41+b&;=é", "http://[::ffff:7f00:1]:080/", "ws://127.0.0.1./", "ws://a@b/", "ws://h/?#", "ws://H.:1", "ws://[::1%25x]/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseAddress(raw)
		if err != nil {
			if _, ok := errors.AsType[*AddressError](err); !ok {
				t.Fatalf("%q: %v is no AddressError", raw, err)
			}
			return
		}
		again, err := ParseAddress(u.String())
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", raw, u, err)
		}
		if again.String() != u.String() || again.Host != u.Host {
			t.Fatalf("%q became %q, which becomes %q", raw, u, again)
		}
	})
}
