package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"duplex/bridge"
)

// Away reports whether err means that the database cannot be used now but may be later:
// it restarts, is locked or full, or the link is cut.
func Away(err error) bool {
	if errors.Is(err, bridge.ErrStoreAway) || errors.Is(err, ErrNotHeld) {
		return true
	}
	if heals, known := judgeError(err); known {
		return heals
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrTxDone) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// wrapAway wraps an error of writing messages and sessions in bridge.ErrStoreAway, for
// which callers retry, unless the error is known to be final: an unknown error must not
// end sessions.
func (s *Store) wrapAway(err error) error {
	switch {
	case err == nil, errors.Is(err, bridge.ErrStoreAway), errors.Is(err, bridge.ErrStoreFull), errors.Is(err, context.Canceled):
		return err
	case s.isClosed():
		return errors.Join(ErrClosed, err)
	}
	if s.isLost() { // SQLite reports a refused commit as a broken constraint
		return fmt.Errorf("%w: %w: %w", bridge.ErrStoreAway, ErrLost, err)
	}
	if s.space != nil && (errors.Is(err, errNoRoom) || isFull(err)) {
		return fmt.Errorf("%w: %w", bridge.ErrStoreFull, err)
	}
	if heals, known := judgeError(err); known && !heals {
		s.NoteDamage(err)
		return err
	}
	return fmt.Errorf("%w: %w", bridge.ErrStoreAway, err)
}

// wrapReadError wraps an error of reading in bridge.ErrStoreAway when it heals.
func wrapReadError(err error) error {
	if Away(err) && !errors.Is(err, bridge.ErrStoreAway) {
		return fmt.Errorf("%w: %w", bridge.ErrStoreAway, err)
	}
	return err
}

// ours lists the errors about the data, not about the database.
var ours = []error{
	ErrNotFound, ErrNameTaken, ErrRunning, ErrClosed, ErrBadText, ErrFull, ErrUnbound, ErrWrongKey, ErrNotNext, sql.ErrNoRows,
}

// judgeError reports whether the error heals; known is false for an unknown error.
func judgeError(err error) (heals, known bool) {
	if slices.ContainsFunc(ours, func(e error) bool { return errors.Is(err, e) }) {
		return false, true
	}
	if _, ok := errors.AsType[*bridge.QuotaError](err); ok {
		return false, true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresHeals(pg.Code), true
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteHeals(lite.Code()), true
	}
	return false, false
}

// postgresHeals reports whether a SQLSTATE heals (appendix A of PostgreSQL's manual).
// Errors of the data or the statement are final: the same call would fail again. All
// others concern the server, the link, or a transaction that these ended.
func postgresHeals(code string) bool {
	switch code {
	case "42501", // a revoked right may be granted again
		"42P01", // the tables are being restored
		"42P05": // a pooler hands over a connection with another client's prepared statements
		return true
	case "XX001", "XX002": // damage
		return false
	}
	switch code[:min(len(code), 2)] {
	case "21", "22", "23", // cardinality, data, integrity
		"42", "44", // syntax or unknown names, a view's check
		"54": // limits of the program
		return false
	}
	return true
}

// sqliteHeals reads a result code, https://sqlite.org/rescode.html; an extended one
// has the primary one in its last byte.
func sqliteHeals(code int) bool {
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_ABORT, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_SCHEMA:
		return true
	}
	return false
}

// Ping returns nil when the database answers and can be written: SQLite's write lock is
// free, PostgreSQL is not read-only. The error is bridge.ErrStoreAway, or final.
func (s *Store) Ping(ctx context.Context) error {
	if s.isClosed() {
		return ErrClosed
	}
	if s.hold != nil && s.hold.check() != nil {
		return s.wrapAway(s.hold.check())
	}
	if s.isLost() {
		return fmt.Errorf("%w: %w", bridge.ErrStoreAway, ErrLost)
	}
	if s.write != s.read { // SQLite
		var one int
		err := s.probe.QueryRowContext(ctx, "select 1").Scan(&one)
		if err == nil {
			err = s.pingWriter(ctx)
		}
		return s.wrapAway(err)
	}
	var readOnly string
	err := s.probe.QueryRowContext(ctx, "show transaction_read_only").Scan(&readOnly)
	if err == nil && readOnly == "on" {
		err = errReadOnly
	}
	return s.wrapAway(err)
}

// errReadOnly is the error of a server that answers but cannot be written: a standby, or
// a read-only one.
var errReadOnly = errors.New("the server is read-only")

// pingWriter takes the write lock, which another process may hold. While our writing
// connection is in use, its own statement shows whether writing works; after a failed
// Ping only taking the lock does.
func (s *Store) pingWriter(ctx context.Context) error {
	if s.write.Stats().InUse > 0 && !s.locked.Load() {
		return nil
	}
	err := inTx(ctx, s.write, func(*sql.Tx) error { return nil })
	s.locked.Store(err != nil)
	return err
}
