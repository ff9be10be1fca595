package audit_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/audit"
	"duplex/bridge/vault"
)

// memory is a ledger with entries that a test can tamper with.
type memory struct {
	keys    *vault.Keyring
	entries []audit.Entry
	head    audit.Head
}

func (m *memory) AuditHead(context.Context) (audit.Head, error) { return m.head, nil }

func (m *memory) AuditEntries(_ context.Context, f audit.Filter) iter.Seq2[audit.Entry, error] {
	list := slices.Clone(m.entries)
	if f.Newest {
		slices.Reverse(list)
	}
	return func(yield func(audit.Entry, error) bool) {
		for _, e := range list {
			if e.Seq > f.After && !yield(e, nil) {
				return
			}
		}
	}
}

// add adds n entries, each with every field set.
func (m *memory) add(n int) {
	for range n {
		entry := full(len(m.entries) + 1)
		added := []audit.Entry{entry}
		m.head = audit.Link(m.keys, m.head, added)
		m.entries = append(m.entries, added...)
	}
}

func full(i int) audit.Entry {
	return audit.Entry{
		At: time.UnixMicro(int64(1_800_000_000_000_000 + i)), Person: audit.Person{ID: fmt.Sprint("p", i), Name: "Li Wei"}, Peer: "192.0.2.1:443",
		Action: audit.SessionOpen, Outcome: audit.OK, Detail: "detail", Request: fmt.Sprint("r", i),
		Object: audit.Object{Session: "s", Service: "v", ServiceName: "ASR", Target: "host:443"},
	}
}

// renumber numbers the entries again, as a forger would after adding or removing one.
func (m *memory) renumber() {
	for i := range m.entries {
		m.entries[i].Seq = int64(i + 1)
	}
}

func newMemory(t *testing.T, n int) *memory {
	t.Helper()
	m := &memory{keys: keyring(t, "k1")}
	m.add(n)
	return m
}

// keyring returns keys with the given ids, newest first, each derived from its id.
func keyring(t *testing.T, ids ...string) *vault.Keyring {
	t.Helper()
	var lines strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&lines, "%s:%064x\n", id, id)
	}
	return load(t, lines.String())
}

// stranger returns a keyring with a known id and another key.
func stranger(t *testing.T) *vault.Keyring {
	t.Helper()
	return load(t, "k1:"+strings.Repeat("f", 64))
}

func load(t *testing.T, text string) *vault.Keyring {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := vault.LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
