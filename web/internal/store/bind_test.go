//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/web/internal/store"
)

func noEditMovesASecret(t *testing.T, o store.Options) {
	s := open(t, o)
	for name, target := range map[string]string{"a": "a.example", "b": "evil.example"} {
		svc := bridge.Service{Name: name, Credential: sign.Credential{Kind: sign.KindBearer}}
		save(t, s, &svc, map[string]vault.Secret{"token": vault.NewSecret("of " + name).Bind(vault.Binding{Targets: []string{target}, Owner: "ann"})})
	}
	of := func(name string) string { return "service = (select id from services where name = '" + name + "')" }
	keep := `create table kept as select * from secrets where ` + of("a")
	beside(t, o, keep)
	for _, edit := range []string{
		"binding = ''",
		"binding = replace(binding, 'a.example', 'e.example')",
		"binding = replace(binding, 'ann', 'eve')",
		"binding = (select binding from secrets where " + of("b") + ")",
		"box = (select box from secrets where " + of("b") + ")",
		"field = 'password'",
	} {
		beside(t, o, "update secrets set "+edit+" where "+of("a"))
		c, err := s.Credential(t.Context(), "a")
		if !errors.Is(err, vault.ErrAltered) {
			t.Errorf("%s: %v, %v", edit, c, err)
		}
		beside(t, o, "delete from secrets where "+of("a"))
		beside(t, o, "insert into secrets select * from kept")
	}
	if c, err := s.Credential(t.Context(), "a"); err != nil || c.Secrets["token"].Reveal() != "of a" {
		t.Errorf("put back: %v", err)
	}
}

func unboundIsRefused(t *testing.T, o store.Options) {
	s := open(t, o)
	svc := bridge.Service{Name: "a", Credential: sign.Credential{Kind: sign.KindBearer}}
	wantErr(t, s.SaveService(t.Context(), &svc, map[string]vault.Secret{"token": vault.NewSecret("free")}, nil), store.ErrUnbound)
	if _, err := s.Service(t.Context(), "", "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the service was saved without its secret: %v", err)
	}
}

func secretIsBoundAnew(t *testing.T, o store.Options) {
	s := open(t, o)
	svc := bridge.Service{Name: "a", Credential: sign.Credential{Kind: sign.KindBearer}}
	save(t, s, &svc, secrets("token", "value"))
	wider := bound()
	wider.Targets = append(wider.Targets, "*.b.example")
	err := s.BindSecret(t.Context(), svc.ID, "token", func(b vault.Binding) (vault.Binding, error) {
		if diff := cmp.Diff(bound(), b); diff != "" {
			t.Errorf("bound before (-want +got):\n%s", diff)
		}
		return wider, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Credential(t.Context(), svc.ID)
	if err != nil || !c.Secrets["token"].Equal(vault.NewSecret("value").Bind(wider)) {
		t.Errorf("after: %v", err)
	}
	got, err := s.Service(t.Context(), "", svc.ID)
	if err != nil || got.Secrets["token"].Fingerprint != svc.Secrets["token"].Fingerprint || !cmp.Equal(got.Secrets["token"].Binding, wider) {
		t.Errorf("shown: %+v, %v", got.Secrets, err)
	}
	refusal := errors.New("not yours")
	refuse := func(b vault.Binding) (vault.Binding, error) { return b, refusal }
	wantErr(t, s.BindSecret(t.Context(), svc.ID, "token", refuse), refusal)
	wantErr(t, s.BindSecret(t.Context(), svc.ID, "password", refuse), store.ErrNotFound)
	// Somebody else enters another value between the question and the answer.
	meanwhile := func(b vault.Binding) (vault.Binding, error) {
		save(t, s, &svc, secrets("token", "of another"))
		return b, nil
	}
	wantErr(t, s.BindSecret(t.Context(), svc.ID, "token", meanwhile), store.ErrNotFound)
	if c, err := s.Credential(t.Context(), svc.ID); err != nil || c.Secrets["token"].Reveal() != "of another" {
		t.Errorf("the other value was lost: %v", err)
	}
}

// secretsOfBeforeAreBound puts a row there as versions without bindings wrote it.
func secretsOfBeforeAreBound(t *testing.T, o store.Options) {
	s := open(t, o)
	svc := bridge.Service{Name: "old", Address: "wss://old.example", Credential: sign.Credential{Kind: sign.KindBearer}}
	save(t, s, &svc, secrets("token", "value", "other", "new"))
	sealUnbound(t, o, svc.ID, "token", "value")
	c, err := s.Credential(t.Context(), svc.ID)
	if err != nil {
		t.Fatal(err)
	}
	if b, is := c.Secrets["token"].Binding(); !is || len(b.Targets) != 0 {
		t.Errorf("before it is bound it may go to %v", b)
	}
	want := vault.Binding{Targets: []string{"old.example"}, TLS: true, Owner: "local"}
	var asked []string
	bind := func(svc *bridge.Service) (vault.Binding, error) {
		asked = append(asked, svc.Address)
		return want, nil
	}
	for range 2 {
		if err := s.BindUnbound(t.Context(), bind); err != nil {
			t.Fatal(err)
		}
	}
	if len(asked) != 1 {
		t.Errorf("bound by %v", asked)
	}
	c, err = s.Credential(t.Context(), svc.ID)
	if err != nil || !c.Secrets["token"].Equal(vault.NewSecret("value").Bind(want)) || !c.Secrets["other"].Equal(vault.NewSecret("new").Bind(bound())) {
		t.Errorf("after: %v", err)
	}
}

// sealUnbound puts a sealed secret that is bound to nothing into its row.
func sealUnbound(t *testing.T, o store.Options, service, field, value string) {
	sealed, err := o.Keyring.Seal(vault.Place{Table: "secrets", Row: service, Column: field}, vault.NewSecret(value))
	if err != nil {
		t.Fatal(err)
	}
	beside(t, o, fmt.Sprintf("update secrets set key_id = '%s', wrapped = %s, box = %s, binding = '' where service = '%s' and field = '%s'",
		sealed.KeyID, literal(o, sealed.WrappedKey), literal(o, sealed.Box), service, field))
}

// literal is bytes in the SQL of an engine.
func literal(o store.Options, b []byte) string {
	if o.DatabaseURL != "" {
		return `'\x` + hex.EncodeToString(b) + `'`
	}
	return "x'" + hex.EncodeToString(b) + "'"
}
