package dial

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// closing accepts and closes with a reason.
func closing(reason string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_ = conn.Close(4001, reason)
	}
}

func TestSecretInACloseReasonIsMasked(t *testing.T) {
	const secret = `sk-7/+="Zq8Xw2kR5tY1`
	long := "begin-" + strings.Repeat("0123456789", 50)
	tests := map[string]struct{ secret, reason, want string }{
		"none":          {secret, "the model crashed", "the model crashed"},
		"plain":         {secret, "key " + secret + " is not known", "key •••• is not known"},
		"url":           {secret, "key=" + url.QueryEscape(secret), "key=••••"},
		"json":          {secret, `{"key":"sk-7\/+=\"Zq8Xw2kR5tY1"}`, `{"key":"••••"}`},
		"hex":           {secret, strings.ToUpper(hex.EncodeToString([]byte(secret))), "••••"},
		"base64":        {secret, "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+secret)), "Basic dTp••••Q=="},
		"cut by a peer": {long, ("bad key " + long)[:123], "bad key ••••"},
		"its beginning": {secret, "bad key sk-7/", "bad key ••••"},
		"many short":    {"secret", strings.Repeat("secret,", 17), strings.Repeat("••••,", 9)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			conn, _ := open(t, local(), Request{
				URL:        mustParse(t, serve(t, closing(tt.reason))),
				Credential: credential(sign.KindBearer, nil, map[string]string{"token": tt.secret}),
			})
			_, _, err := conn.ReadMessage()
			if websocket.CloseStatus(err) != 4001 {
				t.Fatal(err)
			}
			reason := strings.TrimSuffix(err.Error()[strings.Index(err.Error(), `reason = "`)+len(`reason = "`):], `"`)
			reason = strings.ReplaceAll(reason, `\"`, `"`)
			if !strings.HasPrefix(reason, tt.want) || len(reason) > 123 || !utf8.ValidString(reason) || name != "many short" && reason != tt.want {
				t.Errorf("got %q, want %q", reason, tt.want)
			}
		})
	}
}

// A peer parses a header and quotes the part that it refuses.
func TestPartsOfASecretHeaderAreMaskedInACloseReason(t *testing.T) {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:canary-one-22"))
	for name, tt := range map[string]struct{ header, value, reason, want string }{
		"a blank behind":       {"X-Key", "canary-one-22 ", "canary-one-22, what?", "••••, what?"},
		"a blank ahead":        {"X-Key", " canary-one-22", "canary-one-22, what?", "••••, what?"},
		"two blanks":           {"Authorization", "Token  canary-one-22", "canary-one-22, what?", "••••, what?"},
		"first cookie":         {"Cookie", "sid=canary-one-22; b=canary-two-33", "sid canary-one-22!", "sid ••••!"},
		"last cookie":          {"Cookie", "sid=canary-one-22; b=canary-two-33", "b canary-two-33!", "b ••••!"},
		"a cookie as it came":  {"Cookie", "sid=canary-one-22; b=canary-two-33", "sid=canary-one-22!", "sid=••••!"},
		"a named value":        {"Authorization", `Token token="canary-one-22", v=1`, "canary-one-22, what?", "••••, what?"},
		"the password":         {"Authorization", basic, "canary-one-22 of user?", "•••• of user?"},
		"a word that is short": {"Authorization", "Token canary-one-22", "Token? no", "Token? no"},
	} {
		t.Run(name, func(t *testing.T) {
			address := mustParse(t, serve(t, closing(tt.reason)))
			for way, r := range map[string]Request{
				"sealed": {URL: address, Sealed: []Sealed{{Field: "headers[" + tt.header + "]", Name: tt.header, Value: vault.NewSecret(tt.value)}}},
				"kind":   {URL: address, Credential: credential(sign.KindHeader, map[string]string{"name": tt.header}, map[string]string{"value": tt.value})},
				"plain":  {URL: address, Headers: []Pair{{tt.header, tt.value}}},
			} {
				conn, _ := open(t, local(), r)
				if _, _, err := conn.ReadMessage(); !strings.Contains(err.Error(), `"`+tt.want+`"`) {
					t.Errorf("%s: %v, want %q", way, err, tt.want)
				}
			}
		})
	}
}

// The reason may come in the middle of a message.
func TestSecretInACloseReasonIsMaskedWhileAMessageIsRead(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		part, err := conn.Writer(r.Context(), websocket.MessageText)
		if err == nil {
			_, _ = part.Write([]byte("hal"))
		}
		_ = conn.Close(4001, "canaryToken12")
	})
	conn, _ := open(t, local(), Request{
		URL: mustParse(t, address), Credential: credential(sign.KindBearer, nil, map[string]string{"token": "canaryToken12"}),
	})
	_, _, err := conn.ReadMessage()
	if websocket.CloseStatus(err) != 4001 || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}
