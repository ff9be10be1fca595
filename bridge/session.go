package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

// Session is one connection to a target, from dial to close. It is logged, and watched by
// any number of viewers. It stays open for the Hub's KeepTime without one.
type Session struct {
	hub     *Hub
	record  Record // as stored at the start; never changes
	trace   Trace  // nil without a Tracer
	conn    *dial.Conn
	log     *log
	limit   int64
	limits  Limits
	speaker *speaker // nil without a dialect
	pings   *pinger
	closing sync.WaitGroup // of giveUp, which the reading goroutine starts

	variables Variables    // of messages that ask for them
	reaches   dial.Request // the target, to judge which secrets it may get

	sending chan struct{}   // holds a token while a message gets its place in sends
	sends   sends           // guarded by the token
	failed  atomic.Bool     // nothing more is sent: writing failed, or the session ends
	life    context.Context //nolint:containedctx // the session outlives every request: this is its own life
	end     context.CancelCauseFunc
	over    chan struct{} // closed when the session has ended
	done    chan struct{} // closed when its ending is stored

	mu        sync.Mutex // guards all below
	state     State
	access    Access
	reading   string      // name of the dialect that it is read by; "" for none
	closedBy  closer      // "" unless our side closed first
	closeCode int         // the code that our side sent first
	cutTimer  *time.Timer // ends the wait for the target's close frame
	ending    *Ending
	finished  bool // log and ending are stored
	viewers   map[*Cursor]Viewer
	watching  []Viewer // those of viewers, shared by all who read it; nil after a change
	crowd     crowd
	window    weak.Pointer[window] // that was read last
	keepTimer *time.Timer
	keepUntil time.Time
	firstIn   []byte // the first bytes of the first received message
	recentIn  []byte // the last received message; nil when larger than diagnose.MaxErrorMessage
	formerIn  []byte // the message before it; nil when larger than formerKept
	recentSeq int64  // of recentIn; 0 until it is in the log
	formerSeq int64
	lastIn    time.Time
	lastOut   time.Time
	outSize   int64
	revision  int           // grows with every change of Info, counters aside
	changed   chan struct{} // closed and replaced with every revision
}

// Open dials a target and starts a session. The error of a failed handshake is a
// *dial.Error; while the process shuts down it is ErrDraining.
func (h *Hub) Open(ctx context.Context, r OpenRequest) (*Session, error) {
	if err := h.custody.checkHere(ctx); err != nil { // before anything is sent to the target
		return nil, err
	}
	spoken, err := r.connect(h.Now())
	if err != nil {
		return nil, err
	}
	h.beginTrace(&r, KindSession)
	conn, record, err := h.dial(ctx, r, KindSession)
	if err != nil {
		r.endTrace(err)
		return nil, err
	}
	if err := h.Recorder.StartSession(ctx, record); err != nil {
		r.endTrace(err)
		h.dismiss()
		_ = conn.CloseNow()
		h.abandonStart(record.ID, err)
		return nil, fmt.Errorf("start session: %w", err)
	}
	s := h.newSession(conn, record, r, spoken)
	s.trace = r.trace
	s.appendConnected()
	if h.enter(record.ID, s) {
		go s.shutDown() //nolint:gosec // G118: the session outlives the request it was opened by
	}
	if s.Dialect() != nil || s.trace != nil {
		h.followers.Go(s.follow) // before run, so that Drain waits for it
	}
	go s.run()
	return s, nil
}

// abandonStart ends a session that the store may have started although its answer was lost.
func (h *Hub) abandonStart(id string, err error) {
	if errors.Is(err, ErrStoreAway) {
		ending := Ending{At: h.Now(), Code: int(websocket.StatusAbnormalClosure)}
		go func() { _ = h.custody.endSession(id, ending, Counts{}) }() // an error means that it was not started
	}
}

// dial performs the handshake of a session or a relay, and returns its first Record.
func (h *Hub) dial(ctx context.Context, r OpenRequest, kind Kind) (*dial.Conn, Record, error) {
	if err := h.budget.take(r.PersonID, r.Target.URL.Host); err != nil {
		return nil, Record{}, err
	}
	if err := h.admit(); err != nil {
		return nil, Record{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(h.dials, cancel) // a silent target must not delay a drain
	defer stop()
	r.Target.ReadLimit = r.limit()
	conn, report, err := h.Dialer.Dial(ctx, r.Target)
	h.observeDial(&r, err)
	if err != nil {
		h.dismiss()
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
	if r.Speech != nil {
		record.Dialect, record.Vars = cmp.Or(r.Speech.Name, r.Speech.Dialect.Name), r.Speech.Values.Vars
	}
	record.Environment = r.Environment
	return conn, record, nil
}

func (h *Hub) newSession(conn *dial.Conn, record Record, r OpenRequest, spoken *dialect.Connection) *Session {
	life, end := context.WithCancelCause(context.Background())
	s := &Session{
		hub: h, record: record, conn: conn, limit: r.limit(), limits: r.limits(),
		sending: make(chan struct{}, 1), sends: sends{recent: map[string]*sending{}},
		life: life, end: end, over: make(chan struct{}), done: make(chan struct{}),
		state: Open, access: record.Access, reading: record.Dialect, variables: r.Variables, reaches: reachedBy(&r.Target, &record.Report), viewers: map[*Cursor]Viewer{}, changed: make(chan struct{}),
	}
	var observe func([]transcript.Message)
	if spoken != nil {
		s.speaker = newSpeaker(spoken, s)
		observe = s.speaker.observe
	}
	s.log = newLog(record.ID, h.custody, h.Now, observe, s.failLog)
	pinged := &pingCounter{now: h.Now, onFlood: s.failPings}
	conn.OnPing = pinged.take
	s.pings = &pinger{session: s, interval: r.PingInterval, giveUp: r.PongTimeout}
	s.mu.Lock()
	s.keep()
	s.mu.Unlock()
	return s
}

func (s *Session) appendConnected() {
	report := &s.record.Report
	s.log.appendEvent(EventConnected, facts{"status": report.Status, "subprotocol": report.Subprotocol})
	if len(report.Offered) > 0 && report.Subprotocol == "" {
		s.log.appendEvent(EventSubprotocolNotChosen, facts{"offered": report.Offered})
	}
}

// run reads until the connection ends, and then stores the ending.
func (s *Session) run() {
	defer close(s.done)
	var helpers sync.WaitGroup
	stopPings := s.pings.start(s.life)
	if s.speaker != nil {
		helpers.Go(func() { s.speaker.run(s.life) })
	}
	err := s.readMessages()
	s.answer(err)
	s.end(err)
	s.conn.Cut()
	_ = s.conn.CloseNow()
	ending := s.endingOf(err)
	late := time.AfterFunc(revealTime, func() { s.reveal(&ending, false) })
	stopPings()
	helpers.Wait()
	s.closing.Wait()
	s.awaitSends()
	s.finish(&ending)
	late.Stop()
}

// revealTime is the delay of the ending, so that viewers see it together with the last
// messages. A store that is away may take longer.
const revealTime = time.Second

// endingOf returns the ending, with its diagnosis, for the error of reading.
func (s *Session) endingOf(err error) Ending {
	closing := s.closingOf(err)
	s.stopCutting()
	ending := Ending{At: s.record.Clock(s.hub.Now()), Code: closing.Code, Reason: closing.Reason, Clean: closing.Clean}
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: &s.record.Report, Closing: &closing}); found {
		ending.Finding = &finding
	} else if s.speaker != nil {
		ending.Finding = s.speaker.lastNotice() // we closed it after an error of the service
	}
	return ending
}

// finish stores the ending of the session and removes it from the hub.
func (s *Session) finish(ending *Ending) {
	s.log.appendInvalidReason(ending.Reason)
	s.log.appendEvent(EventClosed, facts{"code": ending.Code, "reason": ending.Reason, "clean": ending.Clean, "by": s.firstCloser()})
	counts, logErr := s.log.close()
	endErr := s.hub.custody.endSession(s.record.ID, *ending, counts)
	s.logEnd(*ending, counts, errors.Join(logErr, endErr))
	s.reveal(ending, true)
	s.hub.leave(s.record.ID, counts)
}

// reveal shows viewers that the session has ended; finished says that all of it is stored.
func (s *Session) reveal(ending *Ending, finished bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != Closed {
		s.state, s.ending = Closed, ending
		s.stopKeeping()
		close(s.over)
	}
	s.finished = s.finished || finished
	s.revise()
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

// Info returns the current state of the session.
func (s *Session) Info() Info {
	counts, stored := s.log.totals()
	var spoken *SpeechInfo
	if s.speaker != nil {
		spoken = s.speaker.info()
		spoken.Name = s.record.Dialect
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	info := Info{Record: s.record, State: s.state, KeepUntil: s.keepUntil}
	info.Counts, info.LastSeq, info.Ending, info.Access = counts, stored, s.ending, s.access
	info.StoreAway, info.Speech = s.hub.StoreAway(), spoken
	info.Limits, info.Dialect = s.limits, s.reading
	if s.watching == nil && len(s.viewers) > 0 {
		s.watching = slices.AppendSeq(make([]Viewer, 0, len(s.viewers)), maps.Values(s.viewers))
	}
	info.Viewers = s.watching
	return info
}

// readBy implements connection.
func (s *Session) readBy(dialect string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading = dialect
	s.revise()
}

// Report returns the report of the handshake.
func (s *Session) Report() dial.Report { return s.record.Report }

// Limit returns the maximum size in bytes of a message that is sent.
func (s *Session) Limit() int64 { return s.limits.Message }

// Done returns a channel that is closed when the session has ended and is stored.
func (s *Session) Done() <-chan struct{} { return s.done }

// revise tells all viewers that Info has changed. The caller holds mu.
func (s *Session) revise() {
	s.revision++
	close(s.changed)
	s.changed = make(chan struct{})
}

// noteChange tells all viewers that Info has changed.
func (s *Session) noteChange() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revise()
}

// keep restarts the countdown of a session without viewers. The caller holds mu.
func (s *Session) keep() {
	if len(s.viewers) > 0 || s.state != Open {
		return
	}
	s.stopKeeping()
	s.keepUntil = s.hub.Now().Add(s.hub.KeepTime)
	s.keepTimer = time.AfterFunc(s.hub.KeepTime, func() {
		_ = s.closeAs(context.Background(), closerDuplex, int(websocket.StatusNormalClosure), "nobody is watching")
	})
}

// stopKeeping ends the countdown. The caller holds mu.
func (s *Session) stopKeeping() {
	if s.keepTimer != nil {
		s.keepTimer.Stop()
		s.keepTimer, s.keepUntil = nil, time.Time{}
	}
}

// shutDown closes the session because the process stops.
func (s *Session) shutDown() {
	s.log.appendEvent(EventDrained, facts{})
	_ = s.closeAs(context.Background(), closerDuplex, int(websocket.StatusGoingAway), "server is shutting down")
	<-s.done
}

// cut closes the socket without a close frame.
func (s *Session) cut() { s.conn.Cut() }

func opcodeOf(t websocket.MessageType) transcript.Opcode {
	if t == websocket.MessageText {
		return transcript.Text
	}
	return transcript.Binary
}
