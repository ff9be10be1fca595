package bridge

import (
	"context"
	"log/slog"
	"sort"
	"sync"
	"time"

	"duplex/bridge/dial"
)

// HubOptions is what a Hub works with.
type HubOptions struct {
	Dialer   *dial.Dialer
	Recorder Recorder
	Library  Library
	Now      func() time.Time
	NewID    func() string // unique, sortable by time
	Log      *slog.Logger
	KeepTime time.Duration // how long a session lives on with nobody watching
	Dials    DialLimits    // how often a person may connect

	// CloseWait is how long a target may take to answer a close frame; 5 s when 0.
	CloseWait time.Duration
}

// Hub is all live connections of this process.
type Hub struct {
	HubOptions

	budget  *budget
	custody *custody

	mu       sync.Mutex // guards all below
	draining bool
	dialling int
	live     map[string]connection
	stats    Stats
	empty    chan struct{} // closed when draining and nothing is left

	dials    context.Context //nolint:containedctx // of handshakes under way; it ends when draining begins
	endDials context.CancelFunc
}

// connection is what a Hub needs of a session or a relay.
type connection interface {
	Info() Info
	SetAccess(a Access)
	Close(ctx context.Context, code int, reason string) error
	shutDown() // ends it with 1001 and returns when it has ended
	cut()      // breaks its connections off
}

// Stats counts what happened since the process started.
type Stats struct {
	Opened  int64 // sessions and relays whose handshake succeeded
	Refused int64 // handshakes that failed
	Ended   int64
	Passed  Counts // of those that have ended
}

// Info is what is true of a connection now.
type Info struct {
	Record
	State     State
	Viewers   []Viewer
	KeepUntil time.Time // when it ends if nobody watches; zero while somebody does
	StoreAway bool      // what passes waits to be stored, and nothing can be sent
}

// NewHub returns a Hub without connections.
func NewHub(o HubOptions) *Hub {
	if o.KeepTime <= 0 {
		o.KeepTime = DefaultKeepTime
	}
	if o.CloseWait <= 0 {
		o.CloseWait = DefaultCloseWait
	}
	h := &Hub{HubOptions: o, budget: newBudget(o.Dials, o.Now), live: map[string]connection{}, empty: make(chan struct{})}
	h.dials, h.endDials = context.WithCancel(context.Background())
	h.custody = newCustody(o.Recorder, o.Log, h.storeTurned)
	return h
}

// OpenRequest says what to connect to, and how to behave once connected.
type OpenRequest struct {
	ID              string   // of the session to be; "" is one of the Hub's
	Service         *Service // nil when opened by address alone
	Target          dial.Request
	PingInterval    time.Duration // 0 is off
	PongTimeout     time.Duration // of no pong, after which a session is cut; 0 is never
	MaxMessageBytes int64         // either way; 0 is MaxMessageBytes
	OpenedBy        string
	Access          Access
	PersonID        string // whose budget of dials it is taken from
}

func (r *OpenRequest) limit() int64 {
	if r.MaxMessageBytes <= 0 || r.MaxMessageBytes > MaxMessageBytes {
		return MaxMessageBytes
	}
	return r.MaxMessageBytes
}

// Session returns a live session.
func (h *Hub) Session(id string) (*Session, bool) {
	c, _ := h.connection(id)
	s, ok := c.(*Session)
	return s, ok
}

func (h *Hub) connection(id string) (c connection, live bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, live = h.live[id]
	return c, live
}

// StoreAway reports whether the store is known to be away.
func (h *Hub) StoreAway() bool {
	since, _ := h.custody.away()
	return !since.IsZero()
}

// PingStore is nil when the store can be read and written now.
func (h *Hub) PingStore(ctx context.Context) error {
	if h.StoreAway() { // what waits to be stored knows better than a single look
		return ErrStoreAway
	}
	return h.custody.Ping(ctx)
}

// WhileStored returns a context for work on the store. It ends with ErrStoreAway as
// its cause when the store has been away for longer than is waited for.
func (h *Hub) WhileStored(ctx context.Context) (context.Context, context.CancelFunc) {
	h.custody.glance()
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for {
			_, changed := h.custody.away()
			if err := h.custody.check(ctx); err != nil {
				cancel(err)
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// storeTurned tells everybody who watches that the store has gone or returned.
func (h *Hub) storeTurned() {
	for _, c := range h.connections() {
		if s, ok := c.(*Session); ok {
			s.mu.Lock()
			s.revise()
			s.mu.Unlock()
		}
	}
}

// Close closes a live session or relay on behalf of a person. The error is
// ErrClosed when there is none of that id.
func (h *Hub) Close(ctx context.Context, id string, code int, reason string) error {
	c, live := h.connection(id)
	if !live {
		return ErrClosed
	}
	return c.Close(ctx, code, reason)
}

// SetAccess changes whose a live session or relay is and who else may come, and says
// what is true of it then; live is false when there is none of that id.
func (h *Hub) SetAccess(id string, a Access) (info Info, live bool) {
	c, live := h.connection(id)
	if !live {
		return Info{}, false
	}
	c.SetAccess(a)
	return c.Info(), true
}

// Sessions lists what is live, newest first.
func (h *Hub) Sessions() []Info {
	var infos []Info
	for _, c := range h.connections() {
		infos = append(infos, c.Info())
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].OpenedAt.After(infos[j].OpenedAt) })
	return infos
}

// Stats returns the counters, those of live connections included.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	stats := h.stats
	for _, c := range h.live { // under mu: one that ends meanwhile is counted once
		stats.Passed.plus(c.Info().Counts)
	}
	return stats
}

func (c *Counts) plus(d Counts) {
	c.Sent += d.Sent
	c.Received += d.Received
	c.Events += d.Events
	c.BytesSent += d.BytesSent
	c.BytesReceived += d.BytesReceived
}

// Draining reports whether new connections are refused.
func (h *Hub) Draining() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// cutTime is how long connections may take to end that were broken off.
const cutTime = 500 * time.Millisecond

// Drain refuses new connections, gives up handshakes under way, closes the rest
// with 1001 on both sides, and waits until all have ended. When ctx is over it breaks
// off what is left, and returns the error of ctx if that has not ended soon after: its
// ending could not be stored.
func (h *Hub) Drain(ctx context.Context) error {
	for _, c := range h.beginDrain() {
		go c.shutDown() // waited for below: every connection leaves the hub when it has ended
	}
	h.endDials()
	select {
	case <-h.empty:
		return nil
	case <-ctx.Done():
	}
	for _, c := range h.connections() {
		c.cut()
	}
	late := time.NewTimer(cutTime)
	defer late.Stop()
	select {
	case <-h.empty:
		return nil
	case <-late.C:
		return ctx.Err()
	}
}

// beginDrain returns what is to be shut down; whatever enters later is told so.
func (h *Hub) beginDrain() []connection {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return nil
	}
	h.draining = true
	h.checkEmpty()
	return h.all()
}

func (h *Hub) connections() []connection {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all()
}

// all lists the connections. The caller holds mu.
func (h *Hub) all() []connection {
	all := make([]connection, 0, len(h.live))
	for _, c := range h.live {
		all = append(all, c)
	}
	return all
}

// admit counts a dial that is about to begin.
func (h *Hub) admit() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return ErrDraining
	}
	h.dialling++
	return nil
}

// refused ends a dial that came to nothing.
func (h *Hub) refused() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialling--
	h.stats.Refused++
	h.checkEmpty()
}

// enter lists a connection whose handshake succeeded. Draining may have begun
// while it was dialled: then it is listed, so that it is waited for, and the
// caller has to shut it down.
func (h *Hub) enter(id string, c connection) (draining bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialling--
	h.stats.Opened++
	h.live[id] = c
	h.custody.watch()
	return h.draining
}

func (h *Hub) leave(id string, passed Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.live, id)
	if len(h.live) == 0 {
		h.custody.unwatch()
	}
	h.stats.Ended++
	h.stats.Passed.plus(passed)
	h.checkEmpty()
}

// checkEmpty lets Drain go on. The caller holds mu.
func (h *Hub) checkEmpty() {
	if h.draining && h.dialling == 0 && len(h.live) == 0 {
		select {
		case <-h.empty:
		default:
			close(h.empty)
		}
	}
}
