package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// holdTime is the wait for a process that is ending. The second of two processes
// refuses within 2 s.
const (
	holdTime  = 1200 * time.Millisecond
	holdRetry = 50 * time.Millisecond
)

// ErrNotHeld is the error of writing while this process may have lost its store.
// Nothing was stored.
var ErrNotHeld = errors.New("store: not known to be held by this process")

// Holder names the process that holds a store.
type Holder struct {
	Host   string    `json:"host"`
	PID    int       `json:"pid"`
	Since  time.Time `json:"since"`
	Listen string    `json:"listen"` // host:port
}

// String describes the holder so that a person can find it.
func (h Holder) String() string {
	if h == (Holder{}) {
		return "a process that has not said its name"
	}
	return fmt.Sprintf("process %d on host %s, listening on %s, since %s", h.PID, h.Host, h.Listen, h.Since.UTC().Format(time.RFC3339))
}

// HeldError is the error of taking a store that another process holds. The store was not
// changed.
type HeldError struct {
	Place  string // the data directory, or "the PostgreSQL database"
	Holder Holder
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is in use by %v; stop that process first, or name another store with --data or --database-url", e.Place, e.Holder)
}

// Hold is the right of one process to change a store. It ends with the process, also
// after a crash.
type Hold struct {
	lock

	who Holder
}

// lock is a Hold in one kind of store.
type lock interface {
	// announce stores the description of the holder.
	announce(ctx context.Context, who Holder) error
	// check is nil while this process holds the store, as far as is known.
	check() error
	// lost is closed when another process holds the store for good.
	lost() <-chan struct{}
	close() error
}

// Take takes the store for this process, before anything in it is read or changed. It
// waits a little for a process that is ending; then the error is a *HeldError.
func Take(ctx context.Context, o Options, who Holder) (*Hold, error) {
	if who.Host == "" {
		who.Host, _ = os.Hostname()
	}
	who.PID = os.Getpid()
	h := &Hold{who: who}
	var err error
	if o.DatabaseURL != "" {
		h.lock, err = lockPostgres(ctx, o.DatabaseURL, who, o.logger())
	} else {
		h.lock, err = lockFile(ctx, o.DataDir, who)
	}
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Announce stores the holder's address, host:port.
func (h *Hold) Announce(ctx context.Context, listen string) error {
	h.who.Listen = listen
	if err := h.announce(ctx, h.who); err != nil {
		return fmt.Errorf("write down who holds the store: %w", err)
	}
	return nil
}

// Lost is closed when another process has taken the store. Nothing can be stored then,
// and this process has to end.
func (h *Hold) Lost() <-chan struct{} { return h.lost() }

// Err returns nil while this process holds the store, and otherwise the reason that it
// does not.
func (h *Hold) Err() error { return h.check() }

// Close gives the store up. Close the Store first.
func (h *Hold) Close() error { return h.close() }

// retry calls try until it reports that it is done, for holdTime at most.
func retry(ctx context.Context, try func() (done bool, err error)) (done bool, err error) {
	late := time.NewTimer(holdTime)
	defer late.Stop()
	again := time.NewTicker(holdRetry)
	defer again.Stop()
	for {
		if done, err = try(); done || err != nil {
			return done, err
		}
		select {
		case <-again.C:
		case <-late.C:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}
