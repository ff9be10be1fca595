package jwt

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"testing"
)

// FuzzParseKeys reads key sets. Only public keys come out: a symmetric one would be known to
// everybody who reads the set, and a private one would be a leak.
func FuzzParseKeys(f *testing.F) {
	for _, seed := range []string{
		`{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}]}`,
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
		`{"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}]}`,
		`{"keys":[{"kty":"oct","k":"AAAA","kid":"hmac"}]}`, `{"keys":[{"kty":"RSA","n":"AQ","e":"AQ"},null,1,{"kty":"x"}]}`, `{"keys":{}}`, `{"KEYS":[]}`, `{"keys":[{"kty":"EC","kty":"oct"}]}`, `{"keys":[{"x5c":["AA=="],"kty":"EC"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		keys, err := parseKeys(raw)
		if err != nil {
			return
		}
		for _, key := range keys {
			switch key.Key.(type) {
			case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			default:
				t.Errorf("a key of the type %T", key.Key)
			}
			if key.Use != "" && key.Use != "sig" {
				t.Errorf("a key for %q", key.Use)
			}
		}
		more := bytes.Replace(raw, []byte(`[`), []byte(`[{"kty":"oct","k":"AAAA"},`), 1)
		if again, err := parseKeys(more); len(keys) > 0 && err == nil && len(again) > len(keys) {
			t.Errorf("%d keys, and with a symmetric one %d", len(keys), len(again))
		}
	})
}

// FuzzObject compares ParseObject with encoding/json: what it accepts is read there under the
// same names with the same values.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"ada","aud":["a","b"],"exp":1.5e9}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"":null} `, `{"a":1}{}`, `{"aud":"a"}`, `{"aud":["a",null]}`, `{"exp":-0}`, `{"a":"\ud800"}`, `{"a":1,}`, "\ufeff{}",
	} {
		f.Add([]byte(seed), "aud")
	}
	f.Fuzz(func(t *testing.T, raw []byte, name string) {
		o, err := ParseObject(raw)
		if err != nil {
			return
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil || len(members) != len(o) {
			t.Fatalf("%d names, and encoding/json reads %d: %v", len(o), len(members), err)
		}
		for name, value := range members {
			if !bytes.Equal(bytes.TrimSpace(o[name]), bytes.TrimSpace(value)) {
				t.Errorf("%q is %s, and encoding/json reads %s", name, o[name], value)
			}
		}
		text, err := o.Text(name)
		if list, listErr := o.Texts(name); err == nil && o.Has(name) && (listErr != nil || len(list) != 1 || list[0] != text) {
			t.Errorf("%q is the text %q and the list %q, %v", name, text, list, listErr)
		}
		if at, err := o.Instant(name); err == nil && (o.Has(name) == at.IsZero() || o.Has(name) && (at.Unix() < 0 || at.Unix() > latestSecond)) {
			t.Errorf("%s is the time %v", o[name], at)
		}
	})
}
