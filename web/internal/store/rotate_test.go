//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/web/internal/store"
)

// Lines of key files.
var (
	oldKey   = "old:" + strings.Repeat("1", 64)
	newKey   = "new:" + strings.Repeat("2", 64)
	wrongKey = "old:" + strings.Repeat("3", 64)
)

func keysOf(t *testing.T, lines ...string) *vault.Keyring {
	t.Helper()
	k, err := vault.Load(keyFileOf(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func keyFileOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reopened is the store with other keys.
func reopened(t *testing.T, o store.Options, lines ...string) *store.Store {
	t.Helper()
	o.Keyring = keysOf(t, lines...)
	return open(t, o)
}

// saveMany keeps so many secrets under the old key, each of a value of its own.
func saveMany(t *testing.T, o store.Options, services, fields int) {
	t.Helper()
	s := reopened(t, o, oldKey)
	for i := range services {
		kept := map[string]vault.Secret{}
		for f := range fields {
			kept[fmt.Sprintf("f%03d", f)] = vault.NewSecret(fmt.Sprintf("value-%d-%d", i, f)).Bind(bound())
		}
		svc := bridge.Service{Name: fmt.Sprintf("service %d", i), Credential: sign.Credential{Kind: sign.KindBearer}}
		save(t, s, &svc, kept)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkMany opens them all and compares the values.
func checkMany(t *testing.T, s *store.Store, services, fields int) {
	t.Helper()
	for i := range services {
		c, err := s.Credential(t.Context(), fmt.Sprintf("service %d", i))
		if err != nil || len(c.Secrets) != fields {
			t.Fatalf("service %d: %d secrets, %v", i, len(c.Secrets), err)
		}
		for f := range fields {
			if !c.Secrets[fmt.Sprintf("f%03d", f)].Equal(vault.NewSecret(fmt.Sprintf("value-%d-%d", i, f)).Bind(bound())) {
				t.Fatalf("secret %d of service %d is another", f, i)
			}
		}
	}
}

func secretsAreChecked(t *testing.T, o store.Options) {
	saveMany(t, o, 2, 2)
	beside(t, o, "update secrets set key_id = 'gone' where field = 'f000' and service = (select id from services where name = 'service 1')")
	beside(t, o, "update secrets set binding = '' where field = 'f001' and service = (select id from services where name = 'service 0')")
	states, err := reopened(t, o, newKey, oldKey).CheckSecrets(t.Context())
	if err != nil || len(states) != 4 {
		t.Fatalf("%+v, %v", states, err)
	}
	var said []string
	for _, s := range states {
		said = append(said, fmt.Sprintf("%s %s %s %v", s.Service, s.Field, s.KeyID, s.Err == nil))
	}
	want := "service 0 f000 old true, service 0 f001 old false, service 1 f000 gone false, service 1 f001 old true"
	if got := strings.Join(said, ", "); got != want {
		t.Errorf("checked: %s", got)
	}
	if missing, ok := errors.AsType[*vault.KeyMissingError](states[2].Err); !ok || missing.ID != "gone" {
		t.Errorf("missing key: %v", states[2].Err)
	}
	wantErr(t, states[1].Err, vault.ErrAltered)
}

func secretsAreRewrapped(t *testing.T, o store.Options) {
	saveMany(t, o, 3, 4)
	during := reopened(t, o, newKey, oldKey)
	n, failed, err := during.Rewrap(t.Context())
	if err != nil || n != 12 || len(failed) != 0 {
		t.Fatalf("%d wrapped, %v, %v", n, failed, err)
	}
	checkMany(t, during, 3, 4)
	if n, _, err := during.Rewrap(t.Context()); err != nil || n != 0 {
		t.Errorf("a second time: %d, %v", n, err)
	}
	after := reopened(t, o, newKey)
	checkMany(t, after, 3, 4)
	if err := after.CheckKeys(t.Context()); err != nil {
		t.Error(err)
	}
}

func signInsOutliveARotation(t *testing.T, o store.Options) {
	first := reopened(t, o, oldKey)
	putSignIn(t, first, signIn("a"))
	putSignIn(t, first, signIn("ended"))
	if err := first.EndSignIn(t.Context(), "ended"); err != nil {
		t.Fatal(err)
	}
	during := reopened(t, o, newKey, oldKey)
	states, err := during.CheckSecrets(t.Context())
	if err != nil || len(states) != 1 || states[0].Person != "Ada" || states[0].KeyID != "old" || states[0].Err != nil {
		t.Errorf("checked: %+v, %v", states, err)
	}
	if n, failed, err := during.Rewrap(t.Context()); err != nil || n != 1 || len(failed) != 0 {
		t.Errorf("%d wrapped, %v, %v", n, failed, err)
	}
	if in := readSignIn(t, reopened(t, o, newKey), "a"); in.Refresh.Reveal() != "refresh-token-of-ada" {
		t.Error("the token is another")
	}
}

// A sign-in with a refresh token under a missing key cannot be renewed. Nothing else
// fails.
func signInWithoutItsKeyIsNotRenewed(t *testing.T, o store.Options) {
	putSignIn(t, reopened(t, o, oldKey), signIn("a"))
	after := reopened(t, o, newKey)
	if err := after.CheckKeys(t.Context()); err != nil {
		t.Errorf("a server does not start for want of a refresh token: %v", err)
	}
	want := signIn("a")
	want.Refresh = vault.Secret{}
	if diff := cmp.Diff(want, readSignIn(t, after, "a"), likeSignIn); diff != "" {
		t.Errorf("sign-in (-want +got):\n%s", diff)
	}
}

func failedRotationLosesNothing(t *testing.T, o store.Options) {
	saveMany(t, o, 2, 4)
	beside(t, o, "update secrets set key_id = 'gone' where field = 'f001'")
	failing := "when old.field = 'f002' begin select raise(abort, 'disk on fire'); end"
	if o.DatabaseURL != "" {
		beside(t, o, `create function fire() returns trigger language plpgsql as
			'begin if old.field = ''f002'' then raise exception ''disk on fire''; end if; return new; end'`)
		failing = "for each row execute function fire()"
	}
	beside(t, o, "create trigger fire before update on secrets "+failing)
	during := reopened(t, o, newKey, oldKey)
	n, failed, err := during.Rewrap(t.Context())
	if err == nil || !strings.Contains(err.Error(), "disk on fire") || n != 1 || len(failed) != 1 || failed[0].KeyID != "gone" {
		t.Errorf("%d wrapped, %+v, %v", n, failed, err)
	}
	drop := "drop trigger fire"
	if o.DatabaseURL != "" {
		drop += " on secrets"
	}
	beside(t, o, drop)
	n, failed, err = during.Rewrap(t.Context())
	if err != nil || n != 5 || len(failed) != 2 {
		t.Errorf("begun again: %d wrapped, %+v, %v", n, failed, err)
	}
	beside(t, o, "update secrets set key_id = 'old' where key_id = 'gone'") // its key is found again
	checkMany(t, during, 2, 4)
}

func wrongKeyFileIsTold(t *testing.T, o store.Options) {
	if err := reopened(t, o, newKey).CheckKeys(t.Context()); err != nil {
		t.Errorf("nothing is kept, any key will do: %v", err)
	}
	saveMany(t, o, 1, 3)
	if missing, ok := errors.AsType[*vault.KeyMissingError](reopened(t, o, newKey).CheckKeys(t.Context())); !ok || missing.ID != "old" {
		t.Errorf("missing: %v", missing)
	}
	wantErr(t, reopened(t, o, newKey, wrongKey).CheckKeys(t.Context()), store.ErrWrongKey)
	beside(t, o, "update secrets set binding = '' where field = 'f000'")
	if err := reopened(t, o, oldKey).CheckKeys(t.Context()); err != nil {
		t.Errorf("one that does not open keeps the rest away: %v", err)
	}
}

// TestChildRewraps is no test but the process that the tests below kill.
func TestChildRewraps(t *testing.T) {
	if *childKeys == "" {
		t.Skip("runs as a child only")
	}
	keys, err := vault.Load(*childKeys)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Options{DataDir: *childData, DatabaseURL: *childURL, Keyring: keys})
	if _, failed, err := s.Rewrap(t.Context()); err != nil || len(failed) > 0 {
		t.Fatal(failed, err)
	}
}

func TestRotationKilledOnSQLiteLosesNothing(t *testing.T) {
	killRotations(t, store.Options{DataDir: t.TempDir()})
}

func TestRotationKilledOnPostgreSQLLosesNothing(t *testing.T) {
	killRotations(t, sharedPostgres(t).options(t))
}

// killRotations kills a rotation when a tenth, two tenths and so on are done, and has
// the next one go on from there.
func killRotations(t *testing.T, o store.Options) {
	t.Helper()
	const services, fields = 4, 400
	saveMany(t, o, services, fields)
	both := keyFileOf(t, newKey, oldKey)
	var at []int
	for tenth := range 9 {
		at = append(at, killRewrapAfter(t, o, both, (tenth+1)*services*fields/10))
		s := reopened(t, o, newKey, oldKey)
		checkMany(t, s, services, fields)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := reopened(t, o, newKey, oldKey)
	n, failed, err := s.Rewrap(t.Context())
	if err != nil || len(failed) > 0 {
		t.Fatal(failed, err)
	}
	checkMany(t, reopened(t, o, newKey), services, fields)
	t.Logf("killed with %v of %d rewrapped; the last run did %d; all open under the new key alone", at, services*fields, n)
}

// killRewrapAfter kills a rotation once so many rows are under the new key, and
// returns how many were.
func killRewrapAfter(t *testing.T, o store.Options, keys string, rows int) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run=^TestChildRewraps$", "-child-data="+o.DataDir, "-child-url="+o.DatabaseURL, "-child-keys="+keys)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	count := rewrappedCounter(t, o)
	for count() < rows {
		select {
		case err := <-ended:
			t.Fatalf("the rotation ended by itself: %v", err)
		default:
		}
	}
	_ = child.Process.Kill()
	if err := <-ended; err == nil {
		t.Error("the rotation was done before it was killed")
	}
	return count()
}

// rewrappedCounter returns a function that counts the rows under the new key, on one
// connection: opening one each time took most of this test's CPU.
func rewrappedCounter(t *testing.T, o store.Options) func() int {
	t.Helper()
	driver, name := "sqlite", "file:"+o.DataDir+"/duplex.db?_pragma=busy_timeout(10000)"
	if o.DatabaseURL != "" {
		driver, name = "pgx", o.DatabaseURL
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), "select count(*) from secrets where key_id = 'new'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}
