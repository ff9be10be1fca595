package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// DefaultMinFree is the number of bytes of the data directory's file system that stay
	// free, at most a tenth of it.
	DefaultMinFree = 256 << 20

	reserveName  = "reserve"
	largeReserve = 32 << 20 // bytes; of a small file system it is an eighth

	vacuumPages = 1024                   // freed in one transaction, for which live sessions wait
	vacuumTime  = 200 * time.Millisecond // of Tend for freeing pages
	hurriedTime = 3 * time.Second        // of Tend when space is short
)

// errNoRoom is the error of recording when only the reserve is left. Recording waits
// then.
var errNoRoom = errors.New("store: the disk is full but for what deleting and auditing need")

// space watches the free space of the data directory. It keeps a reserve file there and
// removes it when the disk is full: deletion and audit then have room to write.
type space struct {
	dir         string
	floor       int64 // bytes that have to stay free
	reserveSize int64

	mu       sync.Mutex // guards all below
	released bool       // the reserve file was removed
	ending   map[string]bool
}

// newSpace measures the file system of dir; minFree is DefaultMinFree when negative.
func newSpace(dir string, minFree int64) (*space, error) {
	s := &space{dir: dir, floor: minFree, ending: map[string]bool{}}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return nil, fmt.Errorf("free space of %s: %w", dir, err)
	}
	total := bytesOf(fs.Blocks, fs.Bsize)
	if minFree < 0 {
		s.floor = min(DefaultMinFree, total/10)
	}
	s.reserveSize = min(largeReserve, total/8)
	return s, nil
}

// free returns the number of bytes that can be written; the greatest number when it is
// unknown.
func (s *space) free() int64 {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &fs); err != nil {
		return 1 << 62
	}
	return bytesOf(fs.Bavail, fs.Bsize)
}

// number is a field of syscall.Statfs_t. Its type depends on the system.
type number interface {
	~int32 | ~uint32 | ~int64 | ~uint64
}

// bytesOf returns the size of blocks in bytes. No disk has 8 EiB.
func bytesOf[B, S number](blocks B, size S) int64 { return int64(blocks) * int64(size) }

// keepReserve makes the reserve file when it is missing and there is room for it.
func (s *space) keepReserve() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := filepath.Join(s.dir, reserveName)
	if info, err := os.Stat(path); err == nil && info.Size() == s.reserveSize {
		s.released = false
		return nil
	}
	s.released = s.free() < 2*s.reserveSize
	if s.released {
		return nil
	}
	err := fillFile(path, s.reserveSize)
	if err != nil {
		s.released = true
		_ = os.Remove(path)
		return fmt.Errorf("keep a reserve of %d bytes: %w", s.reserveSize, err)
	}
	return nil
}

// fillFile makes a file that takes size bytes of the disk. It writes random bytes where
// it cannot allocate, because a file system may compress zeros to nothing.
func fillFile(path string, size int64) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err = allocate(file, size); err != nil {
		_, err = io.CopyN(file, rand.Reader, size)
	}
	return errors.Join(err, file.Close())
}

// releaseReserve removes the reserve file and reports whether there was one.
func (s *space) releaseReserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.released = true
	return os.Remove(filepath.Join(s.dir, reserveName)) == nil
}

// leastFree returns the number of free bytes that recording needs. A session that is about
// to end needs none: the rest of its log is small.
func (s *space) leastFree(session string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ending[session]:
		return 0
	case s.released:
		return 2 * s.reserveSize
	}
	return s.reserveSize / 2
}

// admitWrite refuses to record when little more than the reserve is free.
func (s *Store) admitWrite(session string) error {
	if s.space == nil {
		return nil
	}
	least := s.space.leastFree(session)
	if free := s.space.free(); free >= least || free+s.reusable() >= least {
		return nil
	}
	return errNoRoom
}

// Finishing marks a session as ending: its last messages may use the reserve.
func (s *Store) Finishing(session string) {
	if s.space == nil {
		return
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	s.space.ending[session] = true
}

func (s *Store) isEnding(session string) bool {
	if s.space == nil {
		return false
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	return s.space.ending[session]
}

// forgetEnding reverts Finishing.
func (s *Store) forgetEnding(session string) {
	if s.space == nil {
		return
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	delete(s.space.ending, session)
}

// isFull reports whether err means that the disk is full.
func isFull(err error) bool {
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code()&0xff == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC)
}

// urgent calls do, and again with the reserve released when the disk is full. It is for
// deletions, audit entries and the ends of sessions.
func (s *Store) urgent(do func() error) error {
	err := do()
	if s.space != nil && isFull(err) && s.space.releaseReserve() {
		s.log.Warn("the disk is full: the reserve is given back", "dir", s.space.dir)
		err = do()
	}
	return err
}

// reusable returns the number of bytes of the database file that are free for new rows.
func (s *Store) reusable() int64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var pages, size int64
	err := s.read.QueryRowContext(ctx, `select f.freelist_count, p.page_size from pragma_freelist_count f, pragma_page_size p`).Scan(&pages, &size)
	if err != nil {
		return 0
	}
	return pages * size
}

// Tend gives free pages of an SQLite file back to the disk, a part at a time, and keeps
// the reserve. Call it every second. A file that was made before it could shrink keeps
// its pages and reuses them.
func (s *Store) Tend(ctx context.Context) error {
	if s.space == nil || s.Condition().Trouble == Lost {
		return nil
	}
	return errors.Join(s.shrink(ctx), s.space.keepReserve())
}

func (s *Store) shrink(ctx context.Context) error {
	short := s.space.free() < s.space.floor+s.space.reserveSize
	limit := vacuumTime
	if short {
		limit = hurriedTime
	}
	shrunk := false
	for late := time.Now().Add(limit); time.Now().Before(late); {
		before := s.reusable()
		if before == 0 || before < vacuumPages*4096 && !short {
			break
		}
		if err := s.vacuum(ctx); err != nil {
			return err
		}
		if s.reusable() >= before {
			break // made without auto_vacuum
		}
		shrunk = true
	}
	if !shrunk {
		return nil
	}
	return s.checkpoint(ctx)
}

// vacuum moves pages and removes free ones from the end of the file.
func (s *Store) vacuum(ctx context.Context) error {
	if err := drainRows(s.write.QueryContext(ctx, fmt.Sprintf("pragma incremental_vacuum(%d)", vacuumPages))); err != nil {
		return fmt.Errorf("give pages back: %w", err)
	}
	return nil
}

// checkpoint copies the write-ahead log into the file, which then gets its new size. It
// does not wait for readers. On a full disk it copies as much as possible.
func (s *Store) checkpoint(ctx context.Context) error {
	if err := drainRows(s.write.QueryContext(ctx, "pragma wal_checkpoint(passive)")); err != nil && !isFull(err) {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// drainRows reads rows to their end, for statements that do a part of their work with
// each row.
func drainRows(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		continue
	}
	return rows.Err()
}
