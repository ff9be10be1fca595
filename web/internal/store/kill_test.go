package store_test

import (
	"bufio"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"duplex/bridge"
	"duplex/bridge/testkit"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

const kills = 10

var (
	childData = flag.String("child-data", "", "data directory of TestChildAppends")
	childURL  = flag.String("child-url", "", "database of TestChildAppends")
	childID   = flag.String("child-session", "", "session of TestChildAppends")
	childKeys = flag.String("child-keys", "", "key file of TestChildRewraps")
)

// TestChildAppends is no test but the process that the tests below kill: it
// appends for ever and says on its standard output which seq is acknowledged.
func TestChildAppends(t *testing.T) {
	if *childID == "" {
		t.Skip("runs as a child only")
	}
	s := open(t, store.Options{DataDir: *childData, DatabaseURL: *childURL})
	begin(t, s, *childID)
	for seq := int64(1); ; {
		n := 1 + seq%50
		add(t, s, *childID, texts(seq, numbered(int(n))...)...)
		seq += n
		_, _ = fmt.Fprintln(os.Stdout, seq-1) //nolint:forbidigo // this process is the test's child
	}
}

func TestKilledSQLiteKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	o := store.Options{DataDir: t.TempDir()}
	killRepeatedly(t, o)
	checkIntegrity(t, o.DataDir+"/duplex.db")
	testkit.AtMost(t, "kill", "files of SQLite that fail integrity_check", map[bool]float64{true: 1}[t.Failed()], 0, "")
}

func TestKilledPostgreSQLClientKeepsWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	killRepeatedly(t, sharedPostgres(t).options(t))
}

func killRepeatedly(t *testing.T, o store.Options) {
	t.Helper()
	acknowledged := map[string]int64{}
	var all int64
	for i := range kills {
		id := fmt.Sprintf("killed-%d", i)
		acknowledged[id] = killAfter(t, o, id, 20+37*i)
	}
	s := open(t, o)
	if n, err := s.RecoverSessions(t.Context()); err != nil || n != kills {
		t.Fatalf("%d sessions recovered (error %v), want %d", n, err, kills)
	}
	for id, least := range acknowledged {
		checkLog(t, s, id, least)
		all += least
	}
	testkit.AtLeast(t, "kill", "messages acknowledged by the store before kill -9", float64(all), 1000, "")
}

// killAfter starts a child, kills it after so many acknowledgements and returns
// the last one it gave.
func killAfter(t *testing.T, o store.Options, id string, after int) (last int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run=^TestChildAppends$", "-child-data="+o.DataDir, "-child-url="+o.DatabaseURL, "-child-session="+id)
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for n := 0; lines.Scan(); n++ {
		if last, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
			t.Errorf("child says %q", lines.Text())
			break
		}
		if n == after {
			_ = child.Process.Kill() // and read on: earlier acknowledgements count
		}
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if last == 0 {
		t.Fatal("the child acknowledged nothing")
	}
	return last
}

// checkLog reads the whole log: its messages are those that were written, without
// a gap, up to the event of the recovery.
func checkLog(t *testing.T, s *store.Store, id string, least int64) {
	t.Helper()
	var last int64
	var event string
	for m, err := range s.Messages(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		if last++; m.Seq != last {
			t.Fatalf("%s: seq %d follows %d", id, m.Seq, last-1)
		}
		if event = m.Event; event == "" && len(m.Payload) != len(numbered(1)[0]) {
			t.Fatalf("%s: message %d is altered", id, m.Seq)
		}
	}
	if event != string(bridge.EventInterrupted) || last-1 < least {
		t.Errorf("%s: %d messages and event %q, %d were acknowledged", id, last-1, event, least)
	}
	r, err := s.Session(t.Context(), id)
	if err != nil || r.LastSeq != last || r.Counts.Received != last-1 || r.Ending == nil {
		t.Errorf("%s: record %+v, %v", id, r, err)
	}
	if n := len(rows(t, s, id, transcript.Query{After: last - 1})); n != 1 {
		t.Errorf("%s: %d rows at the end", id, n)
	}
}

func checkIntegrity(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "pragma integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %q, %v", verdict, err)
	}
}
