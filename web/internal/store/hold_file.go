package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// lockName is the file in the data directory that the holder has locked. It stays when
// the process ends: a file that was removed could be locked by two.
const lockName = "duplex.lock"

// fileLock is a flock on a file: the kernel releases it when the process ends.
type fileLock struct {
	file *os.File
	gone chan struct{} // never closed: no other process can take a locked file
}

// lockFile locks the data directory, which it makes when it is not there.
func lockFile(ctx context.Context, dir string, who Holder) (*fileLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	locked, err := retry(ctx, func() (bool, error) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
			return false, nil
		}
		return err == nil, err
	})
	switch {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock the data directory %s: %w", dir, err), file.Close())
	case !locked:
		held := &HeldError{Place: "the data directory " + dir, Holder: readHolder(file)}
		return nil, errors.Join(held, file.Close())
	}
	l := &fileLock{file: file, gone: make(chan struct{})}
	if err := l.announce(ctx, who); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the data directory %s: %w", dir, err), file.Close())
	}
	return l, nil
}

// readHolder returns the holder that the lock file names; the zero Holder when the file
// is unreadable.
func readHolder(file *os.File) (who Holder) {
	raw, err := io.ReadAll(io.NewSectionReader(file, 0, 4<<10))
	if err != nil || json.Unmarshal(raw, &who) != nil {
		return Holder{}
	}
	return who
}

func (l *fileLock) announce(_ context.Context, who Holder) error {
	raw, err := json.Marshal(who)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(raw, '\n'), 0)
	return err
}

func (l *fileLock) check() error { return nil }

func (l *fileLock) lost() <-chan struct{} { return l.gone }

func (l *fileLock) close() error { return l.file.Close() }
