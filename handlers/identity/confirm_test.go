package identity_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"duplex/handlers/identity"
)

// Another process may learn first that a person's proof of identity has ended. The
// request is then refused, although this process has not heard of it.
func TestConfirmAsksTheStore(t *testing.T) {
	away := errors.New("store away")
	for name, c := range map[string]struct {
		who   string // "browser", "token" or "program", which has no cookie
		spoil func(d *door, p *identity.Person)
		want  string
	}{
		"nothing, in a browser":        {"browser", func(*door, *identity.Person) {}, ""},
		"nothing, of a token":          {"token", func(*door, *identity.Person) {}, ""},
		"nothing, of a program":        {"program", func(*door, *identity.Person) {}, ""},
		"browser signed out":           {"browser", func(d *door, _ *identity.Person) { d.store.endAll() }, identity.RefusedSignedOut},
		"browser with a lesser role":   {"browser", func(d *door, _ *identity.Person) { d.store.ungroup(); d.store.regroup("staff") }, identity.RefusedLease},
		"browser with a greater role":  {"browser", func(d *door, _ *identity.Person) { d.store.regroup("ops") }, ""},
		"person signed out, browser":   {"browser", signedOutElsewhere, identity.RefusedSignedOut},
		"person signed out, token":     {"token", signedOutElsewhere, identity.RefusedSignedOut},
		"person signed out, program":   {"program", signedOutElsewhere, identity.RefusedSignedOut},
		"token revoked":                {"token", func(d *door, p *identity.Person) { _, _ = d.store.RevokeToken(t.Context(), p.ID, p.Token.ID) }, identity.RefusedToken},
		"person without groups, token": {"token", func(d *door, _ *identity.Person) { d.store.ungroup() }, identity.RefusedLease},
		"lease over":                   {"program", func(d *door, _ *identity.Person) { d.clock.Pass(16 * time.Minute) }, identity.RefusedLease},
		"lease over within the grace":  {"program", func(d *door, _ *identity.Person) { d.clock.Pass(15*time.Minute + time.Second) }, ""},
		"store away":                   {"browser", func(d *door, _ *identity.Person) { d.store.fail(away) }, "look for sign-outs: store away"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t, headerSettings())
			var p identity.Person
			var err error
			switch c.who {
			case "token":
				_, text := d.made(t)
				p, _, _, err = d.ask(program(text))
			case "program":
				p, _, _, err = d.ask(ada)
			default:
				p, _, _, err = d.ask(page())
			}
			if err != nil {
				t.Fatal(err)
			}
			held, release := d.Hold(t.Context(), &p)
			defer release()
			c.spoil(d, &p)
			if err := d.Confirm(held, &p); codeOf(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func signedOutElsewhere(d *door, p *identity.Person) {
	_ = d.store.SignOutPerson(context.Background(), p.ID)
}

// A sign-out may come between the identification and the hold. A socket that is opened
// then ends as well, whichever process the sign-out was sent to.
func TestSignOutCountsFromTheLookAtTheEvidence(t *testing.T) {
	for name, signOut := range map[string]func(*door, *identity.Person){
		"elsewhere": signedOutElsewhere,
		"here": func(d *door, p *identity.Person) {
			_ = d.SignOutEverywhere(httptest.NewRequestWithContext(t.Context(), "POST", "/", nil), p, p.ID)
		},
	} {
		d := newDoor(t, headerSettings())
		_, text := d.made(t)
		d.clock.Pass(time.Second)
		p, _, _, err := d.ask(program(text))
		if err != nil {
			t.Fatal(err)
		}
		before := d.clock.Now()
		d.clock.Pass(time.Second)
		signOut(d, &p)
		d.clock.Pass(time.Second)
		held, release := d.Hold(t.Context(), &p)
		if err := d.Confirm(held, &p); codeOf(err) != identity.RefusedSignedOut {
			t.Errorf("%s: confirmed: %v", name, err)
		}
		if err := identity.Sweep(t.Context(), d.Guard, before); err != nil || codeOf(context.Cause(held)) != identity.RefusedSignedOut {
			t.Errorf("%s: it goes on: %v, %v", name, context.Cause(held), err)
		}
		release()
	}
}

// A proof that this process has ended is not confirmed. The request that ended it is
// answered.
func TestSignOutSparesTheRequestThatAsksForIt(t *testing.T) {
	d := newDoor(t, headerSettings())
	p, r, _, err := d.ask(page())
	if err != nil {
		t.Fatal(err)
	}
	asking, release := d.Hold(t.Context(), &p)
	defer release()
	other, releaseOther := d.Hold(t.Context(), &p)
	defer releaseOther()
	if err := d.SignOutEverywhere(r.WithContext(asking), &p, p.ID); err != nil {
		t.Fatal(err)
	}
	if asking.Err() != nil || codeOf(context.Cause(other)) != identity.RefusedSignedOut {
		t.Errorf("the request: %v, another: %v", context.Cause(asking), context.Cause(other))
	}
	if err := d.Confirm(other, &p); codeOf(err) != identity.RefusedSignedOut {
		t.Error(err)
	}
}

// A lower role that another process has learned of ends the holds of this process.
func TestSweepEndsWhatIsHeldInAGreaterRole(t *testing.T) {
	d := newDoor(t, headerSettings())
	browser, _, _, err := d.ask(page())
	if err != nil {
		t.Fatal(err)
	}
	_, text := d.made(t)
	token, _, _, err := d.ask(program(text))
	if err != nil {
		t.Fatal(err)
	}
	first, release := d.Hold(t.Context(), &browser)
	defer release()
	second, releaseSecond := d.Hold(t.Context(), &token)
	defer releaseSecond()
	since := d.clock.Now()
	if err := identity.Sweep(t.Context(), d.Guard, since); err != nil || first.Err() != nil || second.Err() != nil {
		t.Fatal(err, context.Cause(first), context.Cause(second))
	}
	d.store.ungroup()
	d.store.regroup("staff")
	if err := identity.Sweep(t.Context(), d.Guard, since); err != nil {
		t.Fatal(err)
	}
	for _, held := range []context.Context{first, second} {
		if codeOf(context.Cause(held)) != identity.RefusedLease {
			t.Errorf("it ends with %v", context.Cause(held))
		}
	}
}

// endAll ends every sign-in, regroup puts everybody who is signed in into a group, and
// fail lets every further call fail: as another process, or nobody, does it.
func (m *memory) endAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end(func(identity.SignIn) bool { return true })
}

func (m *memory) regroup(group string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, s := range m.signIns {
		s.Groups = []string{group}
		m.signIns[id], m.changed[id] = s, m.now()
	}
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}
