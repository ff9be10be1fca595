package handlers_test

import (
	"net/http"
	"testing"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers"
	"duplex/handlers/identity"
)

func TestOnlyTheOwnerOrAnAdminWidensASecret(t *testing.T) {
	for owner, want := range map[string]int{"local": http.StatusOK, "ann": http.StatusForbidden} {
		for _, admin := range []bool{false, true} {
			c := start(t, func(o *handlers.Options) { o.Admin = func(identity.Person) bool { return admin } })
			c.shelf.service.Credential = sign.Credential{Kind: sign.KindBearer}
			before := vault.Binding{Targets: []string{"a.example"}, TLS: true, Owner: owner}
			c.shelf.service.Secrets = map[string]bridge.SecretInfo{"token": {Binding: before}}
			res, body := c.request("PUT", "/api/services/one/secrets/token", `{"targets":["evil.example"],"tls":false}`)
			if admin {
				want = http.StatusOK
			}
			if res.StatusCode != want {
				t.Errorf("owner %s, admin %v: %d %s", owner, admin, res.StatusCode, body)
			}
			after := c.shelf.service.Secrets["token"].Binding
			if changed := after.Targets[0] != "a.example"; changed != (want == http.StatusOK) || after.Owner != owner {
				t.Errorf("owner %s, admin %v: bound to %+v", owner, admin, after)
			}
			if want == http.StatusForbidden {
				if code, _ := fault(t, body); code != "not_secret_owner" {
					t.Errorf("code %s", code)
				}
			}
		}
	}
}

func TestUncheckedCertificateIsForThoseWhoMay(t *testing.T) {
	for _, test := range []struct{ allowed, admin bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
		c := start(t, func(o *handlers.Options) {
			o.AllowSkipVerify, o.Admin = test.allowed, func(identity.Person) bool { return test.admin }
		})
		may := test.allowed && test.admin
		for path, body := range map[string]string{
			"/api/sessions": `{"address":"` + c.address() + `","tls":{"skip_verify":true}}`,
			"/api/services": `{"name":"mine","address":"` + c.address() + `","tls":{"skip_verify":true}}`,
		} {
			res, answer := c.request(http.MethodPost, path, body)
			if refused := res.StatusCode == http.StatusForbidden; refused == may {
				t.Errorf("%+v: %s: %d %s", test, path, res.StatusCode, answer)
			}
		}
		// One that an admin saved is dialled by nobody who may not.
		c.shelf.service.SkipVerify = true
		res, answer := c.request(http.MethodPost, "/api/sessions", `{"service":"one"}`)
		if refused := res.StatusCode == http.StatusForbidden; refused == may {
			t.Errorf("%+v: saved: %d %s", test, res.StatusCode, answer)
		}
	}
}
