package identity_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"duplex/handlers/identity"
)

func TestLeaseEndsWhatNobodyVouchesFor(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	c := cookieIn(t, w)
	p, _, _, err := d.ask(fetch(c))
	if err != nil {
		t.Fatal(err)
	}
	held, release := d.Hold(t.Context(), &p)
	defer release()
	d.clock.Pass(10 * time.Minute)
	if _, _, _, err := d.ask(fetch(c)); err != nil { // renews it
		t.Fatal(err)
	}
	d.clock.Pass(15*time.Minute + time.Second)
	d.sweep()
	if held.Err() != nil {
		t.Error("ended within the grace")
	}
	d.clock.Pass(2 * time.Second)
	d.sweep()
	d.sweep()
	if held, ended := d.Leases(); held != 1 || ended[identity.RefusedLease] != 1 || ended[identity.RefusedSignedOut] != 0 {
		t.Errorf("%d leases, ended %v: each counts once", held, ended)
	}
	release()
	if held, _ := d.Leases(); held != 0 {
		t.Errorf("%d leases of closed sockets", held)
	}
	if codeOf(context.Cause(held)) != identity.RefusedLease {
		t.Errorf("ended with %v", context.Cause(held))
	}
}

func (d *door) sweep() {
	d.t.Helper()
	if err := identity.Sweep(d.t.Context(), d.Guard, d.clock.Now().Add(-10*time.Second)); err != nil {
		d.t.Fatal(err)
	}
}

// Another process of the console renews and ends through the store.
func TestOtherProcessesRenewAndEndThroughTheStore(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	c := cookieIn(t, w)
	p, r, _, err := d.ask(fetch(c))
	if err != nil {
		t.Fatal(err)
	}
	held, release := d.Hold(t.Context(), &p)
	defer release()
	d.clock.Pass(14 * time.Minute)
	for id := range d.store.signIns {
		if err := d.store.SeeSignIn(t.Context(), id, d.clock.Now().Add(15*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	d.sweep()
	d.clock.Pass(5 * time.Minute)
	d.sweep()
	if held.Err() != nil {
		t.Fatal("a renewal of another process is not heard")
	}
	if err := d.store.SignOutPerson(r.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	d.sweep()
	if codeOf(context.Cause(held)) != identity.RefusedSignedOut {
		t.Errorf("ended with %v", context.Cause(held))
	}
}

func TestSignOutEverywhereEndsProgramsTooAndNobodyElse(t *testing.T) {
	d := newDoor(t, headerSettings())
	program, r, _, err := d.ask(fetch())
	if err != nil {
		t.Fatal(err)
	}
	bob, _, _, err := d.ask(func(r *http.Request) { fetch()(r); r.Header.Set("X-Forwarded-User", "bob") })
	if err != nil {
		t.Fatal(err)
	}
	held, release := d.Hold(t.Context(), &program)
	defer release()
	other, releaseOther := d.Hold(t.Context(), &bob)
	defer releaseOther()
	d.clock.Pass(time.Second)
	if err := d.SignOutEverywhere(r, &bob, program.ID); err != nil {
		t.Fatal(err)
	}
	if codeOf(context.Cause(held)) != identity.RefusedSignedOut || other.Err() != nil {
		t.Errorf("%v, %v", context.Cause(held), other.Err())
	}
	if program, _, _, err = d.ask(fetch()); err != nil { // they come again
		t.Fatal(err)
	}
	again, releaseAgain := d.Hold(t.Context(), &program)
	defer releaseAgain()
	d.clock.Pass(time.Second)
	d.sweep()
	if again.Err() != nil {
		t.Error("what was opened later ends too")
	}
}

func TestAnotherRoleEndsWhatWasOpenedInTheOldOne(t *testing.T) {
	d := newDoor(t, headerSettings())
	p, _, _, err := d.ask(fetch())
	if err != nil {
		t.Fatal(err)
	}
	held, release := d.Hold(t.Context(), &p)
	defer release()
	if _, _, _, err := d.ask(func(r *http.Request) { fetch()(r); r.Header.Set("X-Forwarded-Groups", "staff") }); err != nil {
		t.Fatal(err)
	}
	if codeOf(context.Cause(held)) != identity.RefusedLease {
		t.Errorf("a viewer goes on as member: %v", context.Cause(held))
	}
}
