package loopback_test

import (
	"testing"

	"duplex/bridge/loopback"
)

func TestHostsOfThisMachine(t *testing.T) {
	for host, want := range map[string]struct{ is, name bool }{
		"localhost":        {true, true},
		"LocalHost":        {true, true},
		"127.0.0.1":        {true, true},
		"127.9.9.9":        {true, true},
		"::1":              {true, true},
		"::ffff:127.0.0.1": {true, true},
		"app.localhost":    {false, true},
		"App.LOCALHOST":    {false, true},
		"[::1]":            {false, false},
		"localhost.":       {false, false},
		"127.0.0.1.nip.io": {false, false},
		"192.0.2.1":        {false, false},
		"notlocalhost":     {false, false},
		"0177.0.0.1":       {false, false},
		"":                 {false, false},
	} {
		if loopback.Is(host) != want.is || loopback.IsName(host) != want.name {
			t.Errorf("%q: %v, %v", host, loopback.Is(host), loopback.IsName(host))
		}
	}
}
