package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/web/internal/store"
)

// A name is in both engines' folders, or in the one for both.
func TestBothEnginesHaveTheSameMigrations(t *testing.T) {
	names := func(engine string) (out []string) {
		entries, err := os.ReadDir(filepath.Join("migrations", engine))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	if diff := cmp.Diff(names("sqlite"), names("postgres")); diff != "" {
		t.Errorf("file names (-sqlite +postgres):\n%s", diff)
	}
	for _, name := range names("both") {
		if slices.Contains(names("sqlite"), name) {
			t.Errorf("%s is there for both engines and for each", name)
		}
	}
}

func TestDatabaseFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "deep")
	s := open(t, store.Options{DataDir: dir})
	begin(t, s, "one")
	for _, name := range []string{dir, filepath.Dir(dir)} {
		wantMode(t, name, 0o700)
	}
	for _, name := range []string{"duplex.db", "duplex.db-wal", "duplex.db-shm"} {
		wantMode(t, filepath.Join(dir, name), 0o600)
	}
}

func wantMode(t *testing.T, name string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("mode of %s is %o, want %o", name, got, want)
	}
}

func TestNoSecretLiesInTheFilesOfSQLite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := saveCanaries(t, store.Options{DataDir: dir})
	searchFiles(t, dir) // with the WAL
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	searchFiles(t, dir)
}

func TestNoSecretLiesInTheFilesOfPostgreSQL(t *testing.T) {
	t.Parallel()
	server := startPostgres(t)
	saveCanaries(t, server.options(t))
	searchFiles(t, server.Data())
}

const (
	canary    = "canary-5f1e9c7b-sings-in-the-mine"
	oldCanary = "canary-0d3a8e42-was-here-before-it"
)

// saveCanaries saves a secret, uses it and replaces it.
func saveCanaries(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s := open(t, o)
	svc := bridge.Service{Name: "marker-of-the-plain-columns", Credential: sign.Credential{Kind: sign.KindBearer}}
	save(t, s, &svc, secrets("token", oldCanary))
	save(t, s, &svc, secrets("token", canary))
	if c, err := s.Credential(t.Context(), svc.ID); err != nil || c.Secrets["token"].Reveal() != canary {
		t.Fatal("the secret does not open", err)
	}
	return s
}

func searchFiles(t *testing.T, dir string) {
	t.Helper()
	plain := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		plain = plain || bytes.Contains(raw, []byte("marker-of-the-plain-columns"))
		for _, form := range append(forms(canary), forms(oldCanary)...) {
			if bytes.Contains(raw, []byte(form)) {
				t.Errorf("%s holds the secret as %q", path, form)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !plain {
		t.Error("the marker is not in the files either: the wrong ones were searched")
	}
}

// forms returns the spellings of a secret to look for: plain, hex in both cases, and
// base64 at each of the three alignments.
func forms(secret string) []string {
	inHex := hex.EncodeToString([]byte(secret))
	out := []string{secret, inHex, strings.ToUpper(inHex)}
	for shift := range 3 {
		out = append(out, base64.RawStdEncoding.EncodeToString([]byte(secret[shift:]))[:36])
	}
	return out
}
