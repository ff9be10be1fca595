//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"duplex/bridge"
	"duplex/bridge/vault"
	"duplex/web/internal/store"
)

func environmentsComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	want := bridge.Environment{Name: "Staging", Values: map[string]string{"region": "cn-north-4", "你好": "{{"}, Owner: "ann"}
	if err := s.SaveEnvironment(t.Context(), &want, secrets("api_key", "value", "other", "more"), nil); err != nil {
		t.Fatal(err)
	}
	if want.ID == "" || !want.CreatedAt.Equal(start) || len(want.Secrets) != 2 || want.Secrets["api_key"].Fingerprint == "" {
		t.Errorf("saving did not bring it up to date: %+v", want)
	}
	got, err := s.Environment(t.Context(), " staging ")
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	wantErr(t, s.SaveEnvironment(t.Context(), &bridge.Environment{Name: "STAGING"}, nil, nil), store.ErrNameTaken)
	wantErr(t, s.SaveEnvironment(t.Context(), &bridge.Environment{Name: "b"}, map[string]vault.Secret{"a": vault.NewSecret("free")}, nil), store.ErrUnbound)
	wantErr(t, s.SaveEnvironment(t.Context(), &bridge.Environment{Name: "b\x00"}, nil, nil), store.ErrBadText)
	wantErr(t, s.SaveEnvironment(t.Context(), &bridge.Environment{ID: "gone", Name: "b"}, nil, nil), store.ErrNotFound)
	for _, name := range []string{"", "b", "\x00"} {
		if _, err := s.Environment(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
	list, err := s.Environments(t.Context())
	if err != nil || len(list) != 1 || len(list[0].Secrets) != 2 {
		t.Errorf("listed %+v, %v", list, err)
	}
}

func environmentSecretsAreKept(t *testing.T, o store.Options) {
	s := open(t, o)
	e := bridge.Environment{Name: "a"}
	err := s.SaveEnvironment(t.Context(), &e, secrets("one", "first", "two", "second", "three", "third"), nil)
	if err == nil {
		err = s.SaveEnvironment(t.Context(), &e, secrets("two", "replaced"), []string{"one"})
	}
	opened, openErr := s.EnvironmentSecrets(t.Context(), e.ID)
	if err := errors.Join(err, openErr); err != nil {
		t.Fatal(err)
	}
	if len(opened) != 2 || !opened["one"].Equal(secrets("", "first")[""]) || opened["two"].Reveal() != "replaced" {
		t.Errorf("opened %v", opened)
	}
	wider := bound()
	wider.Targets = append(wider.Targets, "b.example")
	if err := s.BindEnvironmentSecret(t.Context(), e.ID, "one", func(vault.Binding) (vault.Binding, error) { return wider, nil }); err != nil {
		t.Error(err)
	}
	got, err := s.Environment(t.Context(), "a")
	if err != nil || !cmp.Equal(got.Secrets["one"].Binding, wider) || got.Secrets["one"].LastUsedAt.IsZero() {
		t.Errorf("%+v, %v", got.Secrets, err)
	}
	beside(t, o, "update environment_secrets set field = 'four' where field = 'one'")
	if _, err := s.EnvironmentSecrets(t.Context(), e.ID); !errors.Is(err, vault.ErrAltered) {
		t.Errorf("a secret opens in another row: %v", err)
	}
	if err := s.DeleteEnvironment(t.Context(), e.ID); err != nil {
		t.Error(err)
	}
	wantErr(t, s.DeleteEnvironment(t.Context(), e.ID), store.ErrNotFound)
	if opened, err := s.EnvironmentSecrets(t.Context(), e.ID); err != nil || len(opened) != 0 {
		t.Errorf("deleted: %v, %v", opened, err)
	}
}

func servicesFollowTheirEnvironment(t *testing.T, o store.Options) {
	s := open(t, o)
	e := bridge.Environment{Name: "before"}
	if err := s.SaveEnvironment(t.Context(), &e, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, environment := range []string{"before", "other"} {
		save(t, s, &bridge.Service{Name: "in " + environment, Environment: environment}, nil)
	}
	e.Name = "after"
	if err := s.SaveEnvironment(t.Context(), &e, nil, nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"in before": "after", "in other": "other"} {
		if got, err := s.Service(t.Context(), "", name); err != nil || got.Environment != want {
			t.Errorf("%s: %q, %v", name, got.Environment, err)
		}
	}
}

func environmentSecretsAreRewrapped(t *testing.T, o store.Options) {
	first := reopened(t, o, oldKey)
	e := bridge.Environment{Name: "a"}
	if err := first.SaveEnvironment(t.Context(), &e, secrets("one", "value"), nil); err != nil {
		t.Fatal(err)
	}
	if n, failed, err := reopened(t, o, newKey, oldKey).Rewrap(t.Context()); n != 1 || len(failed) != 0 || err != nil {
		t.Errorf("%d wrapped, %v, %v", n, failed, err)
	}
	after := reopened(t, o, newKey)
	states, err := after.CheckSecrets(t.Context())
	if err != nil || len(states) != 1 || states[0].Err != nil || states[0].Environment != "a" || states[0].Field != "one" {
		t.Errorf("%+v, %v", states, err)
	}
	if opened, err := after.EnvironmentSecrets(t.Context(), e.ID); err != nil || opened["one"].Reveal() != "value" {
		t.Errorf("%v, %v", opened, err)
	}
}

func environmentsAreBounded(t *testing.T, o store.Options) {
	s := open(t, o)
	for i := range bridge.MaxEnvironments + 1 {
		err := s.SaveEnvironment(t.Context(), &bridge.Environment{Name: fmt.Sprint(i)}, nil, nil)
		if (i < bridge.MaxEnvironments) != (err == nil) || err != nil && !errors.Is(err, store.ErrTooManyEnvironments) {
			t.Fatalf("%d: %v", i, err)
		}
	}
}
