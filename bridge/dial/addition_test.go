package dial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// addition adds fixed parts, and mints at an address.
type addition struct {
	mint   string // "" is none
	header http.Header
	query  string // "name=value", secret
	offers []string
	minted string // the answer that came
	moves  string // the address that Minted returns

	mintHeader string // a further one of the request
}

func (a *addition) Mint() (*MintRequest, error) {
	if a.mint == "" {
		return nil, nil //nolint:nilnil // none
	}
	m := &MintRequest{
		Method: http.MethodPost, URL: a.mint, Header: http.Header{"X-Api-KEY": {canary}}, Body: []byte(`{"a":1}`),
		Masked: []vault.Secret{vault.NewSecret(canary)},
	}
	if a.mintHeader != "" {
		m.Header[a.mintHeader] = []string{"x"}
	}
	return m, nil
}

func (a *addition) Minted(answer []byte) (string, error) {
	a.minted = string(answer)
	return a.moves, nil
}

func (a *addition) Sign(u *url.URL, _ time.Time) (Added, error) {
	copied := *u
	added := Added{URL: &copied, Header: a.header, Subprotocols: a.offers, Masked: []vault.Secret{vault.NewSecret(canary), vault.NewSecret("canaryToken123")}}
	for name := range a.header {
		added.Secret.Headers = append(added.Secret.Headers, name)
	}
	if name, value, found := strings.Cut(a.query, "="); found {
		copied.RawQuery = strings.TrimPrefix(copied.RawQuery+"&"+name+"="+url.QueryEscape(value), "&")
		added.Secret.Query = []string{name}
	}
	return added, nil
}

// parrot answers with everything that it was sent, and refuses.
func parrot(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusForbidden)
	_, _ = fmt.Fprintf(w, "%s %v", r.URL, r.Header)
}

func TestAdditionIsSentAndMasked(t *testing.T) {
	for name, a := range map[string]*addition{
		"header": {header: http.Header{"xi-API-key": {"Key " + canary}}}, "query": {query: "authorization=" + canary},
		"subprotocol": {offers: []string{"realtime", "openai-insecure-api-key.canaryToken123"}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			dialer := local()
			dialer.Log = slog.New(slog.NewTextHandler(&log, nil))
			report, err := fail(t, dialer, Request{URL: mustParse(t, serve(t, parrot)+"/?a=1"), Addition: a}, PhaseUpgrade)
			noCanary(t, log.String()+err.Error(), report)
			if !strings.Contains(string(report.Body), sign.Masked) {
				t.Errorf("the peer got none: %s", report.Body)
			}
		})
	}
}

func TestAdditionKeepsSpellingAndOrder(t *testing.T) {
	var line, offered string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		line, offered = r.RequestURI, r.Header.Get("Sec-WebSocket-Protocol")
		echo(&websocket.AcceptOptions{Subprotocols: []string{"realtime"}})(w, r)
	})
	a := &addition{header: http.Header{"xi-API-key": {"abcdefgh"}}, query: "sig=a+b=", offers: []string{"realtime", "chat"}}
	_, report := open(t, local(), Request{URL: mustParse(t, address+"/x?z=1&a=%41"), Addition: a, Subprotocols: []string{"chat"}})
	if line != "/x?z=1&a=%41&sig=a%2Bb%3D" || offered != "chat,realtime" || report.Subprotocol != "realtime" {
		t.Errorf("%s, offered %s, chose %s", line, offered, report.Subprotocol)
	}
	if valueOf(report.RequestHeader, "xi-API-key") != sign.Masked || !strings.Contains(fmt.Sprint(report.RequestHeader), "xi-API-key") {
		t.Errorf("sent %v", report.RequestHeader)
	}
}

func TestAdditionThatCannotBeSentIsRefused(t *testing.T) {
	u := mustParse(t, "ws://127.0.0.1:1/")
	_, err := fail(t, local(), Request{URL: u, Headers: []Pair{{"Xi-Api-Key", "by hand"}}, Addition: &addition{header: http.Header{"xi-api-key": {"abcdefgh"}}}}, PhaseCredential)
	if wrong, ok := errors.AsType[*sign.FieldError](err); !ok || *wrong != (sign.FieldError{Field: "headers", Code: sign.CodeHeaderConflict, Header: "xi-api-key"}) {
		t.Error(err)
	}
	for _, header := range []http.Header{{"Host": {"a.example"}}, {"X": {"a\r\nb"}}, {"no name": {"a"}}} {
		_, err := fail(t, local(), Request{URL: u, Addition: &addition{header: header}}, PhaseCredential)
		if _, ok := errors.AsType[*HeaderError](err); !ok {
			t.Errorf("%v: %v", header, err)
		}
	}
	_, err = fail(t, local(), Request{URL: u, Addition: &addition{offers: []string{"a b"}}}, PhaseCredential)
	if wrong, ok := errors.AsType[*OptionError](err); !ok || wrong.Field != "subprotocols" {
		t.Error(err)
	}
}

func TestMintIsAskedOnceAndItsTargetIsTheNextAddress(t *testing.T) {
	var asked []string
	target := serve(t, echo(nil))
	a := &addition{moves: target + "/session/canaryToken123?token=canaryToken123&v=1"}
	a.mint = serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Api-Key")+" "+string(body))
		_, _ = io.WriteString(w, `{"url":"..."}`)
	}) + "/v2/live"
	_, report := open(t, local(), Request{URL: mustParse(t, "ws://127.0.0.1:1/"), Addition: a})
	if diff := cmp.Diff([]string{"POST /v2/live " + canary + ` {"a":1}`}, asked); diff != "" || a.minted != `{"url":"..."}` {
		t.Errorf("%s, answer %s", diff, a.minted)
	}
	noCanary(t, "", report)
	if want := strings.Replace(target, "http", "ws", 1) + "/••••?token=••••&v=••••"; report.URL != want {
		t.Errorf("shown as %s, want %s", report.URL, want)
	}
}

func TestMintThatFailsShowsNoSecret(t *testing.T) {
	for name, c := range map[string]struct {
		mint, moves string
		status      int
	}{
		"refused":        {serve(t, func(w http.ResponseWriter, r *http.Request) { parrot(w, r) }), "", 403},
		"redirect":       {serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/else", http.StatusFound) }), "", 302},
		"unreachable":    {"http://127.0.0.1:1/", "", 0},
		"not encrypted":  {"http://mint.example/", "", 0},
		"no address":     {"mint.example", "", 0},
		"minted address": {serve(t, refuse(200, "{}")), "ftp://x/", 0},
	} {
		report, err := fail(t, local(), Request{URL: mustParse(t, "ws://127.0.0.1:1/"), Addition: &addition{mint: c.mint, moves: c.moves}}, PhaseCredential)
		wrong, ok := errors.AsType[*MintError](err)
		if !ok || wrong.Status != c.status {
			t.Errorf("%s: %v", name, err)
		}
		noCanary(t, err.Error(), report)
	}
}

func TestMintSendsNoHeaderOfTheConnection(t *testing.T) {
	for _, name := range []string{"Host", "X-Forwarded-For", "Transfer-Encoding", "no name"} {
		_, err := fail(t, local(), Request{URL: mustParse(t, "ws://127.0.0.1:1/"), Addition: &addition{mint: "http://127.0.0.1:1/", mintHeader: name}}, PhaseCredential)
		if _, ok := errors.AsType[*HeaderError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMintObeysPolicyAndBinding(t *testing.T) {
	var asked bool
	mint := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	u := mustParse(t, "wss://target.example/")
	_, err := fail(t, &Dialer{Policy: &Policy{}}, Request{URL: u, Addition: &addition{mint: mint}}, PhaseCredential)
	if _, ok := errors.AsType[*BlockedError](err); !ok {
		t.Error(err)
	}
	bound := func(b vault.Binding) sign.Credential {
		return sign.Credential{Kind: sign.KindDialect, Secrets: map[string]vault.Secret{"api_key": vault.NewSecret(canary).Bind(b)}}
	}
	elsewhere := vault.Binding{Targets: []string{"target.example"}, TLS: true, Endpoint: "https://mint.example", Owner: "ann"}
	_, err = fail(t, local(), Request{URL: u, Credential: bound(elsewhere), Addition: &addition{mint: mint}}, PhaseCredential)
	wrong, ok := errors.AsType[*BoundError](err)
	if !ok || wrong.Field != "secrets.api_key" || wrong.Refused != mint {
		t.Error(err)
	}
	_, err = fail(t, local(), Request{URL: u, Secrets: bound(elsewhere).Secrets, Addition: &addition{mint: mint}}, PhaseCredential)
	if wrong, ok := errors.AsType[*BoundError](err); !ok || wrong.Field != "environment.secrets.api_key" {
		t.Error(err)
	}
	if asked {
		t.Error("the mint was asked")
	}
	host := strings.TrimPrefix(mint, "http://")
	for _, b := range []vault.Binding{{Targets: []string{"target.example"}, Endpoint: mint}, {Targets: []string{"target.example", host}}} {
		asked = false
		_, _, err := local().Dial(t.Context(), Request{URL: u, Credential: bound(b), Addition: &addition{mint: mint}})
		if !asked || err == nil {
			t.Errorf("%v: asked %v, %v", b, asked, err)
		}
	}
}

// The service must not lead a bound secret to another target, nor away from TLS.
func TestMintedAddressObeysTheBinding(t *testing.T) {
	mint := serve(t, refuse(200, "{}"))
	b := vault.Binding{Targets: []string{"target.example"}, Endpoint: mint}
	c := sign.Credential{Kind: sign.KindDialect, Secrets: map[string]vault.Secret{"api_key": vault.NewSecret(canary).Bind(b)}}
	_, err := fail(t, local(), Request{URL: mustParse(t, "wss://target.example/"), Credential: c, Addition: &addition{mint: mint, moves: "wss://evil.example/"}}, PhaseCredential)
	if wrong, ok := errors.AsType[*BoundError](err); !ok || wrong.Refused != "wss://evil.example" {
		t.Error(err)
	}
	_, err = fail(t, local(), Request{URL: mustParse(t, "wss://target.example/"), Addition: &addition{mint: mint, moves: "ws://target.example/"}}, PhaseCredential)
	if _, ok := errors.AsType[*MintError](err); !ok {
		t.Error(err)
	}
}
