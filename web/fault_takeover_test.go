package main

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
	"duplex/web/internal/pgtest"
)

// takeoverBound is the time after which a successor has to serve: the 3 s after which an
// owner counts as gone, and one.
const takeoverBound = 4 * time.Second

// One process holds a store. Where it is killed, the next one serves its viewers, who miss
// nothing and see nothing twice, and a person can connect again.
func TestFaultTakeover(t *testing.T) {
	t.Parallel()
	const figure, watchers = "takeover", 12
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			args := []string{"--demo=false", "--listen", testkit.FreeAddr(t)}
			if engine == "postgres" {
				args = append(args, "--database-url", pgtest.Shared(t).DatabaseURL(t))
			}
			data := t.TempDir()
			p := startChild(t, data, args...)
			target := startStreamer(t, 200)
			session := p.open(object{"address": target.url}).ID
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var all []*follower
			for range watchers {
				all = append(all, p.follow(ctx, session, nil))
			}
			eventually(t, 20*time.Second, "all see messages", func() bool {
				for _, f := range all {
					if f.down.Load() < 100 {
						return false
					}
				}
				return true
			})
			began := time.Now()
			p.signal(syscall.SIGKILL, time.Minute)
			next := startChild(t, data, args...)
			eventually(t, 20*time.Second, "the viewers are back", func() bool {
				for _, f := range all {
					if state := f.state.Load(); state == nil || state.State != "closed" {
						return false
					}
				}
				return true
			})
			fresh := startStreamer(t, 200)
			v := next.attach(next.open(object{"address": fresh.url}).ID, 0)
			v.awaitRows(2)
			live := time.Since(began)
			kept := int64(len(next.exported(session)))
			var behind int64
			for _, f := range all {
				eventually(t, 20*time.Second, "a viewer sees the end", func() bool { return f.after.Load() >= kept })
				behind += kept - f.after.Load()
			}
			cancel()
			for _, f := range all {
				<-f.done
			}
			testkit.AtMost(t, figure, "viewers and a new session live after a kill ("+engine+")", live.Seconds(), takeoverBound.Seconds(), "s")
			testkit.AtLeast(t, figure, "watchers", float64(len(all)), watchers, "")
			testkit.AtMost(t, figure, "rows that watchers lack or see twice", float64(behind), 0, "")
		})
	}
}

// A process that is paused, and loses its store to another one meanwhile, writes nothing when
// it goes on.
func TestFaultPausedOwnerWritesNothing(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.URLAt(t, server.Address())
	p := startChild(t, t.TempDir(), "--demo=false", "--database-url", url)
	target := startStreamer(t, 500)
	session := p.open(object{"address": target.url}).ID
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	count := func() (n int64) {
		if err := db.QueryRowContext(t.Context(), "select cast(coalesce(sum(1 + further), 0) as bigint) from messages where session = $1", session).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	eventually(t, 20*time.Second, "messages are stored", func() bool { return count() > 500 })
	_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	if _, err := db.ExecContext(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"); err != nil {
		t.Logf("terminate: %v", err)
	}
	began := time.Now()
	next := startChild(t, p.data, "--demo=false", "--database-url", url)
	took := time.Since(began)
	var state wire.State
	next.call("GET", "/api/sessions/"+session, nil, http.StatusOK, &state)
	if state.State != "closed" {
		t.Errorf("the session is %s", state.State)
	}
	before := count()
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	p.exit(time.Minute)
	after := count()
	if log := p.logs.String(); !strings.Contains(log, "another process has taken the store") {
		t.Errorf("the log does not say so:\n%s", log)
	}
	testkit.AtMost(t, "takeover", "another process serves a paused one's store after", took.Seconds(), takeoverBound.Seconds(), "s")
	testkit.AtMost(t, "takeover", "messages that the paused one wrote afterwards", float64(after-before), 0, "")
}
