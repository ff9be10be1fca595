package sign

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/http/httpguts"
)

// FuzzParseCredential reads credentials. One that is accepted reads the same when it is sent
// back, is printed without its secrets, and is applied as headers that a request can hold.
func FuzzParseCredential(f *testing.F) {
	f.Add([]byte(`{"kind":"dialect","vars":{"a":1,"b":"x","c":true},"secrets":{"api_key":"Zq8Xw2kR","gone":null,"kept":{}}}`))
	f.Add([]byte(`{"kind":"token","token":null}`))
	for _, scheme := range Schemes() {
		fields := map[string]string{"kind": string(scheme.Kind)}
		for _, field := range scheme.Fields {
			fields[field.Name] = "Zq8Xw2kR" + field.Default
		}
		raw, err := json.Marshal(fields)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Parse(raw)
		if err != nil {
			if _, ok := errors.AsType[*FieldError](err); !ok {
				t.Errorf("an error without a field: %v", err)
			}
			return
		}
		for name, secret := range c.Secrets {
			if plain := secret.Reveal(); len(plain) > MinSecret && strings.Contains(fmt.Sprintf("%+v %#v", secret, secret), plain) {
				t.Errorf("the secret %s is printed", name)
			}
		}
		again, err := Parse(entered(c))
		if diff := cmp.Diff(c, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("sent back it is another: %v %s", err, diff)
		}
		h := &Handshake{URL: &url.URL{Scheme: "wss", Host: "host.example", Path: "/v1", RawQuery: "a=b"}, Header: http.Header{"X-Kept": {"1"}}}
		if _, err := Apply(h, c, time.Unix(1_795_437_000, 0)); err != nil {
			if len(h.Header) != 1 || h.URL.RawQuery != "a=b" {
				t.Errorf("refused with %v, and applied: %v %s", err, h.Header, h.URL.RawQuery)
			}
			return
		}
		for name, values := range h.Header {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(values[0]) || len(values) != 1 || name != "X-Kept" && IsForbidden(name) {
				t.Errorf("no header: %q: %q", name, values)
			}
		}
		if strings.ContainsAny(h.URL.RawQuery, " #\r\n\x00") {
			t.Errorf("no query: %q", h.URL.RawQuery)
		}
	})
}

// entered returns a credential as it is entered.
func entered(c Credential) []byte {
	fields := map[string]any{}
	secrets := map[string]any{}
	for name, secret := range c.Secrets {
		if secrets[name] = nil; !secret.IsZero() {
			secrets[name] = secret.Reveal()
		}
	}
	if scheme, _ := SchemeOf(c.Kind); scheme.Named() {
		fields["vars"], fields["secrets"] = c.Plain, secrets
	} else {
		maps.Copy(fields, secrets)
		for name, value := range c.Plain {
			fields[name] = value
		}
	}
	fields["kind"] = c.Kind
	raw, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts and null encode
	}
	return raw
}
