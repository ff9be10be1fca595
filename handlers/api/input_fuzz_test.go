package api

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// FuzzExpression reads expressions to search for. One that is accepted compiles, also without
// regard to case, and takes bounded time for each byte.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{`a+b`, `(a{1000}){1000}`, `((((a{10}){10}){10}){10}){10}`, `[[:alpha:]]\pL`, `(?i)ß`, `\Q`, `(`, `a**`, strings.Repeat("(", 2000), `(?P<x>a)(?P<x>b)`, `\C`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > reply.MaxSearch {
			return
		}
		began := time.Now()
		err := checkExpression(text)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("checked for %v", took)
		}
		if err != nil {
			if mapped := new(reply.Mapper).MapError(err); mapped.Code == reply.CodeInternal {
				t.Errorf("a mistake of the server: %v", err)
			}
			return
		}
		for _, flags := range []string{"", "(?i)"} {
			if _, err := regexp.Compile(flags + text); err != nil {
				t.Errorf("accepted, and it does not compile: %v", err)
			}
		}
	})
}

// FuzzEnvironmentInput reads environments. Each secret that is accepted is long
// enough to be masked and bound to hosts, and each value fits into the store.
func FuzzEnvironmentInput(f *testing.F) {
	for _, seed := range []string{
		`{"name":"e","values":{"a":"b"},"secrets":{"key":{"value":"Zq8Xw2kR","targets":["*.example.com"]}}}`, `{"secrets":{"key":"Zq8Xw2kR"}}`, `{"secrets":{"kept":null,"x":1}}`,
		`{"secrets":{"kept":{"tls":false,"targets":["ws://a"]}}}`, `{"values":{"1a":"","a":"\u0000"}}`, `{"secrets":{"key":{"value":"abc","targets":["*"]}}}`, `{"secrets":{"key":{"value":"Zq8Xw2kR","targets":["127.0.0.1"]}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var in environmentInput
		if json.Unmarshal(body, &in) != nil {
			return
		}
		e := bridge.Environment{Secrets: map[string]bridge.SecretInfo{"kept": {}}}
		c, err := in.readInto(&e, "ada")
		if err != nil {
			if new(reply.Mapper).MapError(err).Code == reply.CodeInternal {
				t.Errorf("a mistake of the server: %v", err)
			}
			return
		}
		for name, secret := range c.set {
			b, bound := secret.Binding()
			if plain := secret.Reveal(); len(plain) < 6 || strings.Contains(plain, "\x00") || !bound || b.Owner != "ada" || !namePattern.MatchString(name) {
				t.Errorf("%q is set with %d bytes, bound to %+v", name, len(plain), b)
			}
		}
		for name, value := range e.Values {
			if !namePattern.MatchString(name) || len(value) > bridge.MaxEnvironmentValueSize || strings.Contains(value, "\x00") {
				t.Errorf("%q is set with %d bytes", name, len(value))
			}
		}
	})
}
