package dial

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"duplex/bridge/frames"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// FuzzIAMAnswer reads answers of IAM. The expiry is that of the exact names, whatever else the
// answer has, and a refusal never shows the password that was sent.
func FuzzIAMAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"token":{"expires_at":"2026-11-29T12:00:00.000000Z","EXPIRES_AT":"2036-11-29T12:00:00Z"}}`, `{"error_code":"IAM.0011","error_msg":"wrong password hunter22!"}`,
		`{"error":{"code":401,"message":"hunter22\u0021","title":"Unauthorized"}}`, `{"error":{"code":"hunter%32%32!"}}`, `{"token":null}`, `[]`, `{"token":{"expires_at":1}}`, "<html>hunter22!",
		`{"token":{"expires_at":"2026-11-29T12:00:00Z"},"token":{}}`, `{"error_code":"hunter&#50;2!"}`,
	} {
		f.Add([]byte(seed), http.StatusUnauthorized)
	}
	const password = "hunter22!"
	c := sign.Credential{Kind: sign.KindIAMPassword, Plain: map[string]string{"user": "u"}, Secrets: map[string]vault.Secret{"password": vault.NewSecret(password)}}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		if refused := iamRefusal(status, body, c); strings.Contains(refused.Error(), password) {
			t.Errorf("the password is shown: %v", refused)
		}
		expires, err := iamExpiry(body)
		if err != nil {
			if !expires.IsZero() {
				t.Errorf("%v with %v", expires, err)
			}
			return
		}
		var answer map[string]any
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		token, _ := answer["token"].(map[string]any)
		said, found := token["expires_at"].(string)
		if at, err := time.Parse(time.RFC3339Nano, said); found && (err != nil || !at.Equal(expires)) || !found && !expires.IsZero() {
			t.Errorf("it ends at %v, and the answer says %q", expires, said)
		}
	})
}

// FuzzCloseReason masks close reasons. What is left is UTF-8 and short enough for a close
// frame (RFC 6455 section 5.5), and has no secret of the request.
func FuzzCloseReason(f *testing.F) {
	f.Add([]byte("bad key sk-7Zq8Xw2kR5tY1"), "sk-7Zq8Xw2kR5tY1")
	f.Add([]byte(strings.Repeat("secret,", 17)), "secret")
	f.Add([]byte(`{"k":"a\u0062cdef"}`), "abcdef")
	f.Add([]byte(strings.Repeat("界", 41)), "界界界")
	f.Fuzz(func(t *testing.T, reason []byte, secret string) {
		if len(reason) > frames.MaxCloseReason || !utf8.Valid(reason) || len(secret) < sign.MinSecret || !utf8.ValidString(secret) || strings.TrimSpace(secret) != secret {
			return
		}
		var r redactor
		r.addAll(Request{URL: &url.URL{}, Credential: sign.Credential{Kind: sign.KindBearer, Secrets: map[string]vault.Secret{"token": vault.NewSecret(secret)}}})
		shown := r.reason(string(reason))
		if len(shown) > frames.MaxCloseReason || !utf8.ValidString(shown) {
			t.Errorf("no close reason: %q", shown)
		}
		if strings.Contains(shown, secret) && !strings.Contains(sign.Masked, secret) {
			t.Errorf("%q in %q is shown as %q", secret, reason, shown)
		}
		if again := r.reason(shown); len(again) > frames.MaxCloseReason || !utf8.ValidString(again) {
			t.Errorf("masked twice it is no close reason: %q", again)
		}
	})
}
