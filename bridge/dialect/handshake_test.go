package dialect

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// parseConnecting reads a dialect with the rest that every one has.
func parseConnecting(t *testing.T, text string) *Dialect {
	t.Helper()
	d, err := Parse([]byte("dialect: 1\nname: test\ntitle: {en: Test, zh: 测试}\n" + text + "\nreceive: {envelope: json}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func secretsOf(pairs ...string) map[string]vault.Secret {
	out := map[string]vault.Secret{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = vault.NewSecret(pairs[i+1])
	}
	return out
}

func mustURL(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := dial.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// connects returns what a dialect adds to the handshake with an address.
func connects(t *testing.T, d *Dialect, v Values, address string, now time.Time) (*Connection, dial.Added) {
	t.Helper()
	u := mustURL(t, address)
	c, err := d.Connect(v, u, now)
	if err != nil {
		t.Fatal(err)
	}
	added, err := c.Sign(u, now)
	if err != nil {
		t.Fatal(err)
	}
	return c, added
}

// masks reports whether a text is among the masked ones.
func masks(a dial.Added, text string) bool {
	return slices.ContainsFunc(a.Masked, func(s vault.Secret) bool { return s.Reveal() == text })
}

type vectors struct {
	IFlytek []struct {
		Host, Path, Date, Secret, Signature, Authorization string

		APIKey string `json:"api_key"`
	}
	Tencent []struct {
		Address, Engine, Secret, Signature string

		SecretID string `json:"secret_id"`
		Time     int64
	}
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/signatures.json")
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const iflytek = `
vars: {app_id: {}, api_key: {}, vendor: {default: iat-api.xfyun.cn}}
secrets: [api_secret]
sign:
  let:
    - [date, "{{$now|rfc1123}}"]
    - [origin, "host: {{vendor}}\ndate: {{date}}\nGET {{path}} HTTP/1.1"]
    - [signature, "{{origin|hmac_sha256:secret.api_secret|base64}}"]
    - [authorization, 'api_key="{{api_key}}", algorithm="hmac-sha256", headers="host date request-line", signature="{{signature}}"']
  query: [[authorization, "{{authorization|base64}}"], [date, "{{date}}"], [host, "{{vendor}}"]]
`

// The vendor's host is signed although the address is that of a gateway.
func TestIFlytekSignsAsItsDocumentsShow(t *testing.T) {
	d := parseConnecting(t, iflytek)
	for _, want := range readVectors(t).IFlytek {
		now, err := http.ParseTime(want.Date)
		if err != nil {
			t.Fatal(err)
		}
		v := Values{Vars: map[string]string{"app_id": "a", "api_key": want.APIKey, "vendor": want.Host}, Secrets: secretsOf("api_secret", want.Secret)}
		_, added := connects(t, d, v, "ws://127.0.0.1:9"+want.Path, now)
		query := added.URL.Query()
		authorization := query.Get("authorization")
		plain, err := base64.StdEncoding.DecodeString(authorization)
		if err != nil || !strings.HasSuffix(string(plain), fmt.Sprintf("signature=%q", want.Signature)) || want.Authorization != "" && authorization != want.Authorization {
			t.Errorf("authorization %s, %s, %v", authorization, plain, err)
		}
		if query.Get("host") != want.Host || query.Get("date") != want.Date || added.URL.Host != "127.0.0.1:9" {
			t.Errorf("sent %s", added.URL)
		}
		if !slices.Equal(added.Secret.Query, []string{"authorization"}) || !masks(added, authorization) || !masks(added, want.Signature) || !masks(added, want.Secret) {
			t.Errorf("masked are %v and %d texts", added.Secret.Query, len(added.Masked))
		}
	}
}

const tencent = `
vars: {secret_id: {}, engine: {default: 16k_zh}}
secrets: [secret_key]
sign:
  query:
    - [secretid, "{{secret_id}}"]
    - [timestamp, "{{$now|unix}}"]
    - [expired, "{{$now|unix:+86400}}"]
  then:
    - [origin, "asr.cloud.tencent.com{{path}}?{{$query_sorted}}"]
    - [signature, "{{origin|hmac_sha1:secret.secret_key|base64}}"]
  query_after: [[signature, "{{signature}}"]]
handshake: {query: [[engine_model_type, "{{engine}}"]]}
`

// Raw values are signed, in order of their names; the address is escaped afterwards.
func TestTencentSignsRawValues(t *testing.T) {
	d := parseConnecting(t, tencent)
	for _, want := range readVectors(t).Tencent {
		v := Values{Vars: map[string]string{"secret_id": want.SecretID, "engine": want.Engine}, Secrets: secretsOf("secret_key", want.Secret)}
		_, added := connects(t, d, v, want.Address, time.Unix(want.Time, 0))
		if got := added.URL.Query().Get("signature"); got != want.Signature {
			t.Errorf("signature %s, want %s", got, want.Signature)
		}
		if behind := "&signature=" + url.QueryEscape(want.Signature); !strings.HasSuffix(added.URL.RawQuery, behind) {
			t.Errorf("%s ends not with %s", added.URL.RawQuery, behind)
		}
		if !strings.HasPrefix(added.URL.String(), want.Address) {
			t.Errorf("the address is spelled %s", added.URL)
		}
	}
}

// The built-in dialect signs as the vendor's example does.
func TestBuiltinOfIFlytekSignsAsItsDocumentShows(t *testing.T) {
	d, found := Builtin("iflytek-iat")
	if !found {
		t.Fatal("there is none")
	}
	want := readVectors(t).IFlytek[0]
	now, err := http.ParseTime(want.Date)
	if err != nil {
		t.Fatal(err)
	}
	v := Values{Vars: map[string]string{"app_id": "a", "api_key": want.APIKey}, Secrets: secretsOf("api_secret", want.Secret)}
	_, added := connects(t, d, v, "ws://gateway.example"+want.Path, now)
	if got := added.URL.Query().Get("authorization"); got != want.Authorization {
		t.Errorf("authorization %s", got)
	}
}

// A second dial has a signature, an id and a date of its own.
func TestEachDialIsSignedAnew(t *testing.T) {
	d := parseConnecting(t, strings.Replace(iflytek, "sign:", `session: {task_id: "{{$uuid|nodash}}"}
handshake: {query: [[task, "{{task_id}}"]]}
sign:`, 1))
	v := Values{Vars: map[string]string{"app_id": "a", "api_key": "k"}, Secrets: secretsOf("api_secret", "a-secret")}
	start := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	_, first := connects(t, d, v, "wss://a.example/v2/iat", start)
	_, second := connects(t, d, v, "wss://a.example/v2/iat", start.Add(6*time.Minute))
	for _, name := range []string{"authorization", "date", "task"} {
		if a, b := first.URL.Query().Get(name), second.URL.Query().Get(name); a == "" || a == b {
			t.Errorf("%s: %q and %q", name, a, b)
		}
	}
}

const parts = `
vars: {model: {default: m-1}, region: {default: ""}, tone: {}}
secrets: [api_key, {name: other, optional: true}]
handshake:
  headers:
    - [xi-API-key, "Key {{secret.api_key}}"]
    - [X-Model, "{{model}}"]
    - [X-Other, "{{secret.other}}"]
  query: [[model, "{{model}}"], [region, "{{region}}"], [flag, ""], [key, "{{secret.api_key|hex}}"]]
  subprotocols: [realtime, "openai-insecure-api-key.{{secret.api_key}}", "other.{{secret.other}}"]
`

func TestHandshakeHasItsParts(t *testing.T) {
	d := parseConnecting(t, parts)
	v := Values{Vars: map[string]string{"tone": "calm"}, Secrets: secretsOf("api_key", "the-key")}
	_, added := connects(t, d, v, "wss://a.example/v1?x=%41", time.Now())
	want := dial.Added{Header: http.Header{"xi-API-key": {"Key the-key"}, "X-Model": {"m-1"}}, Subprotocols: []string{"realtime", "openai-insecure-api-key.the-key"}}
	want.Secret = sign.Applied{Headers: []string{"xi-API-key"}, Query: []string{"key"}}
	if diff := cmp.Diff(want.Header, added.Header) + cmp.Diff(want.Subprotocols, added.Subprotocols) + cmp.Diff(want.Secret, added.Secret); diff != "" {
		t.Error(diff)
	}
	if got := added.URL.RawQuery; got != "x=%41&model=m-1&flag=&key=7468652d6b6579" {
		t.Errorf("query %s", got)
	}
	for _, text := range []string{"the-key", "Key the-key", "7468652d6b6579", "openai-insecure-api-key.the-key"} {
		if !masks(added, text) {
			t.Errorf("%s is not masked", text)
		}
	}
}

func TestOtherCredentialLeavesOutTheSecretParts(t *testing.T) {
	d := parseConnecting(t, parts)
	_, added := connects(t, d, Values{Vars: map[string]string{"tone": "calm"}, OtherCredential: true}, "wss://a.example/", time.Now())
	if diff := cmp.Diff(http.Header{"X-Model": {"m-1"}}, added.Header) + cmp.Diff([]string{"realtime"}, added.Subprotocols); diff != "" || added.URL.RawQuery != "model=m-1&flag=" {
		t.Errorf("%s%s", added.URL.RawQuery, diff)
	}
	signed := parseConnecting(t, iflytek)
	_, added = connects(t, signed, Values{Vars: map[string]string{"app_id": "a", "api_key": "k"}, OtherCredential: true}, "wss://a.example/", time.Now())
	if added.URL.Query().Has("authorization") {
		t.Errorf("signed without a key: %s", added.URL)
	}
}

func TestValueThatIsMissingOrUnknownIsNamed(t *testing.T) {
	d, u := parseConnecting(t, parts), mustURL(t, "wss://a.example/")
	full := func() Values {
		return Values{Vars: map[string]string{"tone": "calm"}, Secrets: secretsOf("api_key", "the-key")}
	}
	_, err := d.Connect(Values{Vars: full().Vars}, u, time.Now())
	if missing, ok := errors.AsType[*MissingSecretError](err); !ok || missing.Name != "api_key" {
		t.Error(err)
	}
	_, err = d.Connect(Values{Secrets: full().Secrets}, u, time.Now())
	if missing, ok := errors.AsType[*MissingVarError](err); !ok || missing.Name != "tone" {
		t.Error(err)
	}
	v := full()
	v.Vars["volume"] = "11"
	if unknown, ok := errors.AsType[*UnknownVarError](d.Check(v)); !ok || *unknown != (UnknownVarError{Name: "volume"}) {
		t.Error(d.Check(v))
	}
	v = full()
	v.Secrets["pin"] = vault.NewSecret("123456")
	if unknown, ok := errors.AsType[*UnknownVarError](d.Check(v)); !ok || *unknown != (UnknownVarError{"pin", true}) {
		t.Error(d.Check(v))
	}
	if err := d.Check(full()); err != nil {
		t.Error(err)
	}
}

func TestParameterSetByHand(t *testing.T) {
	d := parseConnecting(t, parts)
	v := Values{Vars: map[string]string{"tone": "calm"}, Secrets: secretsOf("api_key", "the-key")}
	_, added := connects(t, d, v, "wss://a.example/?model=mine", time.Now())
	if got := added.URL.Query()["model"]; !slices.Equal(got, []string{"mine"}) {
		t.Errorf("model %v", got)
	}
	u := mustURL(t, "wss://a.example/?key=mine")
	c, err := d.Connect(v, u, time.Now())
	if err == nil {
		_, err = c.Sign(u, time.Now())
	}
	if wrong, ok := errors.AsType[*sign.FieldError](err); !ok || wrong.Code != sign.CodeQueryConflict {
		t.Error(err)
	}
}

const minting = `
vars: {model: {default: m-1}}
secrets: [{name: api_key, optional: true}]
mint:
  method: POST
  url: "/v1/sessions?model={{model|urlencode}}"
  headers: [[X-Api-KEY, "Bearer {{secret.api_key}}"]]
  body: '{"model":"{{model}}"}'
  take: {token: "$.client_secret.value", expires: "$.client_secret.expires_at"}
handshake: {headers: [[Authorization, "Bearer {{token}}"]]}
`

func TestMintRequestAndItsToken(t *testing.T) {
	d, u := parseConnecting(t, minting), mustURL(t, "wss://a.example/v1/realtime")
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	c, err := d.Connect(Values{Secrets: secretsOf("api_key", "the-key")}, u, now)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Mint()
	if err != nil || m.Method != http.MethodPost || m.URL != "https://a.example/v1/sessions?model=m-1" || string(m.Body) != `{"model":"m-1"}` ||
		!cmp.Equal(m.Header, http.Header{"X-Api-KEY": {"Bearer the-key"}}) {
		t.Fatalf("%+v, %v", m, err)
	}
	for answer, want := range map[string]string{`no JSON`: "not JSON", `{}`: "no token at $.client_secret.value", `{"client_secret":{"value":""}}`: "no token"} {
		_, err := c.Minted([]byte(answer))
		if wrong, ok := errors.AsType[*dial.MintError](err); !ok || !strings.Contains(wrong.Message, want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	answer := func(expires string) []byte {
		return []byte(`{"client_secret":{"value":"tok-en-1","expires_at":` + expires + `}}`)
	}
	for expires, good := range map[string]bool{
		fmt.Sprint(now.Unix() + 60): true, fmt.Sprint(now.Unix()): false, `"2026-11-30T11:59:59Z"`: false, `"2026-11-30T12:01:00Z"`: true,
		"60": true, `"soon"`: true, `"nan"`: true, `"inf"`: true, "1e300": true, "null": true, fmt.Sprint(now.UnixMilli() - 1): false,
	} {
		if _, err := c.Minted(answer(expires)); err != nil {
			t.Fatal(err)
		}
		added, err := c.Sign(u, now)
		if wrong, ok := errors.AsType[*dial.MintError](err); good == ok || !good && wrong.Message == "" {
			t.Errorf("expires %s: %v", expires, err)
		}
		if good && (added.Header["Authorization"][0] != "Bearer tok-en-1" || !masks(added, "tok-en-1") || !slices.Equal(added.Secret.Headers, []string{"Authorization"})) {
			t.Errorf("added %+v", added)
		}
	}
}

func TestMintIsLeftOutWithoutItsSecret(t *testing.T) {
	d, u := parseConnecting(t, minting), mustURL(t, "ws://127.0.0.1:8080/v1/realtime")
	c, err := d.Connect(Values{}, u, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if m, err := c.Mint(); m != nil || err != nil {
		t.Errorf("%+v, %v", m, err)
	}
	if added, err := c.Sign(u, time.Now()); err != nil || len(added.Header) != 0 {
		t.Errorf("%+v, %v", added.Header, err)
	}
}

func TestMintedAddressTakesThePlaceOfTheFirst(t *testing.T) {
	d := parseConnecting(t, `
vars: {agent: {default: a-1}}
mint: {method: GET, url: "https://a.example/sign", take: {url: "$.signed_url"}}
handshake: {query: [[agent, "{{agent}}"]]}`)
	c, err := d.Connect(Values{}, mustURL(t, "wss://a.example/x"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Mint(); err != nil {
		t.Fatal(err)
	}
	address, err := c.Minted([]byte(`{"signed_url":"wss://b.example/y?agent=a-1&sig=abcdefgh"}`))
	if err != nil || address != "wss://b.example/y?agent=a-1&sig=abcdefgh" {
		t.Fatalf("%s, %v", address, err)
	}
	added, err := c.Sign(mustURL(t, address), time.Now())
	if err != nil || added.URL.RawQuery != "agent=a-1&sig=abcdefgh" || !masks(added, address) {
		t.Errorf("%s, %v", added.URL, err)
	}
}

func TestResolveFillsInValuesAndNamesSecrets(t *testing.T) {
	values := map[string]string{"host": "a.example", "text": "one", "body": "two", "model": "m-1"}
	secrets := secretsOf("api_key", "the-key")
	got, err := Resolve(`{{host}} {{text}}{{body}} {{model|urlencode}} \{{x}} {{secret.api_key}}`, values, secrets, time.Now())
	if err != nil || string(got.Wire) != `a.example onetwo m-1 {{x}} the-key` || string(got.Shown) != `a.example onetwo m-1 {{x}} {{secret.api_key}}` ||
		!slices.Equal(got.Secrets, []string{"api_key"}) {
		t.Errorf("%s, %s, %v, %v", got.Wire, got.Shown, got.Secrets, err)
	}
	if got, err := Resolve(`a \b {x}`, nil, nil, time.Now()); err != nil || string(got.Wire) != `a \b {x}` {
		t.Errorf("%s, %v", got.Wire, err)
	}
	for source, name := range map[string]string{"ab {{path}}": "path", "ab {{secret.pin}}": "secret.pin", "ab {{ x }}": "x"} {
		_, err := Resolve(source, values, secrets, time.Now())
		if wrong, ok := errors.AsType[*TemplateError](err); !ok || wrong.Name != name || wrong.Offset < 5 {
			t.Errorf("%s: %v", source, err)
		}
	}
}
