package sign

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

func TestEveryKindAndFieldHasALabelHelpAndChip(t *testing.T) {
	raw, err := os.ReadFile("../../views/text/en/auth.json")
	if err != nil {
		t.Fatal(err)
	}
	var sentences map[string]string
	if err := json.Unmarshal(raw, &sentences); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, scheme := range Schemes() {
		want["auth.kind."+string(scheme.Kind)] = true
		want["auth.kind."+string(scheme.Kind)+".help"] = true
		if scheme.Kind != KindNone && !scheme.Named() { // the list of services counts the keys of a dialect
			want["auth.kind."+string(scheme.Kind)+".chip"] = true
		}
		for _, field := range scheme.Fields {
			want["auth.field."+field.Name] = true
			want["auth.field."+field.Name+".help"] = true
			// A kind may have its own name for a field.
			own := "auth.field." + string(scheme.Kind) + "." + field.Name
			if sentences[own] != "" {
				want[own], want[own+".help"] = true, true
			}
		}
	}
	for key := range want {
		if sentences[key] == "" {
			t.Errorf("%s has no sentence", key)
		}
	}
	for key := range sentences {
		if !want[key] {
			t.Errorf("%s belongs to no kind or field", key)
		}
	}
}

func TestSecretFieldsAreTheOnesThatLetIn(t *testing.T) {
	var got []string
	for _, scheme := range Schemes() {
		for _, field := range scheme.Fields {
			if field.Secret {
				got = append(got, string(scheme.Kind)+"."+field.Name)
			}
		}
	}
	want := []string{
		"token.token", "iam_password.password", "api_key.key", "aksk.secret_key", "aksk.security_token", "app_code.app_code",
		"app_key.app_key", "app_signature.app_secret", "bearer.token", "basic.password", "header.value", "query.value", "subprotocol.value",
		"sigv4.secret_key", "sigv4.security_token",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
