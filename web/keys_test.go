package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unsealed returns a data directory without a secret in its database, where only the audit
// log is signed, and the id of the key.
func unsealed(t *testing.T) (data, id string) {
	t.Helper()
	data = t.TempDir()
	startProgram(t, "--data", data, "--demo=false").stop()
	id, _, _ = strings.Cut(readKeys(t, filepath.Join(data, "keys")), ":")
	return data, id
}

func serveArgs(data string) []string {
	return []string{"--listen", "127.0.0.1:0", "--data", data, "--demo=false"}
}

func TestNoKeyIsMadeForALogThatIsSigned(t *testing.T) {
	t.Parallel()
	data, id := unsealed(t)
	keys := filepath.Join(data, "keys")
	first := readKeys(t, keys)
	if err := os.Remove(keys); err != nil {
		t.Fatal(err)
	}
	wantCommand(t, 1, []string{"no key file " + keys, `"` + id + `"`, "put the file back"}, serveArgs(data)...)
	if _, err := os.Stat(keys); err == nil {
		t.Error("a new key file was made")
	}
	for name, other := range map[string]string{"another id": secondKey, "the same id": id + ":" + wrongKey + "\n"} {
		putKeys(t, keys, other)
		wantCommand(t, 1, []string{keys + " is not the one of this database", `"` + id + `"`}, serveArgs(data)...)
		code, out := command(t, "audit", "verify", "--data", data)
		if code != 1 || !strings.Contains(out, "unverifiable") || strings.Contains(out, "intact") {
			t.Errorf("%s: verify: %d %s", name, code, out)
		}
	}
	putKeys(t, keys, first)
	wantCommand(t, 0, []string{"audit log intact: entries 1 to 2"}, "audit", "verify", "--data", data)
	startProgram(t, serveArgs(data)...).echoless(t)
}

// echoless does something that takes no demo service.
func (p *program) echoless(t *testing.T) {
	t.Helper()
	if res, raw := p.do("GET", "/readyz", "", nil); res.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d %s", res.StatusCode, raw)
	}
}

func TestDatabaseOfAnotherInstanceIsRefused(t *testing.T) {
	t.Parallel()
	ours, _ := unsealed(t)
	theirs, id := unsealed(t)
	raw, err := os.ReadFile(filepath.Join(theirs, "duplex.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ours, "duplex.db"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	wantCommand(t, 1, []string{"is not the one of this database", `"` + id + `"`}, serveArgs(ours)...)
}

// A database of before has no check of its key; the head of its audit log vouches.
func TestDatabaseWithoutAKeyCheckStarts(t *testing.T) {
	t.Parallel()
	data, _ := unsealed(t)
	tamper(t, data, "delete from settings where key = 'key_check'")
	startProgram(t, serveArgs(data)...).stop()
	tamper(t, data, "update audit_head set mac = x'00'")
	startProgram(t, serveArgs(data)...).echoless(t) // somebody altered it: that is said, and no reason to be away
}

func TestEntriesOfAKeyThatHasLeftAreTold(t *testing.T) {
	t.Parallel()
	data, id := unsealed(t)
	keys := filepath.Join(data, "keys")
	putKeys(t, keys, secondKey+readKeys(t, keys))
	startProgram(t, serveArgs(data)...).stop()
	putKeys(t, keys, secondKey)
	wantCommand(t, 0, []string{"entries up to 2: unverifiable by themselves", `"` + id + `"`, "audit log intact: entries 3 to 4"}, "audit", "verify", "--data", data)
	startProgram(t, serveArgs(data)...).echoless(t)
}
