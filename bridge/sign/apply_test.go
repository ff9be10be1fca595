package sign

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/vault"

	"github.com/google/go-cmp/cmp"
)

// dialTime is the date of the vectors, in another zone: dates are sent in UTC.
func dialTime() time.Time {
	return time.Date(2026, 11, 23, 16, 0, 0, 0, time.FixedZone("CST", 8*3600))
}

// credential makes one from fields as people give them.
func credential(kind Kind, fields map[string]string) Credential {
	c := Credential{Kind: kind, Plain: map[string]string{}, Secrets: map[string]vault.Secret{}}
	scheme, _ := SchemeOf(kind)
	for name, value := range fields {
		if field, _ := scheme.field(name); field.Secret {
			c.Secrets[name] = vault.NewSecret(value)
		} else {
			c.Plain[name] = value
		}
	}
	return c
}

func handshake(t *testing.T, raw string) *Handshake {
	t.Helper()
	u := mustURL(t, raw)
	return &Handshake{URL: u, Host: u.Host, Header: http.Header{}}
}

func TestSimpleKindsWriteTheirHeaderExactly(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		fields  map[string]string
		header  http.Header
		query   string
		applied Applied
	}{
		{KindNone, nil, http.Header{}, "q=a+b", Applied{}},
		{"", nil, http.Header{}, "q=a+b", Applied{}},
		{KindToken, map[string]string{"token": "MII"}, http.Header{"X-Auth-Token": {"MII"}}, "q=a+b", Applied{Headers: []string{"X-Auth-Token"}}},
		{KindAPIKey, map[string]string{"key": "k"}, http.Header{"Authorization": {"Bearer k"}}, "q=a+b", Applied{Headers: []string{"Authorization"}}},
		{KindBearer, map[string]string{"token": "t"}, http.Header{"Authorization": {"Bearer t"}}, "q=a+b", Applied{Headers: []string{"Authorization"}}},
		{KindAppCode, map[string]string{"app_code": "c"}, http.Header{"X-Apig-AppCode": {"c"}}, "q=a+b", Applied{Headers: []string{"X-Apig-AppCode"}}},
		{KindAppKey, map[string]string{"app_key": "a/k"}, http.Header{"apikey": {"a/k"}}, "q=a+b", Applied{Headers: []string{"apikey"}}},
		{
			KindBasic, map[string]string{"username": "Aladdin", "password": "open sesame"}, // RFC 7617 section 2
			http.Header{"Authorization": {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}, "q=a+b", Applied{Headers: []string{"Authorization"}},
		},
		{KindHeader, map[string]string{"name": "xi-api-key", "value": "v w"}, http.Header{"xi-api-key": {"v w"}}, "q=a+b", Applied{Headers: []string{"xi-api-key"}}},
		{KindQuery, map[string]string{"name": "key", "value": "a b&c"}, http.Header{}, "q=a+b&key=a%20b%26c", Applied{Query: []string{"key"}}},
	} {
		h := handshake(t, "wss://h/p?q=a+b")
		applied, err := Apply(h, credential(c.kind, c.fields), dialTime())
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
		}
		if diff := cmp.Diff([]any{c.header, c.query, c.applied}, []any{h.Header, h.URL.RawQuery, applied}); diff != "" {
			t.Errorf("%s: %s", c.kind, diff)
		}
	}
}

func TestHuaweiKindsSignWhatTheVectorsSign(t *testing.T) {
	applied := 0
	for _, v := range readVectors(t) {
		fields := map[string]string{
			"access_key": v.AK, "secret_key": v.SK, "region": v.Region, "service": v.Service, "algorithm": v.signer().Algorithm,
			"project_id": v.Headers["X-Project-Id"], "security_token": v.Headers["X-Security-Token"],
		}
		kind := KindAKSK
		if v.SignedHeaders == "host;x-sdk-date" { // nothing that only AK/SK has
			kind = KindAppSignature
			fields = map[string]string{"app_key": v.AK, "app_secret": v.SK, "region": v.Region, "service": v.Service, "algorithm": fields["algorithm"]}
		}
		if !strings.HasPrefix(v.SignedHeaders, "host;x-") || strings.Contains(v.SignedHeaders, "x-stage") {
			continue // signs a header that people set, which Apply never does
		}
		applied++
		h := handshake(t, v.URL)
		path := h.URL.Path
		if _, err := Apply(h, credential(kind, fields), dialTimeOf(t, v.Date)); err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		want := http.Header{"Authorization": {v.Authorization}}
		for name, value := range v.Headers {
			if name != "Host" {
				want[name] = []string{value}
			}
		}
		if diff := cmp.Diff(want, h.Header); diff != "" {
			t.Errorf("%s: %s", v.Name, diff)
		}
		if query := strings.Split(v.CanonicalRequest, "\n")[2]; h.URL.RawQuery != query || h.URL.Path != path {
			t.Errorf("%s: sends %q?%q, signed %q", v.Name, h.URL.Path, h.URL.RawQuery, query)
		}
	}
	if applied != 14 {
		t.Errorf("%d vectors were applied, want 14", applied)
	}
}

func dialTimeOf(t *testing.T, date string) time.Time {
	t.Helper()
	at, err := time.Parse(sdkDateFormat, date)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHuaweiSignsTheHostThatIsSentAndNoHeaderOfPeople(t *testing.T) {
	h := handshake(t, "ws://127.0.0.1:8443/ws?b=2&a=1")
	h.Host = "gw.example.com"
	h.Header["X-Stage"] = []string{"RELEASE"}
	c := credential(KindAKSK, map[string]string{"access_key": "AK", "secret_key": "sk", "security_token": "tok", "project_id": "p1"})
	applied, err := Apply(h, c, dialTime())
	if err != nil {
		t.Fatal(err)
	}
	signed := http.Header{
		"Host": {"gw.example.com"}, "X-Sdk-Date": {"20261123T080000Z"}, "X-Security-Token": {"tok"}, "X-Project-Id": {"p1"},
	}
	want, err := HMAC{Algorithm: SDKHMACSHA256, Access: "AK", Secret: vault.NewSecret("sk")}.Sign("GET", h.URL, signed)
	if err != nil || h.Header["Authorization"][0] != want.Authorization {
		t.Errorf("got  %v\nwant %v, %v", h.Header["Authorization"], want.Authorization, err)
	}
	if diff := cmp.Diff(Applied{Headers: []string{"X-Security-Token", "Authorization"}}, applied); diff != "" {
		t.Error(diff)
	}
}

func TestV11DefaultsToTheServiceOfDedicatedGateways(t *testing.T) {
	h := handshake(t, "wss://h/")
	c := credential(KindAppSignature, map[string]string{"app_key": "AK", "app_secret": "s", "algorithm": V11HMACSHA256, "region": "cn-north-4"})
	if _, err := Apply(h, c, dialTime()); err != nil {
		t.Fatal(err)
	}
	if got := h.Header["Authorization"][0]; !strings.HasPrefix(got, "V11-HMAC-SHA256 Credential=AK/20261123/cn-north-4/apic, SignedHeaders=host;x-sdk-date, ") {
		t.Error(got)
	}
}

// aValidOne returns a credential of kind with every field set.
func aValidOne(kind Kind) Credential {
	scheme, _ := SchemeOf(kind)
	fields := map[string]string{}
	for _, field := range scheme.Fields {
		fields[field.Name] = "value"
		if field.Choices != nil {
			fields[field.Name] = field.Default
		}
	}
	if kind == KindIAMPassword {
		fields["iam_endpoint"] = "https://iam.example.com"
	}
	return credential(kind, fields)
}

func TestSubprotocolIsOfferedLastAndOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		offer []string
		want  []string
	}{
		{"openai-insecure-api-key.", []string{"realtime"}, []string{"realtime", "openai-insecure-api-key.sk-secret"}},
		{"", []string{"token"}, []string{"token", "sk-secret"}},
		{"", nil, []string{"sk-secret"}},
		{"", []string{"sk-secret", "b"}, []string{"sk-secret", "b"}},
	} {
		h := handshake(t, "wss://h/")
		h.Subprotocols = c.offer
		before := slices.Clone(c.offer)
		_, err := Apply(h, credential(KindSubprotocol, map[string]string{"name": c.name, "value": "sk-secret"}), dialTime())
		if err != nil || !slices.Equal(h.Subprotocols, c.want) || !slices.Equal(c.offer, before) {
			t.Errorf("%s %v: offered %v: %v", c.name, c.offer, h.Subprotocols, err)
		}
	}
}

func TestHeaderSetByHandIsRefusedWhateverItsCase(t *testing.T) {
	for _, scheme := range Schemes() {
		h := handshake(t, "wss://h/")
		applied, err := Apply(h, aValidOne(scheme.Kind), dialTime())
		if err != nil && !errors.Is(err, ErrNotExchanged) {
			t.Fatalf("%s: %v", scheme.Kind, err)
		}
		if len(h.Header) == 0 && len(applied.Headers) > 0 {
			t.Fatalf("%s: claims %v", scheme.Kind, applied)
		}
		for name := range h.Header {
			byHand := handshake(t, "wss://h/?b=2&a=1")
			byHand.Header[strings.ToUpper(name)] = []string{"mine"}
			_, err := Apply(byHand, aValidOne(scheme.Kind), dialTime())
			if diff := cmp.Diff(&FieldError{Field: "headers", Code: CodeHeaderConflict, Header: name}, err); diff != "" {
				t.Errorf("%s, %s: %s", scheme.Kind, name, diff)
			}
			if len(byHand.Header) != 1 || byHand.URL.RawQuery != "b=2&a=1" {
				t.Errorf("%s, %s: a refusal changed the request: %v", scheme.Kind, name, byHand)
			}
		}
	}
}

func TestQueryParameterSetByHandIsRefused(t *testing.T) {
	presigned := credential(KindSigV4, map[string]string{"access_key": "AK", "secret_key": "s", "region": "r", "service": "s", "placement": "query"})
	for raw, c := range map[string]Credential{
		"wss://h/?k%65y=1":      credential(KindQuery, map[string]string{"name": "key", "value": "v"}),
		"wss://h/?x-amz-date=1": presigned,
	} {
		_, err := Apply(handshake(t, raw), c, dialTime())
		if diff := cmp.Diff(&FieldError{Field: "params", Code: CodeQueryConflict}, err); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

// A service that was saved before the rule is refused when it is dialled.
func TestApplyRefusesAHeaderOfTheConnection(t *testing.T) {
	for _, name := range []string{"Host", "host", "CONNECTION", "sec-websocket-key", "X_Forwarded_User", "Proxy-Authorization", "x.duplex.ticket"} {
		h := handshake(t, "wss://h/")
		_, err := Apply(h, credential(KindHeader, map[string]string{"name": name, "value": "secret"}), dialTime())
		if diff := cmp.Diff(&FieldError{Field: "name", Code: CodeHeaderForbidden, Header: name}, err); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(h.Header) != 0 {
			t.Errorf("%s: the handshake has %v", name, h.Header)
		}
	}
}

func TestConflictsAreFoundWithoutTheSecrets(t *testing.T) {
	for _, scheme := range Schemes() {
		c := aValidOne(scheme.Kind)
		clear(c.Secrets)
		free := handshake(t, "wss://h/?a=1")
		free.Header["X-Mine"] = []string{"1"}
		if err := CheckConflict(free, c); err != nil {
			t.Errorf("%s: %v", scheme.Kind, err)
		}
		if len(free.Header) != 1 || free.URL.RawQuery != "a=1" {
			t.Errorf("%s: the check changed the request: %v", scheme.Kind, free)
		}
	}
	byHand := handshake(t, "wss://h/?KEY=1&key=2")
	byHand.Header["x-auth-token"] = []string{"mine"}
	for kind, code := range map[Kind]string{KindToken: CodeHeaderConflict, KindIAMPassword: CodeHeaderConflict, KindQuery: CodeQueryConflict} {
		c := aValidOne(kind)
		if kind == KindQuery {
			c.Plain["name"] = "key"
		}
		clear(c.Secrets)
		if wrong, ok := errors.AsType[*FieldError](CheckConflict(byHand, c)); !ok || wrong.Code != code {
			t.Errorf("%s: %v", kind, wrong)
		}
	}
}

func TestSignedKindsRefuseAmbiguousAddressesAndOthersDoNot(t *testing.T) {
	for _, scheme := range Schemes() {
		signed := scheme.Kind == KindAKSK || scheme.Kind == KindAppSignature || scheme.Kind == KindSigV4
		for raw, code := range map[string]string{"wss://h/a//b": CodePathAmbiguous, "wss://h/?a=1;b=2": CodeQueryAmbiguous} {
			_, err := Apply(handshake(t, raw), aValidOne(scheme.Kind), dialTime())
			var fieldError *FieldError
			if got := errors.As(err, &fieldError); got != signed {
				t.Errorf("%s, %s: %v", scheme.Kind, raw, err)
			}
			if fieldError != nil && *fieldError != (FieldError{Field: "address", Code: code}) {
				t.Errorf("%s, %s: %v", scheme.Kind, raw, fieldError)
			}
		}
	}
}

func TestIAMPasswordIsNotApplied(t *testing.T) {
	h := handshake(t, "wss://h/")
	if _, err := Apply(h, aValidOne(KindIAMPassword), dialTime()); !errors.Is(err, ErrNotExchanged) || len(h.Header) != 0 {
		t.Errorf("%v, %v", h.Header, err)
	}
}

func TestApplyNeedsNoHeaderMapAndNoHost(t *testing.T) {
	h := &Handshake{URL: &url.URL{Scheme: "wss", Host: "h:8443"}}
	if _, err := Apply(h, aValidOne(KindAKSK), dialTime()); err != nil || len(h.Header) == 0 {
		t.Errorf("%v, %v", h.Header, err)
	}
}
