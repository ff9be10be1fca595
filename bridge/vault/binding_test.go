package vault

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func bound() Binding {
	return Binding{Targets: []string{"a.example", "*.b.example:8443"}, TLS: true, Endpoint: "https://iam.example", Owner: "ann"}
}

func TestSecretComesBackBoundAsItWasSealed(t *testing.T) {
	keyring := mustParse(t, "k1:"+hexOf('1'))
	secret := NewSecret(value).Bind(bound())
	sealed, err := keyring.Seal(here(), secret)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := keyring.Open(here(), sealed)
	if err != nil || !opened.Equal(secret) {
		t.Errorf("opened %v, %v", opened, err)
	}
	if got, is := opened.Binding(); !is || !reflect.DeepEqual(got, bound()) {
		t.Errorf("bound to %+v, %v", got, is)
	}
	if got := ParseBinding(sealed.Binding); !reflect.DeepEqual(got, bound()) {
		t.Errorf("shown as %+v", got)
	}
}

// Write access to the database allows a change of every column of a row.
func TestNoEditOfARowMovesOrWidensASecret(t *testing.T) {
	keyring := mustParse(t, "k1:"+hexOf('1'))
	seal := func(secret Secret) Sealed {
		t.Helper()
		sealed, err := keyring.Seal(here(), secret)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	own, mine, free := seal(NewSecret(value).Bind(bound())), seal(NewSecret("mine-of-mallory").Bind(Binding{Targets: []string{"evil.example"}})), seal(NewSecret(value))
	edits := map[string]Sealed{
		"binding of another's": {own.KeyID, own.WrappedKey, own.Box, mine.Binding},
		"box of another's":     {own.KeyID, own.WrappedKey, mine.Box, own.Binding},
		"set free":             {own.KeyID, own.WrappedKey, own.Box, ""},
		"bound by hand":        {free.KeyID, free.WrappedKey, free.Box, mine.Binding},
	}
	for _, b := range []string{
		strings.Replace(own.Binding, "a.example", "e.example", 1), strings.Replace(own.Binding, "true", "false", 1),
		strings.Replace(own.Binding, "ann", "eve", 1), strings.Replace(own.Binding, "iam.", "evil.", 1), own.Binding + " ",
	} {
		edits[b] = Sealed{own.KeyID, own.WrappedKey, own.Box, b}
	}
	for name, edited := range edits {
		if got, err := keyring.Open(here(), edited); !errors.Is(err, ErrAltered) || !got.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBindingThatCannotBeReadAllowsNothing(t *testing.T) {
	for _, text := range []string{"", "nonsense", `{"targets":3}`} {
		if b := ParseBinding(text); len(b.Targets) != 0 || b.Endpoint != "" {
			t.Errorf("%q: %+v", text, b)
		}
	}
	if _, is := NewSecret(value).Binding(); is {
		t.Error("a secret that was never bound says it is")
	}
	if got := NewSecret("").Bind(bound()); !got.IsZero() {
		t.Error("nothing was bound")
	}
}

func TestBoundSecretHidesToo(t *testing.T) {
	secret := NewSecret(value).Bind(bound())
	type unexported struct{ secret Secret }
	for _, v := range []any{secret, &secret, unexported{secret}, []any{secret}} {
		if text := printed(t, v); strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) {
			t.Errorf("prints %s", text)
		}
	}
}

func TestRewrapKeepsTheBinding(t *testing.T) {
	sealed, err := mustParse(t, "k1:"+hexOf('1')).Seal(here(), NewSecret(value).Bind(bound()))
	if err != nil {
		t.Fatal(err)
	}
	rewrapped, err := mustParse(t, "k2:"+hexOf('2'), "k1:"+hexOf('1')).Rewrap(here(), sealed)
	if err != nil || rewrapped.Binding != sealed.Binding {
		t.Fatalf("%+v, %v", rewrapped, err)
	}
	if got, err := mustParse(t, "k2:"+hexOf('2')).Open(here(), rewrapped); err != nil || !got.Equal(NewSecret(value).Bind(bound())) {
		t.Errorf("%v", err)
	}
}
