//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/handlers/identity"
	"duplex/web/internal/store"
)

func tokensAreKeptUntilRevoked(t *testing.T, o store.Options) {
	s := open(t, o)
	older := identity.AccessToken{
		ID: "one", Hash: "aa", Person: "sso|ann", Name: "nightly", Scopes: []identity.Scope{identity.ScopeRead},
		Made: start, Until: start.Add(time.Hour),
	}
	newer := identity.AccessToken{
		ID: "two", Hash: "bb", Person: "sso|ann", Name: "relay", Scopes: []identity.Scope{identity.ScopeRelay},
		Made: start.Add(time.Minute), Until: start.Add(time.Hour),
	}
	for _, token := range []identity.AccessToken{older, newer} {
		if err := s.PutToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Tokens(t.Context(), "sso|ann")
	if diff := cmp.Diff([]identity.AccessToken{newer, older}, list); err != nil || diff != "" {
		t.Errorf("%v; tokens (-want +got):\n%s", err, diff)
	}
	if err := s.UseToken(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	got, found, err := s.TokenByHash(t.Context(), "aa")
	if err != nil || !found || got.ID != "one" || got.Used.IsZero() {
		t.Errorf("by hash: %+v, %v, %v", got, found, err)
	}
	for _, c := range []struct {
		person, id string
		want       bool
	}{{"sso|ben", "one", false}, {"sso|ann", "none", false}, {"sso|ann", "one", true}, {"sso|ann", "one", false}} {
		if revoked, err := s.RevokeToken(t.Context(), c.person, c.id); err != nil || revoked != c.want {
			t.Errorf("revoke %s of %s: %v, %v", c.id, c.person, revoked, err)
		}
	}
	if _, found, err := s.TokenByHash(t.Context(), "aa"); found || err != nil {
		t.Errorf("a revoked token is found: %v", err)
	}
	ids, err := s.RevokedTokens(t.Context(), start.Add(-time.Hour))
	if diff := cmp.Diff([]string{"one"}, ids); err != nil || diff != "" {
		t.Errorf("%v; revoked (-want +got):\n%s", err, diff)
	}
}
