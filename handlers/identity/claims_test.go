package identity_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"

	"duplex/handlers/identity"
)

// signedText signs a payload as it is, so that a test decides about every byte of it.
func signedText(t *testing.T, payload string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: ecKey}, (&jose.SignerOptions{}).WithHeader("kid", "ec"))
	if err != nil {
		t.Fatal(err)
	}
	return must(must(signer.Sign([]byte(payload))).CompactSerialize())
}

// A claim is found by its exact name: one that differs in case is another claim, and
// adds or takes nothing, whichever comes first.
func TestClaimsAreReadByTheirExactNames(t *testing.T) {
	d := newDoor(t, tokenSettings(newSigner(t).url))
	now := d.clock.Now().Unix()
	right := map[string]string{
		"iss": `"` + issuer + `"`, "aud": `"duplex"`, "sub": `"ada"`, "exp": fmt.Sprint(now + 60), "nbf": fmt.Sprint(now),
		"iat": fmt.Sprint(now), "groups": `["dev"]`, "email": `"ada@example.com"`, "name": `"Ada"`,
	}
	others := map[string]string{
		"iss": `"https://evil.example"`, "aud": `"another"`, "sub": `"root"`, "exp": fmt.Sprint(now - 3600), "nbf": fmt.Sprint(now + 3600),
		"iat": fmt.Sprint(now + 3600), "groups": `["ops"]`, "email": `"root@example.com"`, "name": `"Root"`,
	}
	write := func(leave string, more ...string) string {
		var members []string
		for name, value := range right {
			if name != leave {
				members = append(members, fmt.Sprintf("%q:%s", name, value))
			}
		}
		return "{" + strings.Join(append(members, more...), ",") + "}"
	}
	for name, value := range others {
		for _, spelling := range []string{strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:], strings.Replace(name, "s", "ſ", 1)} {
			if spelling == name {
				continue
			}
			other := fmt.Sprintf("%q:%s", spelling, value)
			for at, payload := range map[string]string{"behind": write("", other), "before": "{" + other + "," + write("")[1:]} {
				p, _, _, err := d.ask(bearer(signedText(t, payload)))
				if err != nil || p.ID != issuer+"|ada" || p.Name != "Ada" || p.Email != "ada@example.com" || p.Role != identity.Member {
					t.Errorf("%s %s: %+v, %v", spelling, at, p, err)
				}
			}
			alone := write(name, fmt.Sprintf("%q:%s", spelling, right[name]))
			p, _, _, err := d.ask(bearer(signedText(t, alone)))
			switch name {
			case "iss", "aud", "sub", "exp":
				if codeOf(err) != identity.RefusedToken {
					t.Errorf("%s alone is taken: %+v, %v", spelling, p, err)
				}
			case "groups":
				if codeOf(err) != identity.RefusedNoRole {
					t.Errorf("%s alone is taken: %+v, %v", spelling, p, err)
				}
			}
		}
		for _, twice := range []string{write("", fmt.Sprintf("%q:%s", name, value)), write("", fmt.Sprintf("%q:%s", name, right[name]))} {
			if p, _, _, err := d.ask(bearer(signedText(t, twice))); codeOf(err) != identity.RefusedToken {
				t.Errorf("%s twice is taken: %+v, %v", name, p, err)
			}
		}
	}
	escaped := write("", fmt.Sprintf(`"\u0073ub":%s`, others["sub"]))
	if p, _, _, err := d.ask(bearer(signedText(t, escaped))); codeOf(err) != identity.RefusedToken {
		t.Errorf("an escaped sub beside sub is taken: %+v, %v", p, err)
	}
	for name, payload := range map[string]string{"two objects": write("") + write(""), "a list": "[" + write("") + "]", "not UTF-8": write("", "\"x\":\"\xff\"")} {
		if p, _, _, err := d.ask(bearer(signedText(t, payload))); codeOf(err) != identity.RefusedToken {
			t.Errorf("%s is taken: %+v, %v", name, p, err)
		}
	}
}

// A time that is not understood bounds nothing, so the token is refused.
func TestTimesThatAreNoNumericDatesAreRefused(t *testing.T) {
	d := newDoor(t, tokenSettings(newSigner(t).url))
	now := d.clock.Now()
	write := func(name, value string) string {
		times := map[string]string{"exp": fmt.Sprint(now.Unix() + 60), "nbf": fmt.Sprint(now.Unix()), "iat": fmt.Sprint(now.Unix())}
		times[name] = value
		return fmt.Sprintf(`{"iss":%q,"aud":"duplex","sub":"ada","groups":["dev"],"exp":%s,"nbf":%s,"iat":%s}`, issuer, times["exp"], times["nbf"], times["iat"])
	}
	for _, name := range []string{"exp", "nbf", "iat"} {
		for _, value := range []string{
			"1099511627777", "1e13", "1e30", "1e400", fmt.Sprint(now.UnixMilli()), "-1", "-0.5", "-1e300", `"1700000000"`, `""`,
			"null", "true", "[1700000000]", "{}",
		} {
			if p, _, _, err := d.ask(bearer(signedText(t, write(name, value)))); codeOf(err) != identity.RefusedToken {
				t.Errorf("%s %s is taken: until %v, %v", name, value, p.Until, err)
			}
		}
	}
	for name, value := range map[string]string{ // RFC 7519 section 2 allows fractions
		"exp": fmt.Sprintf("%d.5", now.Unix()+60), "nbf": fmt.Sprintf("%d.25", now.Unix()+29), "iat": "1.7e9",
	} {
		p, _, _, err := d.ask(bearer(signedText(t, write(name, value))))
		if err != nil {
			t.Errorf("%s %s: %v", name, value, err)
		}
		if name == "exp" && !p.Until.Equal(now.Truncate(time.Second).Add(60*time.Second+500*time.Millisecond)) {
			t.Errorf("it holds until %v", p.Until)
		}
	}
	if _, _, _, err := d.ask(bearer(signedText(t, write("nbf", fmt.Sprintf("%d.75", now.Unix()+30))))); codeOf(err) != identity.RefusedToken {
		t.Errorf("a fraction after the leeway: %v", err)
	}
}

// The list of keys is found by its exact name, and a key of a kind that is not known
// does not hide the others.
func TestKeySetIsReadByItsExactNames(t *testing.T) {
	jwk := func(key any, id string) string {
		return string(must(json.Marshal(jose.JSONWebKey{KeyID: id, Key: key, Use: "sig"})))
	}
	good, evil := jwk(ecKey.Public(), "ec"), jwk(newKey.Public(), "ec")
	for name, c := range map[string]struct{ set, want string }{
		"KEYS behind":                  {`{"keys":[` + good + `],"KEYS":[` + evil + `]}`, ""},
		"KEYS before":                  {`{"Keys":[` + evil + `],"keys":[` + good + `]}`, ""},
		"keys twice":                   {`{"keys":[` + good + `],"keys":[` + good + `]}`, identity.RefusedUnreachable},
		"KEYS alone":                   {`{"KEYS":[` + good + `]}`, identity.RefusedUnreachable},
		"beside one of another kind":   {`{"keys":[{"kty":"AKP","alg":"ML-DSA-44","kid":"pq"},` + good + `]}`, ""},
		"beside one with a name twice": {`{"keys":[{"kty":"EC","kty":"EC"},` + good + `]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t, tokenSettings(serving(t, c.set)))
			if _, _, _, err := d.ask(bearer(token(t, jose.ES256, ecKey, "ec", claimsOf(d.clock.Now())))); codeOf(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			if _, _, _, err := d.ask(bearer(token(t, jose.ES256, newKey, "ec", claimsOf(d.clock.Now())))); err == nil {
				t.Error("the other key is believed")
			}
		})
	}
}

// Members of a load balancer's header are found by their exact names too.
func TestLoadBalancerHeaderIsReadByItsExactNames(t *testing.T) {
	server := keyServer(t)
	settings := tokenSettings(server)
	settings.Token.Header, settings.Token.Signer, settings.Token.Audience = "X-Amzn-Oidc-Data", albSigner, ""
	settings.Roles.Default = identity.Viewer
	d := newDoor(t, settings)
	exp := d.clock.Now().Add(2 * time.Minute).Unix()
	right := fmt.Sprintf(`"alg":"ES256","kid":%q,"signer":%q,"iss":%q,"client":"duplex","exp":%d`, albKey, albSigner, issuer, exp)
	for header, want := range map[string]string{
		"{" + right + "}":                                          "",
		"{" + right + `,"SIGNER":"x","Exp":1}`:                     "",
		"{" + right + `,"signer":"` + albSigner + `"}`:             identity.RefusedToken,
		strings.Replace("{"+right+"}", `"signer"`, `"Signer"`, 1):  identity.RefusedToken,
		strings.Replace("{"+right+"}", `"exp"`, `"EXP"`, 1):        identity.RefusedToken,
		strings.Replace("{"+right+"}", fmt.Sprint(exp), "1e30", 1): identity.RefusedToken,
	} {
		raw := albText(t, ecKey, header, `{"sub":"ada","SUB":"root","ISS":"x"}`)
		p, _, _, err := d.ask(func(r *http.Request) { r.Header.Set("X-Amzn-Oidc-Data", raw) })
		if codeOf(err) != want || want == "" && p.ID != issuer+"|ada" {
			t.Errorf("%s: %+v, %v", header, p, err)
		}
	}
}

// serving serves a text.
func serving(t *testing.T, text string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
	t.Cleanup(server.Close)
	return server.URL
}

// keyServer serves one load balancer key under every name.
func keyServer(t *testing.T) string {
	t.Helper()
	return serving(t, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(ecKey.Public()))})))
}

// No payload identifies a person by a claim other than "sub", or is valid without an end.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"ada","exp":1764070000}`, `{"sub":"ada","SUB":"root","exp":1}`, `{"sub":"a","sub":"b"}`, `{"sub":"\ud800"}`, `[]`, `{`,
		`{"sub":"ada","exp":1e400}`, `{"sub":"ada","nbf":-0,"groups":["a",null]}`, `{"sub":null,"email_verified":"false"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		subject, until, err := identity.ParseClaims(payload)
		if err != nil {
			return
		}
		var members map[string]any // by exact name, as encoding/json reads maps
		if err := json.Unmarshal(payload, &members); err != nil {
			t.Fatalf("taken, and no JSON: %v", err)
		}
		if members["sub"] != subject || subject == "" || !utf8.ValidString(subject) {
			t.Errorf("it names %q, and sub is %v", subject, members["sub"])
		}
		seconds, isNumber := members["exp"].(float64)
		if until.IsZero() == isNumber || isNumber && (seconds < 0 || seconds > 1<<40 || until.Unix() != int64(seconds)) {
			t.Errorf("it holds until %v, and exp is %v", until, members["exp"])
		}
	})
}
