// Package demo is a made-up inference service behind an emulated API gateway. A
// newcomer connects to it first, and tests use it as their peer: it checks every
// kind of credential for real and refuses as Huawei Cloud's API gateway (APIG) and
// ModelArts do. It knows nothing of the bridge's sessions, and it checks signatures
// without the code that makes them, so that a mistake there cannot hide.
package demo

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options configure a Demo. The zero value works.
type Options struct {
	Now func() time.Time // for clock windows, locks and token lives; nil is time.Now
	Log *slog.Logger     // nil discards
}

// Demo is the service with its gateway, and the state a gateway has: tokens it
// issued and keys it locked.
type Demo struct {
	now    func() time.Time
	log    *slog.Logger
	tokens *tokens
	locks  *locks
	speech map[string]http.Handler // by endpoint

	mu      sync.Mutex // guards closed and open; running grows only under it
	closed  bool
	open    map[net.Conn]context.CancelFunc
	running sync.WaitGroup // requests and connections being served
}

// New returns a Demo that serves through Handler until Close.
func New(o Options) *Demo {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Demo{
		now: o.Now, log: o.Log,
		tokens: newTokens(), locks: &locks{streaks: map[string]streak{}}, speech: speechHandlers(o.Now),
		open: map[net.Conn]context.CancelFunc{},
	}
}

// Handler returns the gateway: the service's paths and the emulated IAM's.
func (d *Demo) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.enter() {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		defer d.running.Done()
		d.serve(w, r)
	})
}

// Close cuts every connection without a close frame, as a dying process would, and
// returns when nothing of the Demo runs any more. Later requests get a 503.
func (d *Demo) Close() {
	d.mu.Lock()
	d.closed = true
	for conn, cancel := range d.open {
		cancel()
		_ = conn.Close() // every pending read and write fails at once
	}
	d.mu.Unlock()
	d.running.Wait()
}

// enter counts a request in, unless the Demo is closed.
func (d *Demo) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.running.Add(1)
	return true
}

// keep lets Close end a connection; one that comes too late is ended here.
func (d *Demo) keep(conn net.Conn, cancel context.CancelFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[conn] = cancel
	if d.closed {
		cancel()
		_ = conn.Close()
	}
}

func (d *Demo) forget(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, conn)
}
