package identity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"duplex/handlers/identity"
)

// made is a token of Ada's for two things.
func (d *door) made(t *testing.T) (identity.AccessToken, string) {
	t.Helper()
	ada, r, _, err := d.ask(page())
	if err != nil {
		t.Fatal(err)
	}
	token, text, err := d.MakeToken(r, &ada, identity.AccessToken{
		Name: "nightly", Scopes: []identity.Scope{identity.ScopeSessions}, Until: d.clock.Now().Add(20 * 24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return token, text
}

// program is a request that shows a token and nothing else.
func program(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func TestTokenLetsAProgramInAsItsPerson(t *testing.T) {
	d := newDoor(t, headerSettings())
	token, text := d.made(t)
	if !strings.HasPrefix(text, "dpx_") || strings.Contains(token.Hash, text) || len(token.Hash) != 64 {
		t.Errorf("token %q, kept as %q", text, token.Hash)
	}
	p, r, _, err := d.ask(func(r *http.Request) {
		program(text)(r)
		r.RemoteAddr = "203.0.113.9:4000"                 // programs need no proxy
		r.Header.Set("X-Forwarded-User", "somebody else") // and cannot be another
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(p.ID, "|ada") || p.Role != identity.Member || p.Token == nil || p.Token.ID != token.ID {
		t.Errorf("person %+v", p)
	}
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-Forwarded-User") != "" {
		t.Error("handlers see what it came with")
	}
	for scope, want := range map[identity.Scope]bool{
		identity.ScopeSessions: true, identity.ScopeRead: true, identity.ScopeServices: false, identity.ScopeRelay: false, identity.ScopePerson: false,
	} {
		if got := p.Within(scope); got != want {
			t.Errorf("good for %q: %v", scope, got)
		}
	}
}

func TestTokenThatDoesNotHoldIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(d *door, token identity.AccessToken, text string) string
		want  string
	}{
		"another":          {func(*door, identity.AccessToken, string) string { return "dpx_AAAAAAAAAAAAAAAAAAAAAAAAAA" }, identity.RefusedToken},
		"its hash":         {func(_ *door, token identity.AccessToken, _ string) string { return "dpx_" + token.Hash }, identity.RefusedToken},
		"cut short":        {func(_ *door, _ identity.AccessToken, text string) string { return text[:len(text)-1] }, identity.RefusedToken},
		"no token of ours": {func(*door, identity.AccessToken, string) string { return "abc" }, identity.RefusedNobody},
		"expired": {func(d *door, _ identity.AccessToken, text string) string {
			d.clock.Pass(20 * 24 * time.Hour)
			return text
		}, identity.RefusedToken},
		"signed out since":    {signedOutSince, identity.RefusedSignedOut},
		"revoked":             {revoked, identity.RefusedToken},
		"its person is gone":  {func(d *door, _ identity.AccessToken, text string) string { d.store.forget(); return text }, identity.RefusedToken},
		"groups give nothing": {func(d *door, _ identity.AccessToken, text string) string { d.store.ungroup(); return text }, identity.RefusedNoRole},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t, headerSettings())
			token, text := d.made(t)
			text = c.spoil(d, token, text)
			if _, _, _, err := d.ask(program(text)); codeOf(err) != c.want {
				t.Errorf("refused with %q, want %q", codeOf(err), c.want)
			}
		})
	}
}

func signedOutSince(d *door, token identity.AccessToken, text string) string {
	d.clock.Pass(time.Second)
	by := identity.Person{ID: token.Person}
	if err := d.SignOutEverywhere(httptest.NewRequest(http.MethodPost, "/", nil), &by, token.Person); err != nil {
		d.t.Fatal(err)
	}
	return text
}

func revoked(d *door, token identity.AccessToken, text string) string {
	by := identity.Person{ID: token.Person}
	if found, err := d.RevokeToken(httptest.NewRequest(http.MethodPost, "/", nil), &by, token.ID); err != nil || !found {
		d.t.Fatal(found, err)
	}
	return text
}

// The tokens of a person who uses only the API, with no page and no cookie, work.
func TestTokenOfWhoNeverOpenedAPageWorks(t *testing.T) {
	d := newDoor(t, headerSettings())
	p, r, w, err := d.ask(ada)
	if err != nil || len(w.Result().Cookies()) != 0 {
		t.Fatal(err, w.Result().Cookies())
	}
	_, text, err := d.MakeToken(r, &p, identity.AccessToken{Scopes: identity.Scopes(), Until: d.clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _, err := d.ask(program(text)); err != nil || got.ID != p.ID || got.Role != p.Role {
		t.Errorf("%+v, %v", got, err)
	}
}

// The claims of a proxy about a person apply to their tokens, from a browser, from a
// program without cookies, and for a role without rights. Strangers are not stored.
func TestTokenFollowsWhatAProxySays(t *testing.T) {
	for groups, want := range map[string]struct {
		code string
		role identity.Role
	}{"staff": {"", identity.Viewer}, "guests": {identity.RefusedNoRole, identity.Nobody}, "": {identity.RefusedNoRole, identity.Nobody}, "ops": {"", identity.Admin}} {
		d := newDoor(t, headerSettings())
		_, text := d.made(t)
		_, _, _, _ = d.ask(func(r *http.Request) {
			ada(r)
			r.Header.Set("X-Forwarded-Groups", groups)
		})
		if p, _, _, err := d.ask(program(text)); codeOf(err) != want.code || p.Role != want.role {
			t.Errorf("%q: let in as %v, %v", groups, p.Role, err)
		}
		_, _, _, _ = d.ask(func(r *http.Request) {
			ada(r)
			r.Header.Set("X-Forwarded-User", "mallory")
			r.Header.Set("X-Forwarded-Groups", "guests")
		})
		if _, found, _ := d.store.Person(t.Context(), "headers|mallory"); found {
			t.Error("a stranger is kept")
		}
	}
}

// A person who was not seen for a month may have left: their tokens are refused until
// they come again.
func TestTokenRestsWhenItsPersonIsAway(t *testing.T) {
	d := newDoor(t, headerSettings())
	ada, r, _, err := d.ask(page())
	if err != nil {
		t.Fatal(err)
	}
	_, text, err := d.MakeToken(r, &ada, identity.AccessToken{Scopes: identity.Scopes(), Until: d.clock.Now().Add(90 * 24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	d.clock.Pass(31 * 24 * time.Hour)
	if _, _, _, err := d.ask(program(text)); codeOf(err) != identity.RefusedToken {
		t.Errorf("away: %v", err)
	}
	if _, _, _, err := d.ask(page()); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := d.ask(program(text)); err != nil {
		t.Errorf("back: %v", err)
	}
}

func TestRevokedTokenEndsWhatItHoldsOpen(t *testing.T) {
	d := newDoor(t, headerSettings())
	token, text := d.made(t)
	p, _, _, err := d.ask(program(text))
	if err != nil {
		t.Fatal(err)
	}
	held, release := d.Hold(t.Context(), &p)
	defer release()
	revoked(d, token, text)
	select {
	case <-held.Done():
	default:
		t.Error("it is held on")
	}
}

// forget removes everybody; ungroup takes everybody out of their groups.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.people)
}

func (m *memory) ungroup() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, p := range m.people {
		p.Groups = nil
		m.people[id] = p
	}
}

// The rights of a token follow its owner's groups as soon as a change is known.
func TestTokenLosesWhatItsPersonLoses(t *testing.T) {
	for groups, want := range map[string]struct {
		code string
		role identity.Role
	}{"staff": {"", identity.Viewer}, "guests": {identity.RefusedNoRole, identity.Nobody}, "ops": {"", identity.Admin}} {
		t.Run(groups, func(t *testing.T) {
			d := newDoor(t, headerSettings())
			_, _, w, _ := d.ask(page())
			_, text := d.made(t)
			p, _, _, err := d.ask(program(text))
			if err != nil {
				t.Fatal(err)
			}
			held, release := d.Hold(t.Context(), &p)
			defer release()
			_, _, _, _ = d.ask(func(r *http.Request) { // in the browser she has
				fetch(cookieIn(t, w))(r)
				r.Header.Set("X-Forwarded-Groups", groups)
			})
			if codeOf(context.Cause(held)) != identity.RefusedLease {
				t.Errorf("what it held open in another role ends with %v", context.Cause(held))
			}
			if p, _, _, err = d.ask(program(text)); codeOf(err) != want.code || p.Role != want.role {
				t.Errorf("let in as %v, %v", p.Role, err)
			}
		})
	}
}
