package live

import (
	"context"
	"sync"
)

// Sockets holds the connections that were hijacked from http.Server, which neither waits
// for them nor closes them.
type Sockets struct {
	all sync.WaitGroup

	mu   sync.Mutex // guards open
	open map[cuttable]struct{}
}

// cuttable is a connection that can be ended at once.
type cuttable interface{ Cut() }

// count counts a connection that is about to be hijacked. The caller calls leave when its
// handler has finished.
func (s *Sockets) count() (leave func()) {
	s.all.Add(1)
	return s.all.Done
}

// addOpen adds a socket for Cut. The caller calls remove when the socket is closed.
func (s *Sockets) addOpen(conn cuttable) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[cuttable]struct{}{}
	}
	s.open[conn] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, conn)
	}
}

// Wait returns when no socket is served any more, or with the error of ctx.
func (s *Sockets) Wait(ctx context.Context) error {
	gone := make(chan struct{})
	go func() {
		s.all.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Cut cuts all open sockets without a close frame, and returns their number.
func (s *Sockets) Cut() (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		conn.Cut()
	}
	return len(s.open)
}
