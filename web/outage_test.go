package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
	"duplex/web/internal/pgtest"
)

// outage takes the store away from a program under load.
type outage struct {
	away, back func()
	lasts      time.Duration
	noticed    bool // it lasts long enough for people to be told
	unready    bool // and for sends to be refused
}

func TestPostgreSQLAwayCostsNothing(t *testing.T) {
	t.Parallel()
	long := 2500 * time.Millisecond
	if testkit.Full() {
		long = 30 * time.Second
	}
	stopped := func(how syscall.Signal, lasts time.Duration) func(*testing.T, *pgtest.Server, *pgtest.Link) outage {
		return func(_ *testing.T, server *pgtest.Server, _ *pgtest.Link) outage {
			return outage{away: func() { server.Stop(how) }, back: server.Start, lasts: lasts, noticed: lasts > time.Second, unready: lasts > time.Second}
		}
	}
	for name, of := range map[string]func(*testing.T, *pgtest.Server, *pgtest.Link) outage{
		"restarted": stopped(syscall.SIGINT, 0),
		"crashed":   stopped(syscall.SIGQUIT, long),
		"killed":    stopped(syscall.SIGKILL, 0),
		"link is cut": func(_ *testing.T, _ *pgtest.Server, link *pgtest.Link) outage {
			return outage{away: link.Cut, back: link.Mend, lasts: long, noticed: true, unready: true}
		},
		"backends killed": func(t *testing.T, server *pgtest.Server, _ *pgtest.Link) outage {
			t.Helper()
			return outage{away: func() {
				for range 5 {
					server.Execute(t, "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'")
					<-time.After(100 * time.Millisecond)
				}
			}, back: func() {}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			link := pgtest.Through(t, server.Address())
			url := server.URLAt(t, link.Address())
			p := startProgram(t, "--demo=false", "--database-url", url)
			db, err := sql.Open("pgx", server.Again(t, url))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			withstand(t, p, db, of(t, server, link))
		})
	}
}

func TestSQLiteLockedCostsNothing(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--demo=false")
	lasts := 2500 * time.Millisecond
	if testkit.Full() {
		lasts = 20 * time.Second
	}
	open := func() *sql.DB {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(p.data, "duplex.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	var lock *sql.Tx
	withstand(t, p, open(), outage{
		lasts: lasts, noticed: true, unready: true,
		away: func() {
			var err error
			if lock, err = open().BeginTx(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
		},
		back: func() { _ = lock.Rollback() },
	})
}

// sends counts the outcomes of sent messages.
type sends struct {
	mu       sync.Mutex // guards all below
	accepted []string
	refused  []string
	slowest  time.Duration // refusal
}

// post sends a message and returns the status and the error code.
func (p *program) post(session, clientID, payload string) (status int, code string) {
	path := fmt.Sprintf("/api/sessions/%s/messages?opcode=text&client_id=%s", session, clientID)
	res, raw := p.do("POST", path, "application/octet-stream", strings.NewReader(payload))
	var answer struct{ Error wire.Error }
	_ = json.Unmarshal(raw, &answer)
	return res.StatusCode, answer.Error.Code
}

// run sends a message every 20 ms until ctx ends.
func (s *sends) run(ctx context.Context, p *program, session string) {
	for n := 0; ctx.Err() == nil; n++ {
		payload := fmt.Sprintf("up-%d", n)
		began := time.Now()
		status, code := p.post(session, payload, payload)
		took := time.Since(began)
		s.mu.Lock()
		switch {
		case status == http.StatusCreated:
			s.accepted = append(s.accepted, payload)
		case status == http.StatusServiceUnavailable && code == "store_unavailable":
			s.refused = append(s.refused, payload)
			s.slowest = max(s.slowest, took)
		default:
			p.t.Errorf("%s got %d %s", payload, status, code)
		}
		s.mu.Unlock()
		<-time.After(20 * time.Millisecond)
	}
}

func withstand(t *testing.T, p *program, db *sql.DB, o outage) {
	t.Helper()
	rate := 1000
	if testkit.Full() {
		rate = 5000
	}
	target := startStreamer(t, rate)
	session := p.open(object{"address": target.url}).ID
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var checked, batches atomic.Int64
	first := p.follow(ctx, session, func(seq int64) {
		if batches.Add(1)%5 != 0 {
			return
		}
		var stored int64
		if db.QueryRowContext(ctx, "select last_seq from counts where session = $1", session).Scan(&stored) != nil {
			return // it is away
		}
		checked.Add(1)
		if stored < seq {
			t.Errorf("%d is shown, %d is stored", seq, stored)
		}
	})
	second := p.follow(ctx, session, nil)
	sending, stopSending := context.WithCancel(ctx)
	var sent sends
	var sender sync.WaitGroup
	sender.Go(func() { sent.run(sending, p, session) })
	eventually(t, 10*time.Second, "messages are shown", func() bool { return first.down.Load() > int64(rate) && second.down.Load() > int64(rate) })

	began := time.Now()
	o.away()
	if o.noticed {
		told := eventually(t, 20*time.Second, "the viewer is told", first.isAway)
		if told > 3*time.Second { // two, and one for a busy machine
			t.Errorf("the viewer is told after %v", told)
		}
		t.Logf("the viewer is told after %v", told.Round(time.Millisecond))
	}
	if o.unready {
		if res, raw := p.do("GET", "/readyz", "", nil); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(raw), "store_unavailable") {
			t.Errorf("readyz: %d %s", res.StatusCode, raw)
		}
		asked := time.Now()
		if res, raw := p.do("GET", "/api/sessions", "", nil); res.StatusCode != http.StatusOK && (res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(raw), "store_unavailable")) {
			t.Errorf("list: %d %s", res.StatusCode, raw)
		}
		if status, code := p.tryOpen(target.url); status != http.StatusServiceUnavailable || code != "store_unavailable" {
			t.Errorf("open: %d %s", status, code)
		}
		t.Logf("list and open are answered after %v", time.Since(asked).Round(time.Millisecond))
	}
	<-time.After(o.lasts - time.Since(began))
	sent.mu.Lock()
	for _, payload := range sent.refused {
		if target.times(payload) > 0 {
			t.Errorf("%s was refused and reached the target", payload)
		}
	}
	if o.unready && len(sent.refused) == 0 {
		t.Error("no send was refused")
	}
	sent.mu.Unlock()
	o.back()
	back := time.Now()
	caught := func() bool { return first.at.Load() > back.UnixMilli() && second.at.Load() > back.UnixMilli() }
	t.Logf("caught up %v after the return", eventually(t, 10*time.Second, "all is caught up", caught).Round(time.Millisecond))
	eventually(t, 10*time.Second, "the notice is gone", func() bool { return !first.isAway() })
	eventually(t, 10*time.Second, "ready again", func() bool {
		res, _ := p.do("GET", "/readyz", "", nil)
		return res.StatusCode == http.StatusOK
	})
	stopSending()
	sender.Wait()
	for _, payload := range sent.refused {
		if status, code := p.post(session, payload, payload); status != http.StatusCreated {
			t.Errorf("%s again: %d %s", payload, status, code)
		}
	}
	close(target.stop)
	for _, f := range []*follower{first, second} {
		eventually(t, 30*time.Second, "all is shown", func() bool { return f.down.Load() == target.sent.Load() })
		if n := f.returns.Load(); n > 0 {
			t.Errorf("a viewer was dismissed %d times", n)
		}
	}
	var state wire.State
	p.call("GET", "/api/sessions/"+session, nil, http.StatusOK, &state)
	if state.State != "open" {
		t.Errorf("the session is %s: %d %s", state.State, state.CloseCode, state.CloseReason)
	}
	checkOutageLog(t, p.exported(session), target, &sent)
	t.Logf("%d messages received, %d sent, %d refused at first (the slowest after %v), %d times looked whether what is shown is stored",
		target.sent.Load(), len(sent.accepted), len(sent.refused), sent.slowest.Round(time.Millisecond), checked.Load())
	cancel()
	<-first.done
	<-second.done
}

// checkOutageLog checks that nothing is lost and nothing is doubled, in the log and at
// the target.
func checkOutageLog(t *testing.T, log []exportLine, target *streamer, sent *sends) {
	t.Helper()
	var down int64
	logged := map[string]int{}
	for _, line := range log {
		switch {
		case line.Direction == "received":
			if n, _, ok := downOf(line.Text); !ok || n != down {
				t.Fatalf("#%d is %q, message %d belongs there", line.Seq, line.Text, down)
			}
			down++
		case line.Direction == "sent" && line.Event == "":
			logged[line.Text]++
		}
	}
	if down != target.sent.Load() {
		t.Errorf("%d messages are in the log, the target sent %d", down, target.sent.Load())
	}
	for _, payload := range append(append([]string(nil), sent.accepted...), sent.refused...) {
		eventually(t, 5*time.Second, payload+" reaches the target", func() bool { return target.times(payload) > 0 })
		if n := target.times(payload); n != 1 {
			t.Errorf("%s reached the target %d times", payload, n)
		}
		if logged[payload] == 0 {
			t.Errorf("%s is not in the log", payload)
		}
	}
}

func (p *program) tryOpen(address string) (status int, code string) {
	body, _ := json.Marshal(object{"address": address})
	res, raw := p.do("POST", "/api/sessions", "application/json", strings.NewReader(string(body)))
	var answer struct{ Error wire.Error }
	_ = json.Unmarshal(raw, &answer)
	return res.StatusCode, answer.Error.Code
}

// A process that is to end while the store is away ends in time, also when nothing on the
// way to it answers. The sessions that it could not store are ended by the next one.
func TestDrainEndsWhileTheStoreIsAway(t *testing.T) {
	if !testkit.Full() {
		t.Skip("SKIPPED: takes as long as a drain may (DUPLEX_FULL=1)")
	}
	server := pgtest.Start(t)
	link := pgtest.Through(t, server.Address())
	for name, o := range map[string]outage{
		"stopped": {away: func() { server.Stop(syscall.SIGINT) }, back: server.Start},
		"cut":     {away: link.Cut, back: link.Mend},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--database-url", server.URLAt(t, link.Address())}
			p := startChild(t, t.TempDir(), args...)
			session := p.echo()
			p.send(session.ID, "text", "", "before")
			var all sync.WaitGroup
			for range 48 { // until the pool is full of connections
				all.Go(func() { p.do("GET", "/api/sessions", "", nil) })
			}
			all.Wait()
			o.away()
			began := time.Now()
			code := p.signal(syscall.SIGTERM, 30*time.Second)
			took := time.Since(began)
			t.Logf("exit code %d after %v", code, took.Round(time.Millisecond))
			if code != 1 { // something is not stored
				t.Errorf("exit code %d", code)
			}
			if took > drainBound {
				t.Errorf("it ended after %v", took)
			}
			o.back()
			again := startChild(t, p.data, args...)
			var state wire.State
			again.call("GET", "/api/sessions/"+session.ID, nil, http.StatusOK, &state)
			if state.State != "closed" || state.CloseCode != 1006 || state.Diagnosis == nil {
				t.Errorf("state %+v", state)
			}
			again.call("DELETE", "/api/sessions/"+session.ID, nil, http.StatusNoContent, nil)
		})
	}
}

// A session can be closed while the store is away, because the target may cost money. Its
// end is stored later.
func TestSessionIsClosedWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	session := p.echo()
	v := p.follow(t.Context(), session.ID, nil)
	other, err := sql.Open("sqlite", "file:"+filepath.Join(p.data, "duplex.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	lock, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }()
	eventually(t, 20*time.Second, "the viewer is told", v.isAway)
	eventually(t, 20*time.Second, "reading is given up", func() bool { _, code := p.post(session.ID, "", "x"); return code == "store_unavailable" })
	var state wire.State
	p.call("POST", "/api/sessions/"+session.ID+"/close", object{"code": 4001, "reason": "bye"}, http.StatusOK, &state)
	if state.State != "closed" || state.CloseCode != 4001 {
		t.Errorf("state %s %d", state.State, state.CloseCode)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "it is stored", func() bool {
		res, _ := p.do("DELETE", "/api/sessions/"+session.ID, "", nil)
		return res.StatusCode == http.StatusNoContent
	})
}
