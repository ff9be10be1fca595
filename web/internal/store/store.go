// Package store keeps services with their sealed secrets and saved messages, sessions and
// their logs, in an embedded SQLite file or in PostgreSQL. Both run the same SQL; only
// the schemas differ. It knows nothing of connections or pages, and handles a secret in
// plain only between the caller and the keyring.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"duplex/bridge"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
)

// Errors a caller branches on.
var (
	ErrNotFound  = errors.New("store: not found")
	ErrNameTaken = errors.New("store: another service has this name")
	ErrRunning   = errors.New("store: the session has not ended")
	ErrClosed    = errors.New("store: closed")
	ErrBadText   = errors.New("store: text is not UTF-8 or holds a NUL")
	ErrFull      = errors.New("store: the service keeps as many messages as it can")
	ErrUnbound   = errors.New("store: a secret is kept only with where it may go")
	ErrWrongKey  = errors.New("store: the key file holds another key of this id than the secrets were sealed under")
	ErrNotNext   = errors.New("store: messages do not follow the last one of their session")
)

// Options configures a Store.
type Options struct {
	DataDir     string // of the SQLite file; made when absent
	DatabaseURL string // postgres://...; "" is SQLite in DataDir
	Keyring     *vault.Keyring
	Now         func() time.Time                                  // nil is time.Now
	Log         *slog.Logger                                      // nil is none
	Hold        *Hold                                             // of the serving process; nil for other commands
	Quotas      bridge.Quotas                                     // zero is DefaultQuotas
	Committed   func(messages int, took time.Duration, err error) // called after each transaction of messages; nil for nothing
	MinFree     int64                                             // bytes that are to stay free on the disk of an SQLite file; negative is DefaultMinFree
}

func (o *Options) logger() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	write   *sql.DB // SQLite: its single connection
	read    *sql.DB
	probe   *sql.DB // PostgreSQL: one connection beside the pool, which may be exhausted
	keyring *vault.Keyring
	now     func() time.Time
	log     *slog.Logger
	hold    *Hold  // nil when another process may hold the store
	path    string // of the SQLite file; "" is PostgreSQL
	files   *files // of the holder of an SQLite file
	space   *space // likewise
	damaged atomic.Bool
	locked  atomic.Bool // the last Ping could not have SQLite's lock of writing

	quotas   bridge.Quotas
	dialects dialectCache
	commits  *committer
	ledger   *ledger
	closing  sync.Once
	closed   atomic.Bool
}

// The interfaces that Store implements.
var (
	_ bridge.Recorder = (*Store)(nil)
	_ bridge.Library  = (*Store)(nil)
	_ identity.Store  = (*Store)(nil)
)

// Open opens the database and brings its schema up to date. It refuses a database of a
// newer program version. Without a Hold it holds the store only while it changes the
// schema; the error is a *HeldError when another process holds a store with an older
// schema.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{keyring: o.Keyring, now: o.Now, log: o.logger(), hold: o.Hold, quotas: o.Quotas, ledger: newLedger()}
	if s.quotas == (bridge.Quotas{}) {
		s.quotas = bridge.DefaultQuotas()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.connect(ctx, o); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, o Options) (err error) {
	engine := engineSQLite
	if o.DatabaseURL != "" {
		engine = enginePostgres
		s.write, s.probe, err = openPostgres(o.DatabaseURL, o.Hold)
		s.read = s.write
	} else {
		if s.path, err = filepath.Abs(filepath.Join(o.DataDir, sqliteFile)); err != nil {
			return err
		}
		if err = examine(ctx, s.path, o.Hold != nil); err == nil {
			s.write, s.read, err = openSQLite(s.path, func() bool { return !s.isLost() })
		}
		s.probe = s.read
	}
	if err == nil {
		err = s.prepareSchema(ctx, engine, o)
	}
	if err == nil {
		s.commits, err = newCommitter(ctx, s.write, engine, s.log, o.Committed)
	}
	if err == nil && s.path != "" && o.Hold != nil {
		err = s.watchDisk(o)
	}
	if isDamage(err) && s.path != "" {
		return damageError(s.path, err)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", engine, err)
	}
	return nil
}

// watchDisk remembers the opened files and keeps some space free.
func (s *Store) watchDisk(o Options) (err error) {
	if s.files, err = watchFiles(s.path, s.path+"-wal", filepath.Join(o.DataDir, lockName)); err != nil {
		return fmt.Errorf("database files: %w", err)
	}
	if s.space, err = newSpace(filepath.Dir(s.path), o.MinFree); err != nil {
		return err
	}
	if s.space.free() < s.space.reserveSize/2 { // the writes at the start may use the reserve too
		s.space.releaseReserve()
	} else if err := s.space.keepReserve(); err != nil {
		s.log.Warn("there is no reserve for a full disk", "error", err)
	}
	return nil
}

// prepareSchema brings the schema up to date, which only the holder of the store may do.
func (s *Store) prepareSchema(ctx context.Context, engine string, o Options) (err error) {
	current, err := isCurrent(ctx, s.write, engine)
	if err != nil || current {
		return err
	}
	if o.Hold == nil {
		hold, err := Take(ctx, o, Holder{Since: s.now(), Listen: "nothing"})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, hold.Close()) }()
	}
	return migrate(ctx, s.write, engine, s.now)
}

// Close stores the batches handed to Append and closes the database. Later calls get
// ErrClosed.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		s.closed.Store(true)
		if s.path == "" {
			err = s.leaveServer()
		} else {
			err = errors.Join(s.commits.close(), s.disconnect())
		}
	})
	return err
}

func (s *Store) isClosed() bool { return s.closed.Load() }

// The bounds of closing a PostgreSQL database: the current commit, and then the
// connections, which wait for an answer of the server. Behind a cut link there is none.
const (
	leaveTime  = 1500 * time.Millisecond
	hangUpTime = 500 * time.Millisecond
)

// leaveServer closes the connections, and stops waiting for them after leaveTime.
func (s *Store) leaveServer() error {
	closed := make(chan error, 1)
	go func() { closed <- errors.Join(s.commits.close(), s.disconnect()) }()
	late := time.NewTimer(leaveTime)
	defer late.Stop()
	select {
	case err := <-closed:
		return err
	case <-late.C:
		s.log.Warn("the database did not answer while it was left", "after", leaveTime)
		return nil
	}
}

func (s *Store) disconnect() error {
	var errs []error
	if s.probe != nil && s.probe != s.read {
		errs = append(errs, s.probe.Close())
	}
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil { // last: closing it folds SQLite's WAL into the file
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

// beginner is a database or a connection of it.
type beginner interface {
	BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error)
}

// inTx runs do in one transaction, which is rolled back when do fails.
func inTx(ctx context.Context, db beginner, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return &commitError{err}
	}
	return nil
}

// commitError is the error of a commit without an answer: the transaction may or may not
// be stored.
type commitError struct{ err error }

func (e *commitError) Error() string { return fmt.Sprintf("commit: %v", e.err) }

func (e *commitError) Unwrap() error { return e.err }
