//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/web/internal/store"
)

var likeSignIn = cmp.Options{
	cmp.Comparer(func(a, b vault.Secret) bool { return a.Reveal() == b.Reveal() }), cmpopts.EquateEmpty(),
}

func signIn(id string) identity.SignIn {
	return identity.SignIn{
		ID: id, Person: "https://sso.example|ada", Issuer: "https://sso.example", Subject: "ada", Name: "Ada", Email: "ada@example.com",
		Groups: []string{"platform", "语音"}, Refresh: vault.NewSecret("refresh-token-of-ada"),
		Made: start, Seen: start, Until: start.Add(time.Minute),
	}
}

func putSignIn(t *testing.T, s *store.Store, in identity.SignIn) {
	t.Helper()
	if err := s.PutSignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func readSignIn(t *testing.T, s *store.Store, id string) identity.SignIn {
	t.Helper()
	in, found, err := s.SignIn(t.Context(), id)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	return in
}

// The sign-in that a person can be asked about with is the newest of those that have a
// refresh token and have not ended; one that the provider has refused comes last.
func signInsAreFoundByPerson(t *testing.T, o store.Options) {
	s := open(t, o)
	person := signIn("").Person
	expect := func(want string) {
		t.Helper()
		in, found, err := s.RenewableSignIn(t.Context(), person)
		if err != nil || found != (want != "") || found && (in.ID != want || in.Refresh.Reveal() != "refresh-token-of-ada") {
			t.Errorf("%q of %+v, %v, %v", want, in, found, err)
		}
	}
	expect("")
	for i, id := range []string{"older", "newer", "bare", "of ben"} {
		in := signIn(id)
		in.Until = start.Add(time.Duration(i) * time.Hour)
		switch id {
		case "bare":
			in.Refresh = vault.Secret{}
		case "of ben":
			in.Person = "https://sso.example|ben"
		}
		putSignIn(t, s, in)
	}
	expect("newer")
	refused := readSignIn(t, s, "newer")
	refused.Refused = start
	putSignIn(t, s, refused)
	expect("older")
	if err := s.EndSignIn(t.Context(), "older"); err != nil {
		t.Fatal(err)
	}
	expect("newer")
	if err := s.SignOutPerson(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	expect("")
}

func signInsComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	if _, found, err := s.SignIn(t.Context(), "a"); found || err != nil {
		t.Error(found, err)
	}
	want := signIn("a")
	putSignIn(t, s, want)
	if diff := cmp.Diff(want, readSignIn(t, s, "a"), likeSignIn); diff != "" {
		t.Errorf("sign-in (-want +got):\n%s", diff)
	}
	want.Refresh, want.Groups, want.Name, want.Until = vault.Secret{}, nil, "Ada L.", start.Add(time.Hour)
	want.Refused = start
	putSignIn(t, s, want)
	if diff := cmp.Diff(want, readSignIn(t, s, "a"), likeSignIn); diff != "" {
		t.Errorf("renewed (-want +got):\n%s", diff)
	}
	if err := s.SeeSignIn(t.Context(), "a", start); err != nil || !readSignIn(t, s, "a").Until.Equal(want.Until) {
		t.Error("what is vouched for became shorter", err)
	}
	beside(t, o, `update sign_ins set id = 'b'`)
	putSignIn(t, s, signIn("a"))
	beside(t, o, `update sign_ins set key_id = (select key_id from sign_ins where id = 'a'), wrapped = (select wrapped from sign_ins where id = 'a'),
		box = (select box from sign_ins where id = 'a') where id = 'b'`)
	if _, _, err := s.SignIn(t.Context(), "b"); err == nil {
		t.Error("a token opens in another row")
	}
}

func endedSignInStaysSo(t *testing.T, o store.Options) {
	s := open(t, o)
	putSignIn(t, s, signIn("a"))
	putSignIn(t, s, signIn("b"))
	if err := s.EndSignIn(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	putSignIn(t, s, signIn("a"))
	if err := s.SeeSignIn(t.Context(), "a", start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if in := readSignIn(t, s, "a"); !in.Ended.Equal(start) || !in.Until.Equal(start.Add(time.Minute)) {
		t.Errorf("got %+v", in)
	}
	if in := readSignIn(t, s, "b"); !in.Ended.IsZero() {
		t.Errorf("the other one ended: %+v", in)
	}
	changed, err := s.ChangedSignIns(t.Context(), start)
	if err != nil || len(changed) != 2 {
		t.Errorf("changed: %+v, %v", changed, err)
	}
	if changed, err = s.ChangedSignIns(t.Context(), start.Add(time.Second)); err != nil || len(changed) != 0 {
		t.Errorf("changed later: %+v, %v", changed, err)
	}
}

func oneRenewsASignIn(t *testing.T, o store.Options) {
	now := start
	o.Now = func() time.Time { return now }
	s := open(t, o)
	putSignIn(t, s, signIn("a"))
	claim := func() bool {
		mine, err := s.ClaimSignIn(t.Context(), "a", start.Add(time.Minute))
		if err != nil {
			t.Error(err)
		}
		return mine
	}
	var won atomic.Int64
	var tries sync.WaitGroup
	for range 8 {
		tries.Go(func() {
			if claim() {
				won.Add(1)
			}
		})
	}
	tries.Wait()
	if won.Load() != 1 {
		t.Errorf("%d renew it at once", won.Load())
	}
	putSignIn(t, s, signIn("a")) // gives the claim back
	if !claim() || claim() {
		t.Error("the claim is not given back, or not taken")
	}
	now = start.Add(2 * time.Minute) // who had claimed it is gone
	if !claim() {
		t.Error("the claim never ends")
	}
}

func peopleAreSignedOut(t *testing.T, o store.Options) {
	s := open(t, o)
	putSignIn(t, s, signIn("a"))
	ada := identity.Person{ID: "https://sso.example|ada", Name: "Ada", Email: "ada@example.com", Groups: []string{"platform"}, Role: identity.Member}
	if err := s.PutPerson(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	want := []identity.Known{{ID: ada.ID, Name: "Ada", Email: ada.Email, Role: "member", Groups: ada.Groups, Seen: start, SignIns: 1}}
	people, err := s.People(t.Context())
	if diff := cmp.Diff(want, people); diff != "" || err != nil {
		t.Errorf("people (-want +got):\n%s%v", diff, err)
	}
	if at, err := s.SignedOutAt(t.Context(), ada.ID); err != nil || !at.IsZero() {
		t.Error(at, err)
	}
	for _, id := range []string{ada.ID, "somebody who was never here"} {
		if err := s.SignOutPerson(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if at, err := s.SignedOutAt(t.Context(), id); err != nil || !at.Equal(start) {
			t.Error(at, err)
		}
	}
	if readSignIn(t, s, "a").Ended.IsZero() {
		t.Error("the sign-in goes on")
	}
	if people, err = s.People(t.Context()); err != nil || len(people) != 1 || people[0].SignIns != 0 {
		t.Errorf("people: %+v, %v", people, err)
	}
	if out, err := s.SignedOut(t.Context(), start); err != nil || len(out) != 2 || !out[ada.ID].Equal(start) {
		t.Errorf("signed out: %v, %v", out, err)
	}
	if err := s.PutPerson(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	if at, _ := s.SignedOutAt(t.Context(), ada.ID); at.IsZero() {
		t.Error("coming back forgets the sign-out")
	}
}
