package identity_test

import (
	"testing"

	"duplex/handlers/identity/origin"
)

func TestParseOriginTakesExactOriginsOnly(t *testing.T) {
	for raw, want := range map[string]string{
		"https://app.example":      "https://app.example",
		"https://App.Example/":     "https://app.example",
		"https://app.example:443":  "https://app.example",
		"http://app.example:80":    "http://app.example",
		"http://localhost:5173":    "http://localhost:5173",
		"https://[2001:DB8::1]":    "https://[2001:db8::1]",
		"https://xn--bcher-kva.de": "https://xn--bcher-kva.de",
		"*":                        "",
		"https://*":                "",
		"https://*.app.example":    "",
		"null":                     "",
		"app.example":              "",
		"//app.example":            "",
		"ws://app.example":         "",
		"file:///x":                "",
		"https://":                 "",
		"https://app.example/path": "",
		"https://app.example?x":    "",
		"https://app.example?":     "",
		"https://app.example#x":    "",
		"https://app.example#":     "",
		"https://a@app.example":    "",
		"https://app.example:":     "",
		"https://bücher.de":        "",
		"https://a b":              "",
		"":                         "",
	} {
		if got, err := origin.Parse(raw); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}
