package vault

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func hexOf(digit byte) string { return strings.Repeat(string(digit), 64) }

func mustParse(t *testing.T, lines ...string) *Keyring {
	t.Helper()
	keyring, err := parseKeyring(strings.Join(lines, "\n") + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return keyring
}

func mustSeal(t *testing.T, k *Keyring, place Place, plain string) Sealed {
	t.Helper()
	sealed, err := k.Seal(place, NewSecret(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func here() Place { return Place{Table: "services", Row: "s1", Column: "secret_key"} }

func TestSealedSecretOpensWhereItWasSealed(t *testing.T) {
	keyring := mustParse(t, "k1:"+hexOf('1'))
	for _, plain := range []string{"", "x", value, strings.Repeat("token", 4000), "\x00\xff"} {
		sealed := mustSeal(t, keyring, here(), plain)
		got, err := keyring.Open(here(), sealed)
		if err != nil || got.Reveal() != plain {
			t.Errorf("%.20q opened as %.20q, %v", plain, got.Reveal(), err)
		}
		if sealed.KeyID != "k1" || plain != "" && len(plain) > 3 && bytes.Contains(sealed.Box, []byte(plain)) {
			t.Errorf("%.20q sealed as %+v", plain, sealed)
		}
	}
}

func TestTwoSealsOfOneValueDiffer(t *testing.T) {
	keyring := mustParse(t, "k1:"+hexOf('1'))
	a, b := mustSeal(t, keyring, here(), value), mustSeal(t, keyring, here(), value)
	if bytes.Equal(a.Box, b.Box) || bytes.Equal(a.WrappedKey, b.WrappedKey) {
		t.Error("two seals of one value are alike")
	}
	swapped := Sealed{KeyID: a.KeyID, WrappedKey: b.WrappedKey, Box: a.Box}
	if _, err := keyring.Open(here(), swapped); !errors.Is(err, ErrAltered) {
		t.Errorf("the data key of one opens the other: %v", err)
	}
}

func TestSealedSecretOpensInNoOtherPlace(t *testing.T) {
	keyring := mustParse(t, "k1:"+hexOf('1'))
	sealed := mustSeal(t, keyring, here(), value)
	for _, place := range []Place{
		{},
		{"services", "s2", "secret_key"},
		{"services", "s1", "security_token"},
		{"people", "s1", "secret_key"},
		{"service", "ss1", "secret_key"}, // the same letters, cut elsewhere
		{"services", "s1s", "ecret_key"},
	} {
		if got, err := keyring.Open(place, sealed); !errors.Is(err, ErrAltered) || !got.IsZero() {
			t.Errorf("%v: %v", place, err)
		}
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	keyring := mustParse(t, "k1:"+hexOf('1'))
	sealed := mustSeal(t, keyring, here(), value)
	for _, part := range [][]byte{sealed.Box, sealed.WrappedKey} {
		for i := range part {
			part[i] ^= 1
			if _, err := keyring.Open(here(), sealed); !errors.Is(err, ErrAltered) {
				t.Errorf("byte %d: %v", i, err)
			}
			part[i] ^= 1
		}
	}
	for _, cut := range []Sealed{
		{KeyID: "k1"},
		{KeyID: "k1", WrappedKey: sealed.WrappedKey},
		{KeyID: "k1", WrappedKey: sealed.WrappedKey[:27], Box: sealed.Box},
		{KeyID: "k1", WrappedKey: sealed.Box, Box: sealed.WrappedKey},
	} {
		if _, err := keyring.Open(here(), cut); !errors.Is(err, ErrAltered) {
			t.Errorf("cut: %v", err)
		}
	}
}

func TestWithoutItsKeyASecretStaysShut(t *testing.T) {
	sealed := mustSeal(t, mustParse(t, "k1:"+hexOf('1')), here(), value)
	other := mustParse(t, "k2:"+hexOf('1'))
	_, openErr := other.Open(here(), sealed)
	_, rewrapErr := other.Rewrap(here(), sealed)
	for _, err := range []error{openErr, rewrapErr} {
		var missing *KeyMissingError
		if !errors.As(err, &missing) || missing.ID != "k1" {
			t.Errorf("id unknown: %v", err)
		}
	}
	if _, err := mustParse(t, "k1:"+hexOf('2')).Open(here(), sealed); !errors.Is(err, ErrAltered) {
		t.Errorf("another key of the same id: %v", err)
	}
}

func TestRewrapMovesToTheNewestKeyAndLeavesTheBox(t *testing.T) {
	before := mustParse(t, "k1:"+hexOf('1'))
	during := mustParse(t, "k2:"+hexOf('2'), "k1:"+hexOf('1'))
	after := mustParse(t, "k2:"+hexOf('2'))

	sealed := mustSeal(t, before, here(), value)
	rewrapped, err := during.Rewrap(here(), sealed)
	if err != nil || rewrapped.KeyID != "k2" || !bytes.Equal(rewrapped.Box, sealed.Box) {
		t.Fatalf("%+v, %v", rewrapped, err)
	}
	for name, keyring := range map[string]*Keyring{"during": during, "after": after} {
		if got, err := keyring.Open(here(), rewrapped); err != nil || got.Reveal() != value {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again, err := during.Rewrap(here(), rewrapped); err != nil || !reflect.DeepEqual(again, rewrapped) {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if _, err := during.Rewrap(Place{}, sealed); !errors.Is(err, ErrAltered) {
		t.Errorf("in another place: %v", err)
	}
}

func TestFingerprintTellsValuesApartAndOutlivesANewKey(t *testing.T) {
	before := mustParse(t, "k1:"+hexOf('1'))
	during := mustParse(t, "k2:"+hexOf('2'), "k1:"+hexOf('1'))
	// Written down once: fingerprints are stored.
	if got := before.Fingerprint(NewSecret(value)); got != during.Fingerprint(NewSecret(value)) || got != storedFingerprint {
		t.Errorf("%s, then %s", got, during.Fingerprint(NewSecret(value)))
	}
	if before.Fingerprint(NewSecret(value)) == before.Fingerprint(NewSecret(value+"!")) {
		t.Error("two values have one fingerprint")
	}
	if other := mustParse(t, "k1:"+hexOf('3')); other.Fingerprint(NewSecret(value)) == storedFingerprint {
		t.Error("the fingerprint does not hang on the key")
	}
}

func TestSecretSealedByAnEarlierVersionOpens(t *testing.T) {
	got, err := mustParse(t, "k1:"+hexOf('1')).Open(here(), storedSealed(t))
	if err != nil || got.Reveal() != value {
		t.Errorf("%v", err)
	}
}

func TestDerivedKeysBelongToOnePurposeAndOneKey(t *testing.T) {
	derive := func(k *Keyring, purpose string) [][]byte {
		t.Helper()
		keys, err := k.Derive(purpose)
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	before := mustParse(t, "k1:"+hexOf('1'))
	during := mustParse(t, "k2:"+hexOf('2'), "k1:"+hexOf('1'))
	old, both := derive(before, "a"), derive(during, "a")
	if len(old) != 1 || len(both) != 2 || len(old[0]) != keyBytes || !bytes.Equal(both[1], old[0]) || bytes.Equal(both[0], old[0]) {
		t.Error("the newest key is not in front of the one before")
	}
	if bytes.Equal(derive(before, "b")[0], old[0]) {
		t.Error("two purposes have one key")
	}
}
