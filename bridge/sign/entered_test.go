package sign

import (
	"errors"
	"testing"
)

func TestShortSecretsAreNotTaken(t *testing.T) {
	for value, taken := range map[string]bool{"": true, "a": false, "12345": false, "123456": true, "é é": false, "ééé": true} {
		c := Credential{Kind: KindAKSK, Secrets: secrets("secret_key", "long enough", "security_token", value)}
		err := c.CheckEntered()
		if wrong, ok := errors.AsType[*FieldError](err); ok == taken || ok && *wrong != (FieldError{Field: "security_token", Code: CodeSecretTooShort}) {
			t.Errorf("%q: %v", value, err)
		}
	}
}
