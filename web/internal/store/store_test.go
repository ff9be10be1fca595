package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
	"duplex/web/internal/store"
)

// start is the time of a test's clock.
var start = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

func open(tb testing.TB, o store.Options) *store.Store {
	tb.Helper()
	if o.Keyring == nil {
		o.Keyring = keyring(tb)
	}
	if o.Now == nil {
		o.Now = func() time.Time { return start }
	}
	s, err := store.Open(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func keyring(tb testing.TB) *vault.Keyring {
	tb.Helper()
	k, err := vault.LoadOrCreate(filepath.Join(tb.TempDir(), "keys"))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// execute runs one statement on a database beside the store.
func execute(tb testing.TB, driver, name, statement string) {
	tb.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		tb.Fatal(err)
	}
}

func begin(tb testing.TB, s *store.Store, id string) {
	tb.Helper()
	if err := s.StartSession(tb.Context(), bridge.Record{ID: id, Kind: "session", OpenedAt: start}); err != nil {
		tb.Fatal(err)
	}
}

func add(tb testing.TB, s *store.Store, id string, messages ...transcript.Message) {
	tb.Helper()
	if err := s.Append(tb.Context(), id, messages, 0); err != nil {
		tb.Fatal(err)
	}
}

// texts is one received text message for each payload, numbered from first.
func texts(first int64, payloads ...string) []transcript.Message {
	out := make([]transcript.Message, len(payloads))
	for i, p := range payloads {
		seq := first + int64(i)
		out[i] = transcript.Message{
			Seq: seq, At: start.Add(time.Duration(seq) * time.Millisecond),
			Direction: transcript.Received, Opcode: transcript.Text, Payload: []byte(p),
		}
	}
	return out
}

// numbered is n payloads of 128 bytes.
func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"n":%08d,"text":"%0108d"}`, i, i)
	}
	return out
}

func rows(tb testing.TB, s *store.Store, id string, q transcript.Query) []transcript.Row {
	tb.Helper()
	out, err := s.Rows(tb.Context(), id, q)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func seqs(rows []transcript.Row) []int64 {
	out := []int64{}
	for _, r := range rows {
		out = append(out, r.Seq)
	}
	return out
}

func wantErr(tb testing.TB, got, want error) {
	tb.Helper()
	if !errors.Is(got, want) {
		tb.Errorf("error = %v, want %v", got, want)
	}
}
