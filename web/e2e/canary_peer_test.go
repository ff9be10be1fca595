//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/web/internal/canary"
)

// gate is a service that demands the secrets of the table and counts their use. The path
// is /{kind}/{endpoint}: the kind of the demanded credential, and echo or parrot-*, which
// sends the handshake's secrets back, in every spelling, in one part of its answer.
type gate struct {
	URL   string       // ws://...
	token atomic.Value // the last one that was issued for a password

	closed atomic.Int64 // connections that parrot-close has closed
}

func newGate(tb testing.TB) *gate {
	tb.Helper()
	g := &gate{}
	server := httptest.NewServer(g)
	tb.Cleanup(server.Close)
	g.URL = strings.Replace(server.URL, "http", "ws", 1)
	return g
}

// plainFields returns values for the fields of credentials that are not secret.
func (g *gate) plainFields() map[string]string {
	return map[string]string{
		"iam_endpoint": strings.Replace(g.URL, "ws", "http", 1), "domain": "a-domain", "user": "a-user", "project": "a-project",
		"access_key": "AKofNobody", "app_key": "app-of-nobody", "username": "ada", "name": "X-Of-Nobody", "region": "nowhere-1", "service": "apic",
	}
}

// credential returns a credential of a kind with the secrets of the table.
func (g *gate) credential(kind sign.Kind) sign.Credential {
	c := sign.Credential{Kind: kind, Plain: map[string]string{}, Secrets: map[string]vault.Secret{}}
	scheme, _ := sign.SchemeOf(kind)
	for _, field := range scheme.Fields {
		switch {
		case field.Secret:
			c.Secrets[field.Name] = vault.NewSecret(secrets[string(kind)+"."+field.Name])
		case field.Choices != nil:
			c.Plain[field.Name] = field.Default
		default:
			c.Plain[field.Name] = g.plainFields()[field.Name]
		}
	}
	return c
}

// entered returns the same credential in the form of the API.
func (g *gate) entered(kind sign.Kind) object {
	c, out := g.credential(kind), object{"kind": string(kind)}
	for name, value := range c.Plain {
		out[name] = value
	}
	for name, secret := range c.Secrets {
		out[name] = secret.Reveal()
	}
	return out
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v3/auth/tokens" {
		g.issue(w, r)
		return
	}
	kind, endpoint, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !g.admits(sign.Kind(kind), r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch endpoint {
	case "parrot-header":
		repeat(w.Header(), r)
		w.WriteHeader(http.StatusForbidden)
	case "parrot-body":
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, strings.Join(received(r), "\n"))
	case "parrot-redirect":
		w.Header().Set("Location", "/sign-in?back="+url.QueryEscape("ws://"+r.Host+r.RequestURI)+"&got="+url.QueryEscape(received(r)[0]))
		w.WriteHeader(http.StatusFound)
	case "parrot-cookie":
		for i, text := range received(r) {
			w.Header().Add("Set-Cookie", fmt.Sprintf("got%d=%s", i, text))
		}
		g.echo(w, r)
	case "parrot-welcome":
		repeat(w.Header(), r)
		g.echo(w, r)
	case "parrot-close":
		g.closeWith(w, r, received(r))
	default:
		g.echo(w, r)
	}
}

// issue answers as IAM: it issues a token for the password of the table.
func (g *gate) issue(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var asked struct {
		Auth struct {
			Identity struct {
				Password struct{ User struct{ Password string } }
			}
		}
	}
	if err != nil || json.Unmarshal(raw, &asked) != nil || asked.Auth.Identity.Password.User.Password != secrets["iam_password.password"] {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error_code": "IAM.0011", "error_msg": %q}`, raw)
		return
	}
	canaries.Use("iam_password.password")
	token := "token/" + rand.Text()
	canaries.Add(canary.Secret{Name: iamToken, Value: token})
	g.token.Store(token)
	w.Header().Set("X-Subject-Token", token)
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"token": {"expires_at": %q}}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

// admits reports whether a handshake is signed with the secrets of the table.
func (g *gate) admits(kind sign.Kind, r *http.Request) bool {
	want := g.credential(kind)
	if kind == sign.KindIAMPassword {
		token, _ := g.token.Load().(string)
		want = sign.Credential{Kind: sign.KindToken, Secrets: map[string]vault.Secret{"token": vault.NewSecret(token)}}
	}
	if len(want.Secrets) == 0 || !carries(r, want) {
		return kind == sign.KindNone
	}
	for name := range want.Secrets {
		if kind == sign.KindIAMPassword {
			canaries.Use(iamToken)
		} else {
			canaries.Use(string(kind) + "." + name)
		}
	}
	return true
}

// carries signs the request again, at the time that its header names, and compares.
func carries(r *http.Request, c sign.Credential) bool {
	u := *r.URL
	u.Scheme, u.Host = "ws", r.Host
	query := u.Query()
	query.Del(c.Plain["name"])
	u.RawQuery = query.Encode()
	at := time.Now()
	for _, name := range []string{"X-Sdk-Date", "X-Amz-Date"} {
		if said, err := time.Parse("20060102T150405Z", r.Header.Get(name)); err == nil {
			at = said
		}
	}
	offered := strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ", ")
	h := &sign.Handshake{URL: &u, Host: r.Host, Header: http.Header{}}
	if _, err := sign.Apply(h, c, at); err != nil {
		return false
	}
	if len(h.Subprotocols) > 0 && !strings.HasSuffix(offered, h.Subprotocols[0]) {
		return false
	}
	for name, values := range h.Header {
		if r.Header.Get(name) != values[0] {
			return false
		}
	}
	return h.URL.Query().Encode() == r.URL.Query().Encode()
}

// received returns the values of a handshake that are, or contain, a secret, in every
// spelling.
func received(r *http.Request) []string {
	var out []string
	spell := func(value string) {
		if len(value) < canary.ShortestSecret {
			return
		}
		for _, encoding := range canary.Encodings() {
			out = append(out, canary.Spellings(encoding, value)...)
		}
	}
	for name, values := range r.Header {
		if !strings.HasPrefix(name, "Sec-") || name == "Sec-Websocket-Protocol" {
			spell(values[0])
			_, behind, _ := strings.Cut(values[0], " ")
			spell(behind)
		}
	}
	if _, behind, found := strings.Cut(r.Header.Get("Sec-WebSocket-Protocol"), "X-Of-Nobody"); found {
		spell(behind)
	}
	if _, password, ok := r.BasicAuth(); ok {
		spell(password)
	}
	for _, values := range r.URL.Query() {
		spell(values[0])
	}
	return out
}

func repeat(header http.Header, r *http.Request) {
	for i, text := range received(r) {
		header.Set(fmt.Sprintf("X-Got-%d", i), text)
	}
}

// closeWith closes with a reason that holds one of the texts, another each time.
func (g *gate) closeWith(w http.ResponseWriter, r *http.Request, texts []string) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return len(text) > 100 })
	_ = conn.Close(4001, "refused: "+texts[g.closed.Add(1)%int64(len(texts))])
}

func (g *gate) echo(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	for {
		opcode, payload, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		if conn.Write(r.Context(), opcode, payload) != nil {
			return
		}
	}
}
