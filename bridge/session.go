package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/target"
	"duplex/bridge/transcript"
)

// Session is one connection to a target, from dial to close. It is logged, and
// watched by any number of viewers; none of them has to stay for it to live on.
type Session struct {
	hub    *Hub
	record Record // as it was at the start; never changed
	conn   *target.Conn
	log    *log
	limit  int64
	pings  *pinger
	pinged *pingCounter

	invalid chan struct{}    // closed when a text was not UTF-8; by the reader
	sending chan struct{}    // holds a token while a message is being written
	recent  map[string]int64 // client ids of this run and their seq; guarded by the token
	failed  bool             // a message was cut off on its way out; guarded by the token
	life    context.Context  //nolint:containedctx // the session outlives every request: this is its own life
	end     context.CancelCauseFunc
	done    chan struct{} // closed when the session has ended and is stored

	mu        sync.Mutex // guards all below
	state     State
	access    Access
	closedBy  string      // who closed first, when it was us: "person", "duplex"
	closeCode int         // what we sent, when it was us
	cutTimer  *time.Timer // ends the wait for the target's close frame
	ending    *Ending
	viewers   map[*Cursor]Viewer
	keepTimer *time.Timer
	keepUntil time.Time
	firstIn   []byte // how the first received message began
	recentIn  []byte // the last received message, when it is short enough to be an error
	lastIn    time.Time
	lastOut   time.Time
	outSize   int64
	revision  int           // grows with every change of what Info says, counters aside
	changed   chan struct{} // closed and replaced with every revision
}

// Open dials a target and starts a session. A handshake that failed is a
// *target.Error; ErrDraining is returned while the process shuts down.
func (h *Hub) Open(ctx context.Context, r OpenRequest) (*Session, error) {
	pinged := newPingCounter(h.Now)
	r.Target.OnPing = pinged.take
	conn, record, err := h.dial(ctx, r, "session")
	if err != nil {
		return nil, err
	}
	if err := h.Recorder.StartSession(ctx, record); err != nil {
		h.refused()
		_ = conn.CloseNow()
		return nil, fmt.Errorf("start session: %w", err)
	}
	s := h.newSession(conn, record, r)
	s.pinged = pinged
	s.noteConnected()
	if h.enter(record.ID, s) {
		go s.shutDown() //nolint:gosec // G118: the session outlives the request it was opened by
	}
	go s.run()
	return s, nil
}

// dial is the part that sessions and relays share: it is admitted, performs the
// handshake and says what is known so far.
func (h *Hub) dial(ctx context.Context, r OpenRequest, kind string) (*target.Conn, Record, error) {
	if err := h.budget.take(r.PersonID, r.Target.URL.Host); err != nil {
		return nil, Record{}, err
	}
	if err := h.admit(); err != nil {
		return nil, Record{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(h.dials, cancel) // a target that says nothing must not hold up a drain
	defer stop()
	r.Target.ReadLimit = r.limit()
	conn, report, err := h.Dialer.Dial(ctx, r.Target)
	if err != nil {
		h.refused()
		if h.dials.Err() != nil && errors.Is(err, context.Canceled) {
			err = ErrDraining
		}
		return nil, Record{}, err
	}
	if r.ID == "" {
		r.ID = h.NewID()
	}
	record := Record{
		ID: r.ID, Kind: kind, Address: report.URL, OpenedBy: r.OpenedBy, Access: r.Access,
		OpenedAt: h.Now(), Report: *report,
	}
	if r.Service != nil {
		record.ServiceID, record.ServiceName = r.Service.ID, r.Service.Name
	}
	return conn, record, nil
}

func (h *Hub) newSession(conn *target.Conn, record Record, r OpenRequest) *Session {
	life, end := context.WithCancelCause(context.Background())
	s := &Session{
		hub: h, record: record, conn: conn, limit: r.limit(),
		log:     newLog(record.ID, h.Recorder, h.Now),
		sending: make(chan struct{}, 1), recent: map[string]int64{},
		life: life, end: end, done: make(chan struct{}), invalid: make(chan struct{}),
		state: Open, access: record.Access, viewers: map[*Cursor]Viewer{}, changed: make(chan struct{}),
	}
	s.pings = &pinger{session: s, interval: r.PingInterval}
	s.mu.Lock()
	s.keep()
	s.mu.Unlock()
	return s
}

func (s *Session) noteConnected() {
	report := &s.record.Report
	s.log.note(EventConnected, facts{"status": report.Status, "subprotocol": report.Subprotocol})
	if len(report.Offered) > 0 && report.Subprotocol == "" {
		s.log.note(EventSubprotocolNotChosen, facts{"offered": report.Offered})
	}
}

// run is the session's life: it reads until the connection ends, then stores how.
func (s *Session) run() {
	defer close(s.done)
	var helpers sync.WaitGroup
	helpers.Go(func() { s.pings.run(s.life) })
	helpers.Go(s.guard)
	err := s.read()
	s.answer(err)
	s.end(err)
	s.conn.Cut()
	_ = s.conn.CloseNow() // gives the library's buffers back
	helpers.Wait()
	s.finish(err)
}

// guard closes a session that can no longer be kept, because going on would show
// people less than what passed, and one whose target floods it with pings.
func (s *Session) guard() {
	select {
	case <-s.log.broken:
		_ = s.closeAs(s.life, "duplex", int(websocket.StatusInternalError), "session cannot be recorded")
	case <-s.pinged.flooded:
		s.log.note(EventPingFlood, facts{"limit": maxPings})
		_ = s.closeAs(s.life, "duplex", int(websocket.StatusPolicyViolation), "too many pings")
	case <-s.invalid:
		_ = s.closeAs(s.life, "duplex", int(websocket.StatusInvalidFramePayloadData), "text is not UTF-8")
	case <-s.life.Done():
	}
}

// finish stores the end of the session and takes it out of the hub.
func (s *Session) finish(err error) {
	closing := s.closingOf(err)
	s.stopCutting()
	ending := Ending{At: s.hub.Now(), Code: closing.Code, Reason: closing.Reason, Clean: closing.Clean}
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: &s.record.Report, Closing: &closing}); found {
		ending.Finding = &finding
	}
	s.log.noteInvalidReason(ending.Reason)
	s.log.note(EventClosed, facts{"code": ending.Code, "reason": ending.Reason, "clean": ending.Clean, "by": s.closer()})
	counts, logErr := s.log.close()
	ctx := context.Background() // the session is over; its end has to be kept all the same
	endErr := s.hub.Recorder.EndSession(ctx, s.record.ID, ending, counts)
	s.logEnd(ending, counts, errors.Join(logErr, endErr))
	s.mu.Lock()
	s.state, s.ending = Closed, &ending
	s.stopKeeping()
	s.revise()
	s.mu.Unlock()
	s.hub.leave(s.record.ID, counts)
}

func (s *Session) logEnd(e Ending, c Counts, err error) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	s.hub.Log.LogAttrs(context.Background(), level, "session ended",
		slog.String("session", s.record.ID), slog.String("target", s.record.Report.Host),
		slog.Int("code", e.Code), slog.Bool("clean", e.Clean),
		slog.Int64("bytes_sent", c.BytesSent), slog.Int64("bytes_received", c.BytesReceived),
		slog.Duration("took", e.At.Sub(s.record.OpenedAt)), slog.Any("error", err))
}

// Info says what is true of the session now.
func (s *Session) Info() Info {
	counts, stored := s.log.totals()
	s.mu.Lock()
	defer s.mu.Unlock()
	info := Info{Record: s.record, State: s.state, KeepUntil: s.keepUntil}
	info.Counts, info.LastSeq, info.Ending, info.Access = counts, stored, s.ending, s.access
	for _, v := range s.viewers {
		info.Viewers = append(info.Viewers, v)
	}
	return info
}

// Report says how the handshake went.
func (s *Session) Report() target.Report { return s.record.Report }

// Limit is the greatest size of a message, in bytes.
func (s *Session) Limit() int64 { return s.limit }

// Done is closed when the session has ended and all of it is stored.
func (s *Session) Done() <-chan struct{} { return s.done }

// revise tells everybody who watches that Info says something new. The caller
// holds mu.
func (s *Session) revise() {
	s.revision++
	close(s.changed)
	s.changed = make(chan struct{})
}

// keep starts the countdown of a session that nobody watches, or starts it again.
// The caller holds mu.
func (s *Session) keep() {
	if len(s.viewers) > 0 || s.state != Open {
		return
	}
	s.stopKeeping()
	s.keepUntil = s.hub.Now().Add(s.hub.KeepTime)
	s.keepTimer = time.AfterFunc(s.hub.KeepTime, func() {
		_ = s.closeAs(context.Background(), "duplex", int(websocket.StatusNormalClosure), "nobody is watching")
	})
}

// stopKeeping ends the countdown. The caller holds mu.
func (s *Session) stopKeeping() {
	if s.keepTimer != nil {
		s.keepTimer.Stop()
		s.keepTimer, s.keepUntil = nil, time.Time{}
	}
}

// shutDown ends the session because the process ends.
func (s *Session) shutDown() {
	s.log.note(EventDrained, facts{})
	_ = s.closeAs(context.Background(), "duplex", int(websocket.StatusGoingAway), "server is shutting down")
	<-s.done
}

// cut breaks the connection off.
func (s *Session) cut() { s.conn.Cut() }

func opcodeOf(t websocket.MessageType) transcript.Opcode {
	if t == websocket.MessageText {
		return transcript.Text
	}
	return transcript.Binary
}
