package connection

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/handlers/reply"
)

// FuzzInput reads bodies that name a target. A refusal names the code of a mistake, what is
// taken can be dialled within its bounds, and an answer that is sent back changes nothing.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{
		`{"address":"https://Host.example/v1/a?b=1&&c=x%20y&d=%2F&e&q=%C4%E3&","params":[{"name":"f","value":"+"},{},{"raw":"flag"},{"name":"k","value":"#\n","raw":"k=#%0A"}]}`,
		`{"address":"ws://a/{{x}}?q={{y}}#","environment":" e "}`, `{"address":"wss://a.example","headers":[{"name":"X-Key","value":"v","secret":true},{"name":"x-key","value":""}]}`,
		`{"address":"a.example","subprotocols":["chat","chat"],"tls":{"skip_verify":true,"ca_pem":"x"}}`, `{"params":[{"raw":"a&b"}],"ping_interval":"1m","limits":{"max_message_bytes":7}}`,
		`{"address":"ws://a","credential":{"kind":"token","token":"Zq8Xw2kR","secrets":{}}}`, `{"Address":"ws://a","address":"ws://b"}`, `{"address":null,"credential":null}`, `[]`, `{"address":"ws://a?&"}`,
		`{"address":"ws://a?x=1","params":[{"name":"x","value":"\u0000","enabled":false}]}`, `{"ping_interval":1e300}`, `{"address":"ws://a?%"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := readInput(body)
		if err != nil {
			if mapped := new(reply.Mapper).MapError(err); mapped.Code == reply.CodeInternal {
				t.Errorf("a mistake of the server: %v", err)
			}
			return
		}
		if s.HasTemplate() || s.Address == "" {
			return
		}
		u, err := s.URL()
		if err != nil || len(u.String()) > dial.MaxAddress || len(s.Params) > maxParams {
			t.Fatalf("taken, and not to be dialled: %v, %v", u, err)
		}
		if _, err := dial.ParseAddress(u.String()); err != nil {
			t.Errorf("%s is not read again: %v", u, err)
		}
		if strings.Contains(s.CAPEM+s.ClientCertPEM, aKeyInPEM) {
			t.Error("a private key would be shown")
		}
		for _, p := range append(s.Params, s.Headers...) {
			if p.Secret && (p.Value != "" || p.Raw != "") {
				t.Errorf("a secret would be kept in plain: %+v", p)
			}
			if p.Secret {
				return // it has to be entered again
			}
		}
		back, err := json.Marshal(map[string]any{
			"address": s.Address, "params": s.Params, "headers": s.Headers, "subprotocols": s.Subprotocols, "environment": s.Environment,
			"tls": map[string]any{"ca_pem": s.CAPEM, "skip_verify": s.SkipVerify, "client_cert_pem": s.ClientCertPEM},
		})
		if err != nil {
			t.Fatal(err)
		}
		again, err := readInput(back)
		if err != nil {
			t.Fatalf("%s is refused when it is sent back: %v", back, err)
		}
		again.ConnectionSettings, again.Compression, again.RecordRelay = s.ConnectionSettings, s.Compression, s.RecordRelay
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("sent back (-first +second): %s", diff)
		}
	})
}

// readInput reads a body as a request to open a session does, without a store.
func readInput(body []byte) (bridge.Service, error) {
	s := bridge.NewService()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	var in OpenInput
	if err := reply.Decode(httptest.NewRecorder(), r, &in); err != nil {
		return s, err
	}
	if err := in.applyTo(&s); err != nil {
		return s, err
	}
	_, _, err := in.ReadCredential()
	return s, err
}
