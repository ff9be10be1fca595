package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"duplex/web/internal/pgtest"
)

var contentsOfBackup = regexp.MustCompile(`(\d+) tables, (\d+) rows, contents ([0-9a-f]{64})`)

// ran runs a command of the program and returns what it prints. It fails unless the
// exit code is as told.
func ran(t *testing.T, code int, args ...string) string {
	t.Helper()
	got, out, errs := runHelp(t, nil, args...)
	if got != code {
		t.Fatalf("duplex %s: %d\n%s%s", strings.Join(args, " "), got, out, errs)
	}
	return out + errs
}

// backUp takes a backup, and returns its file and the line about its contents.
func backUp(t *testing.T, store ...string) (file, contents string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "backup")
	out := ran(t, 0, append([]string{"backup", file}, store...)...)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is open to others: %v %v", info, err)
	}
	if !strings.Contains(out, "in another place") {
		t.Errorf("nothing is said about the key file:\n%s", out)
	}
	return file, contentsOfBackup.FindString(out)
}

// A backup that is taken under load is one state: restored in another place, of either
// engine, it has the same contents, and a server goes on from it.
func TestBackupUnderLoadIsRestoredElsewhere(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	engines := map[string]func() []string{
		"sqlite":   func() []string { return nil },
		"postgres": func() []string { return []string{"--database-url", server.DatabaseURL(t)} },
	}
	for from, origin := range engines {
		t.Run("from "+from, func(t *testing.T) {
			t.Parallel()
			store := origin()
			p := startProgram(t, store...)
			target := startStreamer(t, 2000)
			session := p.open(object{"address": target.url}).ID
			shown := func() int64 {
				rows := p.rows(session, "latest=true&limit=1").Messages
				if len(rows) == 0 {
					return 0
				}
				return rows[0].Seq
			}
			until(t, "messages pass", func() bool { return shown() > 500 })
			before := shown()
			file, contents := backUp(t, append(store, "--data", p.data)...)
			until(t, "messages pass after the backup", func() bool { return shown() > before })
			p.stop()
			keys, err := os.ReadFile(filepath.Join(p.data, "keys"))
			if err != nil {
				t.Fatal(err)
			}
			for to, elsewhere := range engines {
				t.Run("to "+to, func(t *testing.T) {
					t.Parallel()
					data := t.TempDir()
					if err := os.WriteFile(filepath.Join(data, "keys"), keys, 0o600); err != nil {
						t.Fatal(err)
					}
					store := append(elsewhere(), "--data", data)
					if out := ran(t, 0, append([]string{"restore", file}, store...)...); contentsOfBackup.FindString(out) != contents || contents == "" {
						t.Fatalf("backed up %q, restored\n%s", contents, out)
					}
					if _, again := backUp(t, store...); again != contents {
						t.Errorf("backed up %q, then again %q", contents, again)
					}
					goOnFrom(t, session, before, store)
				})
			}
		})
	}
}

// goOnFrom starts a server on a restored store, and looks at what it has.
func goOnFrom(t *testing.T, session string, least int64, store []string) {
	t.Helper()
	ran(t, 1, append([]string{"restore", os.DevNull}, store...)...)
	p := startProgram(t, append(store, "--demo=false")...)
	var info struct {
		LastSeq int64 `json:"last_seq"`
		State   string
	}
	p.call("GET", "/api/sessions/"+session, nil, 200, &info)
	if info.LastSeq < least || info.State != "closed" {
		t.Errorf("%d messages were shown before the backup, and the session has %+v", least, info)
	}
	if rows := p.rows(session, "after=0&limit=1000").Messages; len(rows) == 0 || rows[0].Seq != 1 {
		t.Errorf("the log begins with %d rows: %+v", len(rows), info)
	}
	p.stop()
	ran(t, 0, append([]string{"audit", "verify"}, store...)...)
	if out := ran(t, 0, append([]string{"secrets", "check"}, store...)...); strings.Contains(out, "\n0 secrets") {
		t.Errorf("there are no secrets:\n%s", out)
	}
}

func TestRestoreRefusesWhatItCannotRestore(t *testing.T) {
	p := startProgram(t)
	file, _ := backUp(t, "--data", p.data)
	p.stop()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := os.ReadFile(filepath.Join(p.data, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, test := range map[string]struct {
		backup, keys []byte
		says         string
	}{
		"no key file":      {whole, nil, "not the key file of this backup"},
		"another key file": {whole, []byte("other:" + strings.Repeat("ab", 32) + "\n"), "not the key file of this backup"},
		"cut off":          {whole[:len(whole)-40], keys, "damaged"},
		"damaged":          {flipped, keys, ""},
		"no backup":        {[]byte("hello"), keys, "not a backup"},
		"none":             {nil, keys, "not a backup"},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			source := filepath.Join(data, "backup")
			for file, content := range map[string][]byte{source: test.backup, filepath.Join(data, "keys"): test.keys} {
				if content == nil && file != source {
					continue
				}
				if err := os.WriteFile(file, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out := ran(t, 1, "restore", source, "--data", data)
			if !strings.Contains(out, test.says) || !strings.Contains(out, "Nothing was restored") {
				t.Errorf("it says %s", out)
			}
			if err := os.WriteFile(filepath.Join(data, "keys"), keys, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(source, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			ran(t, 0, "restore", source, "--data", data)
		})
	}
	if out := ran(t, 1, "restore", file, "--data", p.data); !strings.Contains(out, "has tables of Duplex already") {
		t.Errorf("a database in use: %s", out)
	}
	if out := ran(t, 1, "backup", file, "--data", p.data); !strings.Contains(out, "exists") {
		t.Errorf("a file that is there: %s", out)
	}
	if out := ran(t, 1, "backup", file+"2", "--data", t.TempDir()); !strings.Contains(out, "no file") {
		t.Errorf("no database: %s", out)
	}
	ran(t, 2, "backup", "--data", p.data)
}
