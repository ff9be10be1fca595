//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/web/internal/store"
)

func secrets(pairs ...string) map[string]vault.Secret {
	out := map[string]vault.Secret{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = vault.NewSecret(pairs[i+1]).Bind(bound())
	}
	return out
}

// bound returns the binding of the secrets in these tests.
func bound() vault.Binding {
	return vault.Binding{Targets: []string{"host.example"}, TLS: true, Owner: "ann"}
}

func save(t *testing.T, s *store.Store, svc *bridge.Service, kept map[string]vault.Secret, keep ...string) {
	t.Helper()
	if err := s.SaveService(t.Context(), svc, kept, keep); err != nil {
		t.Fatal(err)
	}
}

func servicesComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	want := bridge.Service{
		Name: "Whisper", Address: "wss://host.example/v1",
		Params:       []bridge.Parameter{{Name: "a", Value: "\x00", Enabled: true}, {Name: "a"}},
		Headers:      []bridge.Parameter{{Name: "X-A", Value: "1", Enabled: true}},
		Subprotocols: []string{"one", "two"},
		Credential:   sign.Credential{Kind: sign.KindAKSK, Plain: map[string]string{"access_key": "AK"}},
		Compression:  true, CAPEM: "-----BEGIN", ClientCertPEM: "-----BEGIN CERT",
		ConnectionSettings: bridge.ConnectionSettings{PingInterval: 20 * time.Second, PongTimeout: time.Minute, MaxMessageBytes: 1 << 20},
		SkipVerify:         true, RecordRelay: true, Dialect: "vosk", Folder: "Speech", Environment: "staging", Demo: "echo", Owner: "sso|zoe", Shared: true,
	}
	save(t, s, &want, secrets("secret_key", "SK"))
	if want.ID == "" || !want.CreatedAt.Equal(start) || want.Secrets["secret_key"].Fingerprint == "" {
		t.Errorf("saving did not bring the service up to date: %+v", want)
	}
	for _, key := range []string{want.ID, "Whisper", " wHISPER "} {
		got, err := s.Service(t.Context(), "", key)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("service by %q (-want +got):\n%s", key, diff)
		}
	}
	second := bridge.Service{Name: "alpha"}
	save(t, s, &second, nil)
	list, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bridge.Service{second, want}, list); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if err := s.DeleteService(t.Context(), want.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Service(t.Context(), "", want.ID)
	wantErr(t, err, store.ErrNotFound)
	wantErr(t, s.DeleteService(t.Context(), want.ID), store.ErrNotFound)
}

func namesAreUnique(t *testing.T, o store.Options) {
	s := open(t, o)
	first, second := bridge.Service{Name: "Straße"}, bridge.Service{Name: "Other"}
	save(t, s, &first, nil)
	save(t, s, &second, nil)
	taken := bridge.Service{Name: "STRASSE"}
	wantErr(t, s.SaveService(t.Context(), &taken, nil, nil), store.ErrNameTaken)
	if taken.ID != "" {
		t.Error("a service that was not saved has an id")
	}
	second.Name = "straße "
	wantErr(t, s.SaveService(t.Context(), &second, nil, nil), store.ErrNameTaken)
	first.Name = "STRAßE"
	save(t, s, &first, nil)
	gone := bridge.Service{ID: "gone", Name: "gone"}
	wantErr(t, s.SaveService(t.Context(), &gone, nil, nil), store.ErrNotFound)
	bad := bridge.Service{Name: "nul\x00"}
	wantErr(t, s.SaveService(t.Context(), &bad, nil, nil), store.ErrBadText)
	for _, name := range []string{"nul\x00", "\xff"} { // no service can have such a name
		_, err := s.Service(t.Context(), "", name)
		wantErr(t, err, store.ErrNotFound)
	}
}

// A private name is unique among those of its owner, a shared one among the team's:
// private services of others neither take a name nor are revealed by it.
func namesAreUniqueWhereTheyAreSeen(t *testing.T, o store.Options) {
	s := open(t, o)
	team := bridge.Service{Name: "Chat", Owner: "ada", Shared: true}
	adas, bens := bridge.Service{Name: "chat", Owner: "ada"}, bridge.Service{Name: "CHAT", Owner: "ben"}
	for _, svc := range []*bridge.Service{&team, &adas, &bens} {
		save(t, s, svc, nil)
	}
	again := bridge.Service{Name: "Chat", Owner: "ben"}
	wantErr(t, s.SaveService(t.Context(), &again, nil, nil), store.ErrNameTaken)
	shared := bens
	shared.Shared = true
	wantErr(t, s.SaveService(t.Context(), &shared, nil, nil), store.ErrNameTaken)
	for _, c := range []struct{ person, name, id string }{
		{"ada", "Chat", adas.ID}, {"ben", "chat", bens.ID}, {"zoe", "chat", team.ID}, {"", "chat", team.ID}, {"zoe", bens.ID, bens.ID},
	} {
		if got, err := s.Service(t.Context(), c.person, c.name); err != nil || got.ID != c.id {
			t.Errorf("%s by %q: %+v, %v", c.person, c.name, got, err)
		}
	}
	_, err := s.Service(t.Context(), "zoe", "chat\nben")
	wantErr(t, err, store.ErrNotFound)
	if err := s.DeleteService(t.Context(), team.ID); err != nil {
		t.Fatal(err)
	}
	save(t, s, &shared, nil)
	if got, err := s.Service(t.Context(), "zoe", "chat"); err != nil || got.ID != bens.ID {
		t.Errorf("shared since: %+v, %v", got, err)
	}

	// As it was before names were told apart by their owners.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	beside(t, o, `update services set folded = 'chat of ada' where owner = 'ada'`)
	beside(t, o, `delete from migrations where name = '0012_door.sql'`)
	s = open(t, o)
	if got, err := s.Service(t.Context(), "zoe", "chat of ada"); err == nil {
		t.Errorf("a private one of before is %+v for others", got)
	}
	if got, err := s.Service(t.Context(), "ada", "chat of ada"); err != nil || got.ID != adas.ID {
		t.Errorf("%+v, %v", got, err)
	}
}

func secretsAreKept(t *testing.T, o store.Options) {
	s := open(t, o)
	svc := bridge.Service{Name: "a", Credential: sign.Credential{Kind: sign.KindAKSK}}
	opened := func() string {
		t.Helper()
		c, err := s.Credential(t.Context(), svc.ID)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s %s %s", c.Secrets["x"].Reveal(), c.Secrets["y"].Reveal(), c.Secrets["z"].Reveal())
	}
	save(t, s, &svc, secrets("x", "x1", "y", "y1"))
	print1 := svc.Secrets["x"].Fingerprint
	if got := opened(); got != "x1 y1 " {
		t.Errorf("saved: %q", got)
	}
	save(t, s, &svc, secrets("z", "z1"), "x", "y", "unknown")
	if got := opened(); got != "x1 y1 z1" || svc.Secrets["x"].Fingerprint != print1 {
		t.Errorf("kept: %q", got)
	}
	save(t, s, &svc, secrets("x", "x2"), "y")
	if got := opened(); got != "x2 y1 " || svc.Secrets["x"].Fingerprint == print1 {
		t.Errorf("replaced and deleted: %q", got)
	}
	save(t, s, &svc, nil)
	if got := opened(); got != "  " || len(svc.Secrets) != 0 {
		t.Errorf("all deleted: %q", got)
	}
}

func credentialIsOpened(t *testing.T, o store.Options) {
	now := start
	o.Now = func() time.Time { return now }
	s := open(t, o)
	svc := bridge.Service{
		Name:       "a",
		Credential: sign.Credential{Kind: sign.KindBasic, Plain: map[string]string{"username": "u"}},
	}
	save(t, s, &svc, secrets("password", "p"))
	if !svc.Secrets["password"].LastUsedAt.IsZero() {
		t.Error("used before it was opened")
	}
	now = start.Add(time.Hour)
	c, err := s.Credential(t.Context(), svc.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c.Kind != sign.KindBasic || c.Plain["username"] != "u" || c.Secrets["password"].Reveal() != "p" {
		t.Errorf("credential = %v", c)
	}
	got, err := s.Service(t.Context(), "", svc.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := bridge.SecretInfo{Fingerprint: svc.Secrets["password"].Fingerprint, Binding: bound(), UpdatedAt: start, LastUsedAt: now}
	if diff := cmp.Diff(want, got.Secrets["password"]); diff != "" {
		t.Errorf("secret (-want +got):\n%s", diff)
	}
	_, err = s.Credential(t.Context(), "unknown")
	wantErr(t, err, store.ErrNotFound)
}

func sealedSecretStaysInItsRow(t *testing.T, o store.Options) {
	s := open(t, o)
	for _, name := range []string{"a", "b"} {
		svc := bridge.Service{Name: name, Credential: sign.Credential{Kind: sign.KindBearer}}
		save(t, s, &svc, secrets("token", "of "+name))
	}
	beside(t, o, `update secrets set key_id = other.key_id, wrapped = other.wrapped, box = other.box
		from (select s.* from secrets s join services v on v.id = s.service where v.name = 'a') other
		where secrets.service = (select id from services where name = 'b')`)
	_, err := s.Credential(t.Context(), "b")
	wantErr(t, err, vault.ErrAltered)
}

func settingsAreReplaced(t *testing.T, o store.Options) {
	s := open(t, o)
	for _, want := range []string{"", "one", "two"} {
		if want != "" {
			if err := s.SetSetting(t.Context(), "key", want); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Setting(t.Context(), "key"); err != nil || got != want {
			t.Errorf("setting = %q, %v, want %q", got, err, want)
		}
	}
}

func newerDatabaseIsRefused(t *testing.T, o store.Options) {
	if err := open(t, o).Close(); err != nil {
		t.Fatal(err)
	}
	beside(t, o, `insert into migrations (name, applied_at) values ('9999_future.sql', 0)`)
	if s, err := store.Open(t.Context(), o); err == nil {
		_ = s.Close()
		t.Error("a database of a newer version was opened")
	}
}
