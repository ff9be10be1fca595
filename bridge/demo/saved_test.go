package demo_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/demo"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// target is the address of a saved service with its parameters.
func target(t *testing.T, saved demo.Saved) *url.URL {
	t.Helper()
	u, err := url.Parse(saved.Address)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{}
	for _, p := range saved.Params {
		query.Add(p.Name, p.Value)
	}
	u.RawQuery = query.Encode()
	return u
}

// apply signs a handshake as the bridge does; a password becomes a token first.
func (r *rig) apply(t *testing.T, u *url.URL, c sign.Credential) sign.Handshake {
	t.Helper()
	if c.Kind == sign.KindIAMPassword {
		token := r.token(t, c.Plain["iam_endpoint"], passwordRequest(c, `"project":{"name":"`+c.Plain["project"]+`"}`))
		c = sign.Credential{Kind: sign.KindToken, Secrets: map[string]vault.Secret{"token": vault.NewSecret(token)}}
	}
	h := sign.Handshake{URL: u, Host: u.Host, Header: http.Header{}}
	if _, err := sign.Apply(&h, c, r.clock.Now()); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEverySavedServiceConnectsAsItIs(t *testing.T) {
	r := newRig(t)
	saved := r.Services("ws://" + r.host())
	if saved[0].Endpoint != "stream" {
		t.Errorf("the first service is %s", saved[0].Name)
	}
	names, echoes := map[string]bool{}, map[sign.Kind]bool{}
	for _, s := range saved {
		names[s.Name] = true
		if s.Endpoint == "echo" {
			echoes[s.Credential.Kind] = true
		}
		t.Run(s.Name, func(t *testing.T) {
			h := r.apply(t, target(t, s), s.Credential)
			h.Subprotocols = append(h.Subprotocols, s.Subprotocols...)
			if s.Credential.Kind == sign.KindDialect {
				addDialect(t, &h, s)
			}
			conn, response, err := websocket.Dial(t.Context(), h.URL.String(), &websocket.DialOptions{HTTPHeader: h.Header, Subprotocols: h.Subprotocols})
			if err != nil {
				t.Fatalf("%v, %v", err, response)
			}
			_ = conn.CloseNow()
		})
	}
	if len(names) != len(saved) {
		t.Errorf("%d names for %d services", len(names), len(saved))
	}
	for _, scheme := range sign.Schemes() {
		if !echoes[scheme.Kind] && !scheme.Named() { // a dialect knows no echo
			t.Errorf("no echo for %s", scheme.Kind)
		}
	}
}

// addDialect adds to a handshake what the dialect of a saved service demands.
func addDialect(t *testing.T, h *sign.Handshake, s demo.Saved) {
	t.Helper()
	d, known := dialect.Builtin(s.Dialect)
	if !known {
		t.Fatalf("no dialect %s", s.Dialect)
	}
	c, err := d.Connect(dialect.Values{Vars: s.Credential.Plain, Secrets: s.Credential.Secrets}, h.URL, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	added, err := c.Sign(h.URL, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	h.URL, h.Header, h.Subprotocols = added.URL, added.Header, added.Subprotocols
}

func TestSignersAndVerifierAgreeOnAwkwardTargets(t *testing.T) {
	r := newRig(t)
	queries := []string{"", "b=2&a=9&b=10&a=1", "flag&empty=", "q=a+b&p=c%2Bd", "%E4%BD%A0=%E5%A5%BD&x=%7E%2A", "z=a%26b%3Dc"}
	for _, s := range r.Services("ws://" + r.host()) {
		if s.Endpoint != "echo" {
			continue
		}
		for _, query := range queries {
			for _, variant := range variants(s.Credential) {
				u := target(t, s)
				u.RawQuery = query
				h := r.apply(t, u, variant)
				if len(h.Subprotocols) > 0 {
					h.Header["Sec-Websocket-Protocol"] = h.Subprotocols
				}
				h.URL.Scheme = "http"
				if got := r.try(t, strings.TrimPrefix(h.URL.String(), r.server.URL), h.Header); got.Status != 101 {
					t.Errorf("%s %v ?%s: %d %s", s.Name, variant.Plain, query, got.Status, got.Message)
				}
			}
		}
	}
}

// variants are the ways to use a credential that its saved service does not show.
func variants(c sign.Credential) []sign.Credential {
	with := func(changes map[string]string) sign.Credential {
		changed := c
		changed.Plain = maps.Clone(c.Plain)
		maps.Copy(changed.Plain, changes)
		return changed
	}
	switch c.Kind {
	case sign.KindAKSK, sign.KindAppSignature:
		out := []sign.Credential{c, with(map[string]string{"algorithm": sign.V11HMACSHA256, "region": "cn-north-4"})}
		if c.Kind == sign.KindAKSK {
			temporary := with(map[string]string{"access_key": demo.TemporaryKey, "project_id": "0123456789abcdef"})
			temporary.Secrets = maps.Clone(c.Secrets)
			temporary.Secrets["security_token"] = vault.NewSecret(demo.SecurityToken)
			out = append(out, temporary)
		}
		return out
	case sign.KindSigV4:
		token := with(map[string]string{"placement": sign.PlacementQuery})
		token.Secrets = maps.Clone(c.Secrets)
		token.Secrets["security_token"] = vault.NewSecret("demo/session+token==")
		header := token
		header.Plain = c.Plain
		return []sign.Credential{c, with(map[string]string{"placement": sign.PlacementQuery}), token, header}
	default:
		return []sign.Credential{c}
	}
}

func TestSigV4IsCheckedForReal(t *testing.T) {
	r := newRig(t)
	saved := r.Services("ws://" + r.host())
	s := saved[slices.IndexFunc(saved, func(s demo.Saved) bool { return s.Credential.Kind == sign.KindSigV4 })]
	for _, placement := range []string{sign.PlacementHeader, sign.PlacementQuery} {
		s.Credential.Plain["placement"] = placement
		h := r.apply(t, target(t, s), s.Credential)
		path, query := h.URL.EscapedPath(), h.URL.RawQuery
		if got := r.try(t, path+"?"+query+"&added=1", h.Header); got.Status != 403 || !strings.Contains(got.Message, "does not match") {
			t.Errorf("%s, a parameter that was not signed: %+v", placement, got)
		}
		r.clock.Pass(16 * time.Minute)
		if got := r.try(t, path+"?"+query, h.Header); got.Status != 403 || !strings.Contains(got.Message, "expired") {
			t.Errorf("%s, too late: %+v", placement, got)
		}
		wrong := s.Credential
		wrong.Secrets = map[string]vault.Secret{"secret_key": vault.NewSecret("nope")}
		h = r.apply(t, target(t, s), wrong)
		if got := r.try(t, h.URL.RequestURI(), h.Header); got.Status != 403 || !strings.Contains(got.Message, "does not match") {
			t.Errorf("%s, wrong secret: %+v", placement, got)
		}
	}
}
