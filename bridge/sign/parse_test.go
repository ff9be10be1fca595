package sign

import (
	"encoding/json"
	"errors"
	"testing"

	"duplex/bridge/vault"

	"github.com/google/go-cmp/cmp"
)

func secrets(pairs ...string) map[string]vault.Secret {
	out := map[string]vault.Secret{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = vault.NewSecret(pairs[i+1])
	}
	return out
}

func TestParseReadsKindsAndFields(t *testing.T) {
	none := map[string]string{}
	for _, c := range []struct {
		raw  string
		want Credential
	}{
		{``, Credential{Kind: KindNone}},
		{` null `, Credential{Kind: KindNone}},
		{`{}`, Credential{Kind: KindNone}},
		{`{"kind":"none"}`, Credential{KindNone, none, secrets()}},
		{`{"kind":"token","token":"MII"}`, Credential{KindToken, none, secrets("token", "MII")}},
		{`{"kind":"token"}`, Credential{KindToken, none, secrets()}},
		{`{"kind":"token","token":""}`, Credential{KindToken, none, secrets()}},
		{
			`{"kind":"aksk","access_key":"AK","secret_key":"SK","security_token":null,"algorithm":""}`,
			Credential{KindAKSK, map[string]string{"access_key": "AK"}, secrets("secret_key", "SK", "security_token", "")},
		},
		{`{"kind":"app_key","app_key":"K"}`, Credential{KindAppKey, none, secrets("app_key", "K")}},
		{
			`{"kind":"app_signature","app_key":"K","app_secret":"S"}`,
			Credential{KindAppSignature, map[string]string{"app_key": "K"}, secrets("app_secret", "S")},
		},
	} {
		got, err := Parse(json.RawMessage(c.raw))
		if err != nil {
			t.Errorf("%s: %v", c.raw, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.raw, diff)
		}
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	for raw, want := range map[string]FieldError{
		`[]`:                                   {Field: "credential", Code: CodeBadValue},
		`"token"`:                              {Field: "credential", Code: CodeBadValue},
		`{`:                                    {Field: "credential", Code: CodeBadValue},
		`{"token":"x"}`:                        {Field: "kind", Code: CodeKindUnknown},
		`{"kind":""}`:                          {Field: "kind", Code: CodeKindUnknown},
		`{"kind":7}`:                           {Field: "kind", Code: CodeKindUnknown},
		`{"kind":"Token","token":"x"}`:         {Field: "kind", Code: CodeKindUnknown},
		`{"kind":"none","token":"x"}`:          {Field: "token", Code: CodeFieldUnknown},
		`{"kind":"token","Token":"x"}`:         {Field: "Token", Code: CodeFieldUnknown},
		`{"kind":"token","token":7}`:           {Field: "token", Code: CodeBadValue},
		`{"kind":"token","token":["x"]}`:       {Field: "token", Code: CodeBadValue},
		`{"kind":"aksk","access_key":null}`:    {Field: "access_key", Code: CodeBadValue},
		`{"kind":"aksk","b":"x","a":"x"}`:      {Field: "a", Code: CodeFieldUnknown},
		`{"kind":"token","token":{"token":1}}`: {Field: "token", Code: CodeBadValue},
	} {
		_, err := Parse(json.RawMessage(raw))
		if diff := cmp.Diff(&want, err); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

func TestValidateWantsEveryRequiredField(t *testing.T) {
	for _, scheme := range Schemes() {
		if err := aValidOne(scheme.Kind).Validate(); err != nil {
			t.Errorf("%s: %v", scheme.Kind, err)
		}
		for _, field := range scheme.Fields {
			c := aValidOne(scheme.Kind)
			delete(c.Plain, field.Name)
			delete(c.Secrets, field.Name)
			var want error
			switch {
			case field.Required && field.Secret:
				want = &FieldError{Field: field.Name, Code: CodeMissingSecret}
			case field.Required:
				want = &FieldError{Field: field.Name, Code: CodeMissingField}
			}
			if diff := cmp.Diff(want, c.Validate()); diff != "" {
				t.Errorf("%s without %s: %s", scheme.Kind, field.Name, diff)
			}
		}
	}
}

func TestValidateJudgesValues(t *testing.T) {
	for _, c := range []struct {
		kind               Kind
		field, value, code string
	}{
		{"", "", "", ""},
		{"magic", "", "", CodeKindUnknown},
		{KindToken, "token", "a b", CodeBadValue},
		{KindToken, "token", "a\n", CodeBadValue},
		{KindAPIKey, "key", "clé", CodeBadValue},
		{KindAKSK, "access_key", "A,B", CodeBadValue},
		{KindAKSK, "access_key", "A/B", CodeBadValue},
		{KindAKSK, "secret_key", " padded", CodeBadValue},
		{KindAKSK, "secret_key", "a/b+c=", ""},
		{KindAKSK, "algorithm", "SDK-HMAC-SM3", CodeBadValue},
		{KindAKSK, "algorithm", V11HMACSHA256, ""},
		{KindAKSK, "project_id", "p\r\nX: y", CodeBadValue},
		{KindAppKey, "app_key", "a/b,c", ""},
		{KindAppSignature, "app_key", "a/b", CodeBadValue},
		{KindBasic, "username", "a:b", CodeBadValue},
		{KindBasic, "password", "a:b c é", ""},
		{KindHeader, "name", "X Mine", CodeBadValue},
		{KindHeader, "name", "X-Mine:", CodeBadValue},
		{KindHeader, "name", "Origin", ""},
		{KindHeader, "name", "Host", CodeHeaderForbidden},
		{KindHeader, "name", "x_forwarded.user", CodeHeaderForbidden},
		{KindQuery, "name", "host", ""},
		{KindHeader, "name", "é", CodeBadValue},
		{KindHeader, "value", "a\r\nb", CodeBadValue},
		{KindHeader, "value", "a\x00", CodeBadValue},
		{KindHeader, "value", "Bearer; é\t", ""},
		{KindQuery, "name", "a b", ""},
		{KindQuery, "name", "a\n", CodeBadValue},
		{KindQuery, "value", "a\rb", CodeBadValue},
		{KindSubprotocol, "name", "a b", CodeBadValue},
		{KindSubprotocol, "name", "a,b", CodeBadValue},
		{KindSubprotocol, "value", "a/b=", CodeBadValue},
		{KindSubprotocol, "value", "a, b", CodeBadValue},
		{KindSubprotocol, "value", "eyJh.b-c_d~", ""},
		{KindSigV4, "placement", "body", CodeBadValue},
		{KindSigV4, "region", "eu/west", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://iam.cn-north-4.myhuaweicloud.com", ""},
		{KindIAMPassword, "iam_endpoint", "https://iam.example.com:31943/", ""},
		{KindIAMPassword, "iam_endpoint", "http://127.0.0.1:8081", ""},
		{KindIAMPassword, "iam_endpoint", "http://[::1]:8081", ""},
		{KindIAMPassword, "iam_endpoint", "http://localhost:8081", ""},
		{KindIAMPassword, "iam_endpoint", "http://iam.example.com", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "http://10.0.0.1", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://u:p@iam.example.com", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://iam.example.com/v3", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://iam.example.com?x", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://iam.example.com#x", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "iam.example.com", CodeBadValue},
		{KindIAMPassword, "iam_endpoint", "https://%", CodeBadValue},
	} {
		credential := aValidOne(c.kind)
		if _, secret := credential.Secrets[c.field]; secret {
			credential.Secrets[c.field] = vault.NewSecret(c.value)
		} else {
			credential.Plain[c.field] = c.value
		}
		var got string
		if fieldError, ok := errors.AsType[*FieldError](credential.Validate()); ok {
			got = fieldError.Code
		}
		if got != c.code {
			t.Errorf("%s %s=%q: %q, want %q", c.kind, c.field, c.value, got, c.code)
		}
	}
}

func TestV11NeedsARegion(t *testing.T) {
	for _, kind := range []Kind{KindAKSK, KindAppSignature} {
		c := aValidOne(kind)
		c.Plain["algorithm"] = V11HMACSHA256
		delete(c.Plain, "region")
		if diff := cmp.Diff(&FieldError{Field: "region", Code: CodeMissingField}, c.Validate()); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

func TestWithSavedFillsOnlySecretsLeftOutOfOneKind(t *testing.T) {
	saved := Credential{KindAKSK, map[string]string{"access_key": "OLD"}, secrets("secret_key", "old", "security_token", "tok")}
	for name, c := range map[string]struct{ given, want Credential }{
		"left out": {
			Credential{Kind: KindAKSK},
			Credential{KindAKSK, nil, secrets("secret_key", "old", "security_token", "tok")},
		},
		"given anew": {
			Credential{KindAKSK, map[string]string{"access_key": "NEW"}, secrets("secret_key", "new")},
			Credential{KindAKSK, map[string]string{"access_key": "NEW"}, secrets("secret_key", "new", "security_token", "tok")},
		},
		"taken away": {
			Credential{KindAKSK, nil, secrets("security_token", "")},
			Credential{KindAKSK, nil, secrets("secret_key", "old", "security_token", "")},
		},
		"another kind": {
			Credential{Kind: KindSigV4},
			Credential{Kind: KindSigV4},
		},
	} {
		if diff := cmp.Diff(c.want, c.given.WithSaved(saved)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(secrets("secret_key", "old", "security_token", "tok"), saved.Secrets); diff != "" {
		t.Errorf("the saved one changed: %s", diff)
	}
	if got := (Credential{Kind: KindToken}).WithSaved(Credential{Kind: KindToken}); got.Validate() == nil {
		t.Error("nothing saved filled a secret")
	}
}

func TestTableOfKindsCannotBeChangedByItsReaders(t *testing.T) {
	Schemes()[1].Fields[0].Secret = false
	if scheme, ok := SchemeOf(KindToken); !ok || !scheme.Fields[0].Secret {
		t.Error("a reader changed the table")
	}
}
