package bridge

import (
	"context"
	"log/slog"
	"sort"
	"sync"
	"time"

	"duplex/bridge/dial"
)

// HubOptions configures a Hub.
type HubOptions struct {
	Dialer   *dial.Dialer
	Recorder Recorder
	Library  Library
	Now      func() time.Time
	NewID    func() string // unique, sortable by time
	Log      *slog.Logger
	KeepTime time.Duration // how long a session without viewers stays open; DefaultKeepTime when 0
	Dials    DialLimits
	Turns    TurnKeeper // nil keeps none
	Tracer   Tracer     // nil for none
	Observer Observer   // nil for none

	// CloseWait bounds the wait for a target's answer to a close frame; DefaultCloseWait
	// when 0.
	CloseWait time.Duration
}

// Observer counts connections. Its methods return at once.
type Observer interface {
	// Dialled takes the outcome of a dial for a service; "" is an address alone.
	Dialled(service string, err error)
	// Closed takes the close code of a connection that has ended.
	Closed(service string, code int)
}

// Defaults of a hub.
const (
	DefaultKeepTime  = 30 * time.Minute
	DefaultCloseWait = 5 * time.Second
)

// Hub holds all live connections of this process.
type Hub struct {
	HubOptions

	budget  *budget
	custody *custody

	followers sync.WaitGroup // of sessions: they store turns and tell traces

	mu       sync.Mutex // guards all below
	draining bool
	dialling int
	live     map[string]connection
	stats    Stats
	empty    chan struct{} // closed when draining and no connection is left

	dials    context.Context //nolint:containedctx // of current handshakes; it ends when draining begins
	endDials context.CancelFunc
}

// connection is a session or a relay.
type connection interface {
	Info() Info
	SetAccess(a Access)
	readBy(dialect string)
	Close(ctx context.Context, code int, reason string) error
	shutDown() // closes it with 1001 and returns when it has ended
	cut()      // closes its sockets without close frames
}

// Stats holds counters since the start of the process.
type Stats struct {
	Opened  int64 // sessions and relays after a successful handshake
	Refused int64 // handshakes that failed
	Ended   int64
	Passed  Counts // messages
	Held    int64  // times that a target was not read because the store lagged
}

// Info is the current state of a connection.
type Info struct {
	Record
	State     State
	Viewers   []Viewer    // must not be changed
	KeepUntil time.Time   // when it ends without a viewer; zero while it has one
	Speech    *SpeechInfo // nil for a session that speaks no dialect
	Limits    Limits      // of the service; zero for an ended session
	StoreAway bool        // messages wait to be stored, and sends are refused
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

// OpenRequest describes a connection to open.
type OpenRequest struct {
	ConnectionSettings

	ID       string   // of the new session; "" lets the Hub choose
	Service  *Service // nil when opened by address alone
	Speech   *Speech  // nil without a dialect
	Target   dial.Request
	OpenedBy string
	Access   Access
	PersonID string // the dial counts for this person

	Environment string // that variables came from; "" for none
	Variables   Variables

	trace Trace // nil without a Tracer
}

func (r *OpenRequest) limit() int64 {
	if r.MaxMessageBytes <= 0 || r.MaxMessageBytes > MaxMessageBytes {
		return MaxMessageBytes
	}
	return r.MaxMessageBytes
}

// limits returns the limits that are known before the connection is open.
func (r *OpenRequest) limits() Limits {
	if r.Speech == nil {
		return LimitsOf(r.Target.URL, nil, r.limit())
	}
	return LimitsOf(r.Target.URL, r.Speech.Dialect, r.limit())
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

// PingStore returns nil when the store can be read and written now.
func (h *Hub) PingStore(ctx context.Context) error {
	if h.StoreAway() { // a ping may succeed between two calls that fail
		return ErrStoreAway
	}
	return h.custody.Ping(ctx)
}

// WhileStored returns a context for work on the store. It ends with the cause ErrStoreAway
// when the store has been away for as long as a send waits.
func (h *Hub) WhileStored(ctx context.Context) (context.Context, context.CancelFunc) {
	h.custody.glance()
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for {
			_, changed := h.custody.away()
			if err := h.custody.checkHere(ctx); err != nil {
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

// storeTurned tells all viewers that the store has gone or returned.
func (h *Hub) storeTurned() {
	for _, c := range h.connections() {
		if s, ok := c.(*Session); ok {
			s.mu.Lock()
			s.revise()
			s.mu.Unlock()
		}
	}
}

// Close closes a live session or relay on behalf of a person. The error is ErrClosed when
// there is none with the id.
func (h *Hub) Close(ctx context.Context, id string, code int, reason string) error {
	c, live := h.connection(id)
	if !live {
		return ErrClosed
	}
	return c.Close(ctx, code, reason)
}

// SetAccess changes the access to a live session or relay and returns its new Info; live
// is false when there is none with the id.
func (h *Hub) SetAccess(id string, a Access) (info Info, live bool) {
	c, live := h.connection(id)
	if !live {
		return Info{}, false
	}
	c.SetAccess(a)
	return c.Info(), true
}

// ReadBy sets the dialect that a live session or relay is read by, which is not the one that
// it speaks. It reports whether there is a connection with the id.
func (h *Hub) ReadBy(id, dialect string) (info Info, live bool) {
	c, live := h.connection(id)
	if !live {
		return Info{}, false
	}
	c.readBy(dialect)
	return c.Info(), true
}

// Sessions lists the live sessions and relays, newest first.
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
	stats.Held = h.custody.held.Load()
	for _, c := range h.live { // under mu, so that one that ends now is counted once
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

// cutTime bounds the wait for connections to end after they were cut.
const cutTime = 500 * time.Millisecond

// Drain refuses new connections, ends current handshakes, closes all connections with 1001
// on both sides, and waits until they have ended. When ctx ends it cuts the rest. It returns
// the error of ctx if one has not ended soon after, because its ending could not be stored.
func (h *Hub) Drain(ctx context.Context) error {
	for _, c := range h.beginDrain() {
		go c.shutDown() // empty waits for it: every connection leaves the hub when it has ended
	}
	h.endDials()
	select {
	case <-h.empty:
		return h.awaitFollowers(ctx)
	case <-ctx.Done():
	}
	for _, c := range h.connections() {
		c.cut()
	}
	late := time.NewTimer(cutTime)
	defer late.Stop()
	select {
	case <-h.empty:
		return h.awaitFollowers(context.WithoutCancel(ctx))
	case <-late.C:
		return ctx.Err()
	}
}

// beginDrain returns the connections to shut down. For a later one, enter returns true.
func (h *Hub) beginDrain() []connection {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return nil
	}
	h.draining = true
	h.checkEmpty()
	return h.listLive()
}

func (h *Hub) connections() []connection {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.listLive()
}

// listLive returns the connections. The caller holds mu.
func (h *Hub) listLive() []connection {
	all := make([]connection, 0, len(h.live))
	for _, c := range h.live {
		all = append(all, c)
	}
	return all
}

// admit counts a dial that begins.
func (h *Hub) admit() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return ErrDraining
	}
	h.dialling++
	return nil
}

// dismiss uncounts a dial that failed.
func (h *Hub) dismiss() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialling--
	h.stats.Refused++
	h.checkEmpty()
}

// enter adds a connection after its handshake. If draining has begun since, Drain waits
// for it and the caller must shut it down.
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
	if c := h.live[id]; c != nil && h.Observer != nil {
		if info := c.Info(); info.Ending != nil {
			h.Observer.Closed(info.ServiceID, info.Ending.Code)
		}
	}
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
