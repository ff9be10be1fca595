package identity_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"duplex/handlers/identity"
)

func guard() *identity.Guard {
	return identity.Local("me", func() []string { return []string{"http://127.0.0.1:8080", "https://localhost"} })
}

func TestLocalLetsInWhoeverSitsAtThisMachine(t *testing.T) {
	tests := []struct {
		name, peer, header, want string
	}{
		{"IPv4", "127.0.0.1:5000", "", ""},
		{"another loopback address", "127.9.9.9:5000", "", ""},
		{"IPv6", "[::1]:5000", "", ""},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:5000", "", ""},
		{"other machine", "192.0.2.1:5000", "", identity.RefusedPeer},
		{"other machine over IPv6", "[2001:db8::1]:5000", "", identity.RefusedPeer},
		{"no address", "@", "", identity.RefusedPeer},
		{"forwarded", "127.0.0.1:5000", "Forwarded", identity.RefusedForwarded},
		{"x-forwarded-for", "127.0.0.1:5000", "X-Forwarded-For", identity.RefusedForwarded},
		{"x-forwarded-user", "127.0.0.1:5000", "x-forwarded-user", identity.RefusedForwarded},
		{"underscores", "127.0.0.1:5000", "X_Forwarded_For", identity.RefusedForwarded},
		{"dots", "127.0.0.1:5000", "X.Forwarded.For", identity.RefusedForwarded},
		{"x-real-ip", "127.0.0.1:5000", "X-Real-Ip", identity.RefusedForwarded},
		{"via", "127.0.0.1:5000", "Via", identity.RefusedForwarded},
		{"a header of no proxy", "127.0.0.1:5000", "X-Request-Id", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.peer
			if tt.header != "" {
				r.Header[tt.header] = []string{""}
			}
			p, err := guard().Identify(httptest.NewRecorder(), r)
			refusal, refused := errors.AsType[*identity.RefusedError](err)
			switch {
			case refused != (tt.want != "") || refused && refusal.Code != tt.want:
				t.Errorf("error %v, want %q", err, tt.want)
			case !refused && (p.ID != "local" || p.Name != "me" || p.Role != identity.Admin):
				t.Errorf("person %+v", p)
			}
		})
	}
}

func TestHostHasToBeTheConsolesOwn(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:8080":         true,
		"127.1.2.3:8080":         true,
		"localhost:8080":         true,
		"LOCALHOST:8080":         true,
		"[::1]:8080":             true,
		"localhost":              true, // of https://localhost
		"localhost:443":          true,
		"127.0.0.1:8081":         false,
		"127.0.0.1:80":           false,
		"127.0.0.1.example:8080": false,
		"rebound.example:8080":   false,
		"192.0.2.1:8080":         false,
		"0.0.0.0:8080":           false,
		"me@localhost:8080":      false,
		"localhost:8080/x":       false,
		"":                       false,
	} {
		if got := guard().AllowsHost(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestPersonTravelsInTheContext(t *testing.T) {
	if p := identity.Of(t.Context()); p.ID != "" {
		t.Errorf("nobody is %+v", p)
	}
	if p := identity.Of(identity.With(t.Context(), identity.Person{ID: "x"})); p.ID != "x" {
		t.Errorf("got %+v", p)
	}
}
