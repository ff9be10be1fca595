package demo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector is a request signed by the vendor's own signer.
type vector struct {
	Name             string            `json:"name"`
	Method           string            `json:"method"`
	URL              string            `json:"url"`
	Headers          map[string]string `json:"headers"`
	AK               string            `json:"ak"`
	SK               string            `json:"sk"`
	Authorization    string            `json:"authorization"`
	CanonicalRequest string            `json:"canonical_request"`
}

func TestVerifierAgreesWithTheVendorsSigner(t *testing.T) {
	for _, file := range []string{"sign-vectors.json", "sign-vectors-v11.json"} {
		raw, err := os.ReadFile("../sign/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors []vector
		if err := json.Unmarshal(raw, &vectors); err != nil {
			t.Fatal(err)
		}
		for _, v := range vectors {
			t.Run(v.Name, func(t *testing.T) { verifies(t, v) })
		}
	}
}

func verifies(t *testing.T, v vector) {
	t.Helper()
	r := onTheWire(t, v)
	s, err := readSignature(r)
	if err != nil {
		t.Fatal(err)
	}
	if s.access != v.AK {
		t.Errorf("access key %q, want %q", s.access, v.AK)
	}
	if diff := cmp.Diff(v.CanonicalRequest, s.canonical(r)); diff != "" {
		t.Error(diff)
	}
	if s.algorithm == algorithmV11 && !s.wellScoped() {
		t.Errorf("scope %q is refused", s.scope)
	}
	if got := s.expected(v.SK, s.canonical(r)); got != s.value {
		t.Errorf("signature %s, want %s", got, s.value)
	}
}

// onTheWire is the request as a server sees it.
func onTheWire(t *testing.T, v vector) *http.Request {
	t.Helper()
	u, err := url.Parse(v.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, target, _ := strings.Cut(strings.TrimPrefix(v.URL, "wss://"), "/")
	r := &http.Request{Method: v.Method, Host: u.Host, URL: u, RequestURI: "/" + target, Header: http.Header{}}
	for name, value := range v.Headers {
		if strings.EqualFold(name, "host") {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	r.Header.Set("Authorization", v.Authorization)
	return r
}
