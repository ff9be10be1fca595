package dial

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// encodings lists how servers encode a text that they echo.
func encodings(plain string) map[string]string {
	quoted, _ := json.Marshal(plain)
	inner := string(quoted[1 : len(quoted)-1])
	var bare strings.Builder
	encoder := json.NewEncoder(&bare)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(plain)
	var ascii, percent, lowerPercent, decimal strings.Builder
	for _, r := range plain {
		_, _ = fmt.Fprintf(&decimal, "&#%d;", r)
		if r >= 0x10000 {
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			_, _ = fmt.Fprintf(&ascii, `\u%04x\u%04X`, high, low)
			continue
		}
		_, _ = fmt.Fprintf(&ascii, `\u%04x`, r)
	}
	for _, c := range []byte(plain) {
		_, _ = fmt.Fprintf(&percent, "%%%02X", c)
		_, _ = fmt.Fprintf(&lowerPercent, "%%%02x", c)
	}
	hexed := hex.EncodeToString([]byte(plain))
	forms := map[string]string{
		"plain": plain, "form": url.QueryEscape(plain), "path": url.PathEscape(plain), "%20": strings.ReplaceAll(url.QueryEscape(plain), "+", "%20"),
		"every byte": percent.String(), "every byte, lower": lowerPercent.String(), "lower": strings.ToLower(url.QueryEscape(strings.ToLower(plain))),
		"JavaScript": strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "+", "%20").Replace(url.QueryEscape(plain)),
		"Python":     strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(plain)),
		"JSON":       inner, "JSON without HTML": strings.TrimSuffix(bare.String()[1:], "\"\n"), "JSON with slashes": strings.ReplaceAll(inner, "/", `\/`), "JSON in ASCII": ascii.String(),
		"HTML": html.EscapeString(plain), "HTML quot": strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(plain)), "HTML decimal": decimal.String(),
		"address in an address": url.QueryEscape(url.QueryEscape(plain)), "path in an address": url.QueryEscape(url.PathEscape(plain)),
		"address in one in one": url.QueryEscape(url.QueryEscape(url.QueryEscape(plain))), "every byte, twice": url.QueryEscape(percent.String()),
		"hex": hexed, "HEX": strings.ToUpper(hexed),
	}
	if strings.ToLower(plain) != plain {
		delete(forms, "lower")
	}
	for before := range 3 {
		for after := range 3 {
			text := []byte(strings.Repeat("x", before) + plain + strings.Repeat("y", after))
			name := fmt.Sprintf("base64 %d %d ", before, after)
			forms[name+"std"], forms[name+"url"] = base64.StdEncoding.EncodeToString(text), base64.RawURLEncoding.EncodeToString(text)
			forms[name+"in an address"] = url.QueryEscape(forms[name+"std"])
			forms[name+"in JSON"] = strings.ReplaceAll(forms[name+"std"], "/", `\/`)
		}
	}
	return forms
}

func TestEchoedSecretsAreHiddenInEveryEncoding(t *testing.T) {
	for _, plain := range []string{
		canary, "simple-token-1234", "secret", "a b+c%20d", `back\slash"quote'`, "p%41ss%%word", "ключ-секрет", "鑰匙 🔑 key", "<b>&amp;</b>", "MII//+/abc==", "tab\tand more",
	} {
		var r redactor
		r.add(vault.NewSecret(plain))
		for name, form := range encodings(plain) {
			if name == "lower" && plain != strings.ToLower(plain) {
				continue
			}
			got := r.text("you said <" + form + "> ok")
			left := strings.TrimSuffix(strings.TrimPrefix(got, "you said <"), "> ok")
			rest := strings.ReplaceAll(left, sign.Masked, "")
			// The digits at both ends of base64 stay, since they depend on other bytes too.
			if most := map[bool]int{true: 14}[strings.HasPrefix(name, "base64")]; left == form || len(rest) > most || !strings.HasSuffix(got, "> ok") {
				t.Errorf("%q as %s: %s is shown as %s", plain, name, form, got)
			}
		}
	}
}

func TestEchoedSecretsAreHiddenInHeadersAndBodies(t *testing.T) {
	c := credential(sign.KindBearer, nil, map[string]string{"token": "canaryToken123"})
	for name, form := range encodings("canaryToken123") {
		address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Echo", form)
			w.Header().Set("Location", "https://elsewhere.example/?t="+form)
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("you said <" + form + "> ok"))
		})
		report, _ := fail(t, local(), Request{URL: mustParse(t, address), Credential: c, Headers: []Pair{{"X-Session-Token", canary}}}, PhaseUpgrade)
		shown := string(report.Body) + valueOf(report.ResponseHeader, "X-Echo") + valueOf(report.ResponseHeader, "Location")
		if strings.Contains(shown, form) || strings.Count(shown, sign.Masked) != 3 {
			t.Errorf("%s: %s", name, shown)
		}
	}
}

func TestOrdinaryTextIsLeftAlone(t *testing.T) {
	var r redactor
	r.add(vault.NewSecret("secret"))
	for _, text := range []string{"", "no such thing", "secre", "secre t", "s%65cre", "c2Vj", "736563726", `\u0073\u0065`, "&#115;", "%", `\`, "&", "100% of it & more\\"} {
		if got := r.text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := r.text("secretsecret, secret"); got != "••••••••, ••••" {
		t.Errorf("three became %q", got)
	}
}

func TestBeginningOfASecretAtACutIsHidden(t *testing.T) {
	const plain = "canary/Token=123"
	var r redactor
	r.add(vault.NewSecret(plain))
	for name, form := range encodings(plain) {
		for length := 1; length < len(form); length++ {
			got := string(r.body([]byte("so "+form[:length]), true))
			shown := strings.TrimPrefix(got, "so ")
			// Up to three characters may stay, in their longest spelling.
			if len(shown) > 3*6+5 && !strings.HasPrefix(name, "base64") || strings.Contains(shown, "canary") {
				t.Errorf("%s cut at %d: %s", name, length, got)
			}
		}
	}
	if got := string(r.body([]byte("so canary/Tok"), false)); got != "so canary/Tok" {
		t.Errorf("a whole body lost its end: %q", got)
	}
}

// The signature of a presigned address is valid for minutes, and is not in the vault.
func TestEchoedSignatureInTheAddressIsHidden(t *testing.T) {
	c := credential(sign.KindSigV4, map[string]string{"access_key": "AK", "region": "r", "service": "s", "placement": "query"}, map[string]string{"secret_key": canary})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("bad signature " + r.URL.Query().Get("X-Amz-Signature")))
	})
	report, _ := fail(t, local(), Request{URL: mustParse(t, address), Credential: c}, PhaseUpgrade)
	if found := regexp.MustCompile("[0-9a-f]{64}").FindString(string(report.Body)); found != "" || !strings.HasPrefix(string(report.Body), "bad signature "+sign.Masked) {
		t.Errorf("shown %s", report.Body)
	}
}

func TestTextMadeToTakeHoursIsNotShown(t *testing.T) {
	var r redactor
	r.add(vault.NewSecret(strings.Repeat("%", 8000) + "x"))
	if got := r.text(strings.Repeat("%", MaxRefusalBody)); len(got) > MaxRefusalBody || !strings.HasSuffix(got, sign.Masked) {
		t.Errorf("shown %d bytes", len(got))
	}
}

func FuzzMaskHidesWhatEncodersMake(f *testing.F) {
	f.Add("secret-1", "before ", " after")
	f.Add(canary, "%", "&")
	f.Fuzz(func(t *testing.T, plain, before, after string) {
		if len(plain) < 6 || !utf8.ValidString(plain) || strings.ContainsAny(before+after, plain) {
			return
		}
		var r redactor
		r.add(vault.NewSecret(plain))
		for name, form := range encodings(plain) {
			if strings.HasPrefix(name, "base64") || name == "lower" || len(plain) < shortestRedacted {
				continue
			}
			if got := r.text(before + form + after); strings.Contains(got, form) {
				t.Errorf("%s of %q is shown in %q", name, plain, got)
			}
		}
	})
}

func BenchmarkMask64KiB(b *testing.B) {
	var r redactor
	r.add(vault.NewSecret(strings.Repeat("MIIabcDEF0123456789", 1000)))
	r.add(vault.NewSecret("a-password-of-some-length"))
	body := strings.Repeat(`{"error":"The token \u0022MIIabc\u0022 is wrong & refused","path":"/v1/%2F"}`, 1000)[:MaxRefusalBody]
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_ = r.text(body)
	}
}
