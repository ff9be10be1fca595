package sign

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCredentialOfADialectIsRead(t *testing.T) {
	c, err := Parse([]byte(`{"kind":"dialect","vars":{"language":"en","rate":16000,"id":9007199254740993,"vad":true,"empty":""},
		"secrets":{"api_key":"the-secret","gone":null,"kept":{"set":true,"fingerprint":"00000000"},"left":""}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"language": "en", "rate": "16000", "id": "9007199254740993", "vad": "true"}, c.Plain); diff != "" {
		t.Error(diff)
	}
	if _, said := c.Secrets["gone"]; !said || c.Secrets["api_key"].Reveal() != "the-secret" || len(c.Secrets) != 2 {
		t.Errorf("secrets %v", c.Secrets)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestCredentialOfADialectNamesTheWrongInput(t *testing.T) {
	for raw, want := range map[string]string{
		`"vars":[]`: "vars bad_value", `"secrets":"x"`: "secrets bad_value", `"token":"x"`: "token credential_field_unknown",
		`"vars":{"a":null}`: "vars.a bad_value", `"vars":{"a":{}}`: "vars.a bad_value", `"vars":{"a b":"x"}`: "vars.a b bad_value",
		`"vars":{"a":"\u0000"}`: "vars.a bad_value", `"secrets":{"a":7}`: "secrets.a bad_value",
		`"secrets":{"client_key_pem":"the-secret"}`: "secrets.client_key_pem bad_value", // the key of a client certificate
	} {
		_, err := Parse([]byte(`{"kind":"dialect",` + raw + `}`))
		wrong, ok := errors.AsType[*FieldError](err)
		if !ok || fmt.Sprint(wrong.Field, " ", wrong.Code) != want {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
}
