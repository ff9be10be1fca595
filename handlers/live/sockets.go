package live

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
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

type lifeKey struct{}

// WithLife returns life as the base context of requests. The context of a request ends with
// its handler; a socket, which outlives that, ends with life.
func WithLife(life context.Context) context.Context {
	return context.WithValue(life, lifeKey{}, life)
}

// lasting returns the context of a socket, which outlives the handler of its request. It ends
// with the life of WithLife, and has the person and the request of ctx, for both logs. The
// other values of ctx would keep the request in memory.
func lasting(ctx context.Context) context.Context {
	life, ok := ctx.Value(lifeKey{}).(context.Context)
	if !ok {
		life = context.Background()
	}
	return context.WithValue(identity.With(life, identity.Of(ctx)), reply.RequestKey{}, reply.RequestOf(ctx))
}

// carry runs do in place of the goroutine of a handler, for which net/http keeps 30 KiB. A
// panic ends this socket alone.
func carry(ctx context.Context, log *slog.Logger, do func()) {
	go func() {
		defer func() {
			if value := recover(); value != nil {
				log.ErrorContext(ctx, "socket panicked", "id", reply.RequestOf(ctx).ID, "panic", fmt.Sprint(value), "stack", string(debug.Stack()))
			}
		}()
		do()
	}()
}

// aside runs do on a stack of its own and waits for it. The store needs much stack, which a
// goroutine that waits afterwards would keep until collections shrink it.
func aside(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	<-done
}

// whenOver calls do once ctx ends. The caller calls stop, which waits for a call under way.
func whenOver(ctx context.Context, do func()) (stop func()) {
	ended := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(ended)
		do()
	})
	return func() {
		if !unwatch() {
			<-ended
		}
	}
}
