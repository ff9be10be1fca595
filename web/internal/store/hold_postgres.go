package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// lockClass is the first half of the advisory lock's key, "Dplx"; the second half is
// made of the schema's name, since locks are the whole database's.
const lockClass = 0x44706c78

const (
	tryLock    = `select pg_try_advisory_lock($1, $2)`
	whoAmI     = `select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()`
	lockingPID = `select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
		and classid = $1 and objid = $2 and objsubid = 2 and granted`
	endBackend = `select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start = $2`
	findHolder = `select to_regclass('holder') is not null`
	makeHolder = `create table if not exists holder (id bigint not null primary key check (id = 1), token text not null,
		host text not null, pid bigint not null, since_us bigint not null, listen text not null)`
	putHolder = `insert into holder (id, token, host, pid, since_us, listen) values (1, $1, $2, $3, $4, $5)
		on conflict (id) do update set token = excluded.token, host = excluded.host, pid = excluded.pid,
		since_us = excluded.since_us, listen = excluded.listen`
	getHolder = `select token, host, pid, since_us, listen from holder where id = 1`
	// Without these, the server keeps the lock of a disconnected client until TCP gives
	// up.
	soonGone = `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; set tcp_user_timeout = 25000`
)

const (
	lockPing    = 2 * time.Second // between checks of a silent connection
	lockAnswer  = 5 * time.Second // for an answer on it
	lockConnect = 2 * time.Second
	lockPause   = 100 * time.Millisecond // between attempts to take the lock again
)

// postgresLock is an advisory lock of one session of the server, on a connection of its
// own. When the connection breaks the lock is gone, and nothing is written until it is
// taken again. A token in a table shows whether another process has held the store in the
// meantime.
type postgresLock struct {
	config *pgx.ConnConfig
	token  string
	log    *slog.Logger
	stop   context.CancelFunc
	done   chan struct{} // closed when watch has returned
	taken  chan struct{} // closed when another process has the store

	// of the goroutine that takes the lock: first the caller's, then watch
	conn  *pgx.Conn
	key   int32     // the second half of the lock's key
	pid   int32     // of our last backend with the lock
	began time.Time // start time of that backend

	mu     sync.Mutex // guards reason
	reason error      // why the lock is not held; nil while it is
}

func lockPostgres(ctx context.Context, url string, who Holder, log *slog.Logger) (*postgresLock, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database URL cannot be read") // the cause may quote a password
	}
	config.RuntimeParams["application_name"] = "duplex holds the store"
	l := &postgresLock{config: config, token: rand.Text(), log: log, done: make(chan struct{}), taken: make(chan struct{})}
	locked, err := retry(ctx, func() (bool, error) { return l.takeLock(ctx) })
	if err == nil && !locked {
		_, other, err := l.readHolder(ctx)
		return nil, errors.Join(&HeldError{Place: "the PostgreSQL database", Holder: other}, err, l.hangUp())
	}
	if err == nil {
		err = l.announce(ctx, who)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database: %w", err), l.hangUp())
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.watch(life)
	return l, nil
}

// takeLock connects when there is no connection, and tries once to take the lock.
func (l *postgresLock) takeLock(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lockAnswer)
	defer cancel()
	if l.conn == nil || l.conn.IsClosed() {
		conn, err := l.connect(ctx)
		if err != nil {
			return false, err
		}
		l.conn = conn
	}
	var schema string
	var locked bool
	if err := l.conn.QueryRow(ctx, `select coalesce(current_schema(), '')`).Scan(&schema); err != nil {
		return false, err
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(schema))
	l.key = int32(sum.Sum32()) //nolint:gosec // the bits, whatever the sign
	if err := l.conn.QueryRow(ctx, tryLock, int32(lockClass), l.key).Scan(&locked); err != nil || !locked {
		return false, err
	}
	return true, l.conn.QueryRow(ctx, whoAmI).Scan(&l.pid, &l.began)
}

func (l *postgresLock) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lockConnect)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, soonGone); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

func (l *postgresLock) hangUp() error {
	if l.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), hangUpTime)
	defer cancel()
	return l.conn.Close(ctx)
}

// readHolder reads the token and the description of the holder; the zero Holder without
// one.
func (l *postgresLock) readHolder(ctx context.Context) (token string, who Holder, err error) {
	var exists bool
	if err := l.conn.QueryRow(ctx, findHolder).Scan(&exists); err != nil || !exists {
		return "", Holder{}, err
	}
	var since, pid int64
	err = l.conn.QueryRow(ctx, getHolder).Scan(&token, &who.Host, &pid, &since, &who.Listen)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", Holder{}, nil
	}
	who.PID, who.Since = int(pid), time.UnixMicro(since).UTC()
	return token, who, err
}

// announce uses a connection of its own: watch listens on the one with the lock.
func (l *postgresLock) announce(ctx context.Context, who Holder) error {
	conn, err := l.connect(ctx)
	if err != nil {
		return err
	}
	if _, err = conn.Exec(ctx, makeHolder); err == nil {
		_, err = conn.Exec(ctx, putHolder, l.token, who.Host, who.PID, who.Since.UnixMicro(), who.Listen)
	}
	return errors.Join(err, conn.Close(ctx))
}

// watch takes the lock again whenever its connection has broken, until ctx ends or
// another process holds the store.
func (l *postgresLock) watch(ctx context.Context) {
	defer close(l.done)
	for {
		err := l.awaitBreak(ctx)
		if ctx.Err() != nil {
			return
		}
		l.setReason(fmt.Errorf("%w: %w", ErrNotHeld, err))
		l.log.WarnContext(ctx, "the connection that holds the store has broken; nothing is written until it is back", "error", err)
		for held := false; !held; {
			if !sleep(ctx, lockPause) {
				return
			}
			held, err = l.retakeLock(ctx)
			if other, ok := errors.AsType[*HeldError](err); ok {
				l.setReason(errors.Join(ErrNotHeld, other))
				l.log.ErrorContext(ctx, "another process has taken the store", "holder", other.Holder.String())
				close(l.taken)
				return
			}
		}
		l.setReason(nil)
		l.log.InfoContext(ctx, "the store is held again")
	}
}

// awaitBreak returns when the connection with the lock has broken.
func (l *postgresLock) awaitBreak(ctx context.Context) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, lockPing)
		_, err := l.conn.WaitForNotification(quiet) // nobody notifies: it sees at once when the connection ends
		cancel()
		if l.conn.IsClosed() {
			return err
		}
		answer, cancel := context.WithTimeout(ctx, lockAnswer)
		err = l.conn.Ping(answer)
		cancel()
		if err != nil {
			return err
		}
	}
}

// retakeLock tries once to take the lock again. The error is a *HeldError when another
// process has held the store in the meantime, even if it no longer does: it treated our
// sessions as those of a dead process.
func (l *postgresLock) retakeLock(ctx context.Context) (bool, error) {
	locked, err := l.takeLock(ctx)
	if err != nil {
		return false, errors.Join(err, l.hangUp())
	}
	ctx, cancel := context.WithTimeout(ctx, lockAnswer)
	defer cancel()
	token, who, err := l.readHolder(ctx)
	switch {
	case err != nil:
		return false, errors.Join(err, l.hangUp())
	case token != l.token:
		return false, errors.Join(&HeldError{Place: "the PostgreSQL database", Holder: who}, l.hangUp())
	case locked:
		return true, nil
	}
	// Our previous backend may not have noticed that its client is gone.
	var pid int32
	if err := l.conn.QueryRow(ctx, lockingPID, uint32(lockClass), uint32(l.key)).Scan(&pid); err != nil || pid != l.pid { //nolint:gosec // the bits
		return false, err
	}
	_, err = l.conn.Exec(ctx, endBackend, l.pid, l.began)
	return false, err
}

// setReason stores the reason that the lock is not held; nil when it is held.
func (l *postgresLock) setReason(reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reason = reason
}

func (l *postgresLock) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

func (l *postgresLock) lost() <-chan struct{} { return l.taken }

func (l *postgresLock) close() error {
	l.stop()
	<-l.done
	return l.hangUp()
}

// sleep reports whether d has passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
