//go:build e2e

package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"
	_ "modernc.org/sqlite" // to check the file the program leaves behind

	"duplex/bridge/wire"
)

// Every row that a viewer was shown is stored: the program is killed ten times during a
// stream of 2,000 messages a second.
func TestNothingShownIsMissingAfterKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var total int
	for range 10 {
		s := start(t, data)
		shown, session := watchUntilKilled(t, s)
		total += len(shown)
		again := start(t, data)
		var after int64
		for _, row := range shown {
			if row.Seq > after+1 {
				t.Fatalf("shown seq %d after %d: a gap", row.Seq, after)
			}
			after = row.Seq
		}
		stored := map[int64]wire.Row{}
		for next := int64(0); ; {
			page := again.rows(session, next)
			if len(page) == 0 {
				break
			}
			for _, row := range page {
				stored[row.Seq] = row
			}
			next = page[len(page)-1].Seq
		}
		for _, row := range shown {
			if got, found := stored[row.Seq]; !found || got.Preview != row.Preview || got.AtUS != row.AtUS {
				t.Fatalf("row %d was shown and is not stored as shown", row.Seq)
			}
		}
		var state wire.State
		again.call(http.MethodGet, "/api/sessions/"+session, nil, &state)
		if state.State != "closed" || state.CloseCode != 1006 {
			t.Errorf("after the kill the session is %s %d", state.State, state.CloseCode)
		}
		again.signal(syscall.SIGKILL)
	}
	t.Logf("%d messages were shown over 10 kills, 0 are missing", total)
	if total < 1000 {
		t.Errorf("only %d messages were shown: the stream was too slow to prove anything", total)
	}
	db, err := sql.Open("sqlite", filepath.Join(data, "duplex.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRow("pragma integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %q, %v", verdict, err)
	}
}

// watchUntilKilled watches a fast ticker and kills the program after 300 rows. It returns
// all rows that were shown, and the session.
func watchUntilKilled(t *testing.T, s *server) ([]wire.Row, string) {
	t.Helper()
	ticker := s.demo("ticker", "none")
	session := s.open(object{"service": ticker.ID, "params": []object{
		{"name": "rate", "value": "2000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "0"},
	}})
	conn := s.viewer(session, 0)
	var shown []wire.Row
	killed := false
	for {
		e, err := readEvent(t.Context(), conn)
		if err != nil {
			return shown, session
		}
		shown = append(shown, e.Rows...)
		if len(shown) > 300 && !killed {
			killed = true
			_ = s.cmd.Process.Kill()
		}
	}
}

func TestTwelveMegabytesBothWays(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.open(object{"service": s.demo("echo", "none").ID})
	binary := make([]byte, 12<<20)
	if _, err := rand.Read(binary); err != nil {
		t.Fatal(err)
	}
	text := []byte(strings.Repeat("The quick brown fox — 敏捷的棕色狐狸. ", 12<<20/48))
	for opcode, payload := range map[string][]byte{"binary": binary, "text": text} {
		s.send(session, opcode, payload)
	}
	sums := map[string][32]byte{"binary": sha256.Sum256(binary), "text": sha256.Sum256(text)}
	for _, row := range s.awaitReceived(session, 2) {
		got := s.body(session, row.Seq)
		if sha256.Sum256(got) != sums[string(row.Opcode)] {
			t.Errorf("%s of %d bytes came back altered as %d", row.Opcode, row.Size, len(got))
		}
	}
}

func TestSIGTERMClosesBothSidesAndExits(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.open(object{"service": s.demo("echo", "none").ID})
	conn := s.viewer(session, 0)
	if _, err := readEvent(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	drained := false
	for {
		e, err := readEvent(t.Context(), conn)
		if err != nil {
			if websocket.CloseStatus(err) != websocket.StatusServiceRestart {
				t.Errorf("the viewer saw %v", err)
			}
			break
		}
		for _, row := range e.Rows {
			drained = drained || row.Event == "drained"
		}
	}
	if !drained {
		t.Error("the viewer was not shown that the server was shut down")
	}
	<-s.done
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestProgramRefusesStrangers(t *testing.T) {
	t.Parallel()
	out, code := command(t, "--listen", "0.0.0.0:0", "--data", t.TempDir())
	if code == 0 || !strings.Contains(out, "--listen") {
		t.Errorf("started for everybody: %d\n%s", code, out)
	}
}

func TestHealthcheckSubcommand(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	listen := strings.TrimPrefix(s.URL, "http://")
	if out, code := command(t, "healthcheck", "--listen", listen); code != 0 {
		t.Errorf("healthy, and said %d\n%s", code, out)
	}
	s.signal(syscall.SIGTERM)
	if _, code := command(t, "healthcheck", "--listen", listen); code == 0 {
		t.Error("gone, and said healthy")
	}
}
