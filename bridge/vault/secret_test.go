package vault

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const value = "correct-horse-battery"

// printed is every way a value reaches text by accident.
func printed(t *testing.T, v any) string {
	t.Helper()
	var out strings.Builder
	for verb := range strings.SplitSeq("%v %+v %#v %s %q %x %X %d %t %T %p %b %o %O %c %U %e %g %w", " ") {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).InfoContext(t.Context(), "printed", "value", v, slog.Group("group", "value", v))
	}
	fmt.Fprint(&out, v, fmt.Errorf("wrapped: %v", v))
	for _, encode := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		text, err := encode(v)
		fmt.Fprintf(&out, "%s %v\n", text, err)
	}
	return out.String()
}

func TestSecretHidesUnderEveryVerbAndEncoder(t *testing.T) {
	secret := NewSecret(value)
	type exported struct{ Secret Secret }
	type unexported struct{ secret Secret }
	for name, v := range map[string]any{
		"itself":           secret,
		"pointer":          &secret,
		"slice":            []Secret{secret},
		"map":              map[string]Secret{"k": secret},
		"key":              map[Secret]string{secret: "v"},
		"exported field":   exported{secret},
		"pointer to it":    &exported{secret},
		"unexported field": unexported{secret},
		"nested":           struct{ inner *unexported }{&unexported{secret}},
		"interface":        []any{secret},
	} {
		text := printed(t, v)
		for _, form := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprintf("%d", []byte(value))} {
			if strings.Contains(text, form) {
				t.Errorf("%s prints %q:\n%s", name, form, text)
			}
		}
	}
}

func TestSecretRefusesGob(t *testing.T) {
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(NewSecret(value)); err == nil || bytes.Contains(out.Bytes(), []byte(value)) {
		t.Errorf("gob wrote %q, %v", out.Bytes(), err)
	}
}

func TestSecretsOfOneValueAreEqual(t *testing.T) {
	if !NewSecret(value).Equal(NewSecret(value)) || NewSecret(value).Equal(NewSecret("other")) {
		t.Error("Equal does not compare values")
	}
	var zero Secret
	if !zero.IsZero() || !NewSecret("").Equal(zero) || zero.Reveal() != "" || NewSecret(value).IsZero() {
		t.Error("the zero Secret is not the empty one")
	}
	if got := NewSecret(value).Reveal(); got != value {
		t.Errorf("Reveal: %q", got)
	}
}

func TestKeyringHidesUnderEveryVerb(t *testing.T) {
	keyring := mustParse(t, "new:"+hexOf('1'), "old:"+hexOf('2'))
	if text := fmt.Sprintf("%v %+v %#v %s %x %d", keyring, keyring, keyring, keyring, keyring, keyring); strings.ReplaceAll(text, "[keyring]", "") != "     " {
		t.Errorf("prints %s", text)
	}
	if text := printed(t, keyring); strings.Contains(text, "old") || strings.Contains(text, strings.Trim(fmt.Sprintf("%d", keyring.keys[1].fingerprint), "[]")) {
		t.Errorf("prints %s", text)
	}
}

func TestKeyMissingErrorNamesTheKey(t *testing.T) {
	if err := error(&KeyMissingError{ID: "k1"}); !strings.Contains(err.Error(), "k1") || errors.Is(err, ErrAltered) {
		t.Error(err)
	}
}
