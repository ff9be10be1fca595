package dial

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
		{`wss://h.example/x?path=C:\a b&c= `, "wss://h.example/x?path=C:%5Ca%20b&c="},
		{"h.example", "wss://h.example"},
		{"h.example:8443/x?y=a://b", "wss://h.example:8443/x?y=a://b"},
		{"h.example//x://y", "wss://h.example//x://y"},
		{"LocalHost:8080/x", "ws://localhost:8080/x"},
		{"api.localhost/", "ws://api.localhost/"},
		{"127.0.0.1:80", "ws://127.0.0.1"},
		{"127.3.2.1:9000?a=b", "ws://127.3.2.1:9000?a=b"},
		{"192.168.1.7/ws", "ws://192.168.1.7/ws"},
		{"172.16.0.1:443/", "ws://172.16.0.1:443/"},
		{"172.32.0.1/", "wss://172.32.0.1/"},
		{"100.64.0.9:1/", "ws://100.64.0.9:1/"},
		{"93.184.216.34:8080", "wss://93.184.216.34:8080"},
		{"[::1]:8080/a", "ws://[::1]:8080/a"},
		{"[fd00::7]", "ws://[fd00::7]"},
		{"[2606:2800:220:1::1]:8443", "wss://[2606:2800:220:1::1]:8443"},
		{"ws://münchen.example/", "ws://xn--mnchen-3ya.example/"},
		{"wss://something.Lüfter:8443/x", "wss://something.xn--lfter-kva:8443/x"},
		{"例え.テスト/ws", "wss://xn--r8jz45g.xn--zckzah/ws"},
		{"wss://faß.example/", "wss://xn--fa-hia.example/"},
		{"wss://_svc.bücher.example./", "wss://_svc.xn--bcher-kva.example./"},
	}
	for _, test := range tests {
		if got := mustParse(t, test.in).String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.in, got, test.want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	tests := []struct {
		in   string
		want Reason
	}{
		{"", "scheme"},
		{"/x", "scheme"},
		{"//h.example/x", "scheme"},
		{"h.example:x/", "scheme"},
		{"mailto:me", "scheme"},
		{"wss:8080", "malformed"},
		{"ws//h.example/x", "scheme"},
		{"WSS//h.example", "scheme"},
		{"ws:127.0.0.1:8080/x", "malformed"},
		{"ws:/h.example/x", "malformed"},
		{"::1", "host"},
		{"me:secret@h.example/x", "userinfo"},
		{"h.example/x#y", "fragment"},
		{"ws://h.example/#%zz", "fragment"},
		{"ws://h.example/100%", "percent"},
		{"ws://h.example/%2/b", "percent"},
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
		{"ws://h.example/a b", "bad-characters"},
		{"ws://h.example/?a\tb", "bad-characters"},
		{"ws://h.example/?a\r\nX-Evil: 1", "bad-characters"},
		{"ws://h.example/?a\xc4\xe3", "bad-characters"},
		{"ws:// h.example/?a=b", "bad-characters"},
		{"ws://h.example/\xff", "bad-characters"},
		{"ws://h.example/\u0085", "bad-characters"},
		{"ws://１２７.0.0.1/", "host"},
		{"ws://ⓔxample.example/", "host"},
		{"ws://\u212aelvin.example/", "host"}, // the Kelvin sign, a "k" in lower case
		{"ws://a\u3002b.example/", "host"},
		{"ws://m%C3%BCnchen.example/", "host"},
		{"ws://" + strings.Repeat("ü", 64) + ".example/", "host"},
		{"ws://a\u0338\u05d0b.example/", "host"}, // directions mixed, RFC 5893
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
		"h.example:80/a%2Fb|c?x&&y=%zz&?=v;w", "bücher.example/%2f?", "127.0.0.1:8080?a=+%20", "wss://h.example/`{\"<^>}`?q={\"a\":'b'}",
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
		if target, encoded := typedTarget(raw); encoded && u.RequestURI() != target {
			t.Fatalf("%q is sent as %q, want %q", raw, u.RequestURI(), target)
		}
	})
}

// typedTarget returns the part of an address behind the authority, and whether a request line
// may hold all of it, so that its bytes must not change.
func typedTarget(raw string) (target string, encoded bool) {
	raw = strings.Trim(raw, " \t")
	if scheme, rest, found := strings.Cut(raw, "://"); found && !strings.ContainsAny(scheme, "/?") {
		raw = rest
	}
	at := strings.IndexAny(raw, "/?")
	if at < 0 {
		return "/", true
	}
	target = raw[at:]
	if target[0] == '?' {
		target = "/" + target
	}
	return target, !strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) })
}
