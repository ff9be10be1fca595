package identity_test

import (
	"testing"

	"duplex/handlers/identity"
)

func TestAfterASignInPeopleGoToAPathOfTheConsole(t *testing.T) {
	for asked, want := range map[string]string{
		"/":                             "/",
		"/sessions/1?after=2":           "/sessions/1?after=2",
		"/services/%E8%AF%AD":           "/services/%E8%AF%AD",
		"":                              "/",
		"history":                       "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		`/\evil.example`:                "/",
		`\/evil.example`:                "/",
		"/x//evil.example":              "/",
		"https://evil.example/":         "/",
		"https:evil.example":            "/",
		"javascript:alert(1)":           "/",
		"/\t/evil.example":              "/",
		"/\n/evil.example":              "/",
		"/%2f/evil.example":             "/",
		"/%5cevil.example":              "/",
		"/sign-in?back=/":               "/",
		"/sign-in/callback?code=x":      "/",
		"/signed-out":                   "/",
		" /history":                     "/",
		"/ok#//evil.example":            "/ok",
		"/ok?next=https://evil.example": "/ok?next=https://evil.example",
	} {
		if got := identity.Back(asked); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
}
