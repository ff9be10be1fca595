package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// Bounds of a trial after its handshake.
const (
	greetingWait = 5 * time.Second // for a message that the dialect expects
	quietWait    = time.Second     // for one that nobody expects; services that refuse late close within it
	trialClose   = 2 * time.Second // for the answer to our close frame
)

// TrialPhase is a step of a trial after its handshake.
type TrialPhase string

// The phases of a trial, which follow those of the dial.
const (
	TrialFirstMessage TrialPhase = "first_message"
	TrialClose        TrialPhase = "close"
)

// TrialPhases returns the phases of a trial after its handshake.
func TrialPhases() []TrialPhase { return []TrialPhase{TrialFirstMessage, TrialClose} }

// TrialStep tells that a phase of a trial begins or has ended.
type TrialStep struct {
	Phase    TrialPhase
	Ended    bool
	Expects  bool     // a first message, by the dialect
	Expected string   // its label; "" when unknown
	First    *Greeted // nil when none came
	Closed   *Ending
	ByUs     bool // we closed it first
}

// Greeted is the first message that came in a trial. Its payload is not kept.
type Greeted struct {
	Opcode transcript.Opcode
	Size   int64
	Label  string // by the dialect; "" without one
	After  time.Duration
}

// Trial is the outcome of a test of a connection: nothing was sent after the handshake, and
// nothing is stored.
type Trial struct {
	Report  dial.Report
	First   *Greeted
	Closed  Ending
	ByUs    bool // we closed it first
	Finding *diagnose.Finding
}

// Try tests a connection: it dials, waits a moment for a first message, and closes with 1000.
// It counts and is bounded as the dial of a session, and is not stored. The error of a failed
// handshake is a *dial.Error.
func (h *Hub) Try(ctx context.Context, r OpenRequest, told func(TrialStep)) (*Trial, error) {
	if _, err := r.connect(h.Now()); err != nil {
		return nil, err
	}
	conn, record, err := h.dial(ctx, r, KindSession)
	if err != nil {
		return nil, err
	}
	defer h.release()
	defer func() { _ = conn.CloseNow() }()
	t := &trial{hub: h, request: &r, conn: conn, told: told, opened: h.Now(), flooded: make(chan struct{})}
	pinged := &pingCounter{now: h.Now, onFlood: func() { close(t.flooded) }}
	conn.OnPing = pinged.take
	t.Report = record.Report
	t.run(ctx)
	return &t.Trial, nil
}

// release uncounts a dial that succeeded and became no connection.
func (h *Hub) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialling--
	h.checkEmpty()
}

// trial runs a Trial.
type trial struct {
	Trial

	hub     *Hub
	request *OpenRequest
	conn    *dial.Conn
	told    func(TrialStep)
	opened  time.Time
	flooded chan struct{} // closed when the target has sent too many pings

	received int64
	head     []byte // of the first message
	last     []byte
}

// arrived is a message, or the end of the connection.
type arrived struct {
	opcode  transcript.Opcode
	payload []byte
	err     error
}

func (t *trial) run(ctx context.Context) {
	over := make(chan struct{})
	messages, done := make(chan arrived), make(chan struct{})
	go func() {
		defer close(done)
		t.read(messages, over)
	}()
	defer func() { // the reader ends when its connection is cut
		close(over)
		t.conn.Cut()
		<-done
	}()
	ended := t.awaitFirst(ctx, messages)
	t.told(TrialStep{Phase: TrialClose})
	if ended == nil {
		ended = t.close(messages)
	} else {
		t.conn.Answer(ended)
	}
	t.explain(ended)
	t.told(TrialStep{Phase: TrialClose, Ended: true, Closed: &t.Closed, ByUs: t.ByUs})
}

func (t *trial) read(to chan<- arrived, over <-chan struct{}) {
	for {
		kind, payload, err := t.conn.ReadMessage()
		select {
		case to <- arrived{opcodeOf(kind), payload, err}:
		case <-over:
			return
		}
		if err != nil {
			return
		}
	}
}

// awaitFirst waits for the first message. It returns the error of reading when the target
// ended the connection.
func (t *trial) awaitFirst(ctx context.Context, messages <-chan arrived) error {
	step := TrialStep{Phase: TrialFirstMessage}
	wait := quietWait
	if t.request.Speech != nil {
		step.Expected, step.Expects = t.request.Speech.Dialect.Greeting()
	}
	if step.Expects {
		wait = greetingWait
	}
	t.told(step)
	step.Ended = true
	late := time.NewTimer(wait)
	defer late.Stop()
	var ended error
	select {
	case m := <-messages:
		if ended = m.err; ended == nil {
			t.take(m)
			step.First = t.First
		}
	case <-late.C:
	case <-t.flooded:
	case <-ctx.Done():
	case <-t.hub.dials.Done(): // the process stops
	}
	t.told(step)
	return ended
}

// take keeps what is told of the first message.
func (t *trial) take(m arrived) {
	t.note(m)
	t.First = &Greeted{Opcode: m.opcode, Size: int64(len(m.payload)), After: t.hub.Now().Sub(t.opened)}
	if t.request.Speech == nil {
		if found, ok := diagnose.ErrorIn(t.last); ok {
			t.report(found.Code, found.Words, nil)
		}
		return
	}
	d := t.request.Speech.Dialect
	message := transcript.Message{Direction: transcript.Received, Opcode: m.opcode, Payload: m.payload}
	t.First.Label = t.conn.Mask(dialect.NewNoter(d, t.request.Speech.Values.Vars).Label(&message))
	if wrong, found := d.ErrorOf(&message); found {
		t.report(wrong.Code, wrong.Message, knownError(d, wrong))
	}
}

// report stores the finding for an error inside a message.
func (t *trial) report(code, words string, known *diagnose.Known) {
	said := diagnose.ServiceError{Code: t.conn.Mask(code), Words: t.conn.Mask(words)}
	finding := diagnose.Reported(&t.Report, said, known)
	t.Finding = &finding
}

func (t *trial) note(m arrived) {
	if t.received++; t.received == 1 {
		t.head = slices.Clone(m.payload[:min(len(m.payload), firstKept)])
	}
	if t.last = nil; len(m.payload) <= diagnose.MaxErrorMessage {
		t.last = m.payload
	}
}

// close closes with 1000 and returns the error that ends reading.
func (t *trial) close(messages <-chan arrived) error {
	t.ByUs = true
	late := time.AfterFunc(min(t.hub.CloseWait, trialClose), t.conn.Cut)
	defer late.Stop()
	_ = t.conn.SendClose(websocket.StatusNormalClosure, "")
	for m := range messages {
		if m.err != nil {
			return m.err
		}
		t.note(m)
	}
	return nil
}

// explain stores how the connection ended, and why when that is unusual.
func (t *trial) explain(end error) {
	now := t.hub.Now()
	limits := t.request.limits()
	c := diagnose.Closing{
		Code: int(websocket.StatusAbnormalClosure), ByUs: t.ByUs, Err: end, OpenFor: now.Sub(t.opened), Idle: now.Sub(t.opened),
		Received: t.received, FirstReceived: t.head, PingInterval: t.request.PingInterval,
		Limits: diagnose.Limits{Message: limits.Message, Request: limits.Request, Idle: limits.Idle, Session: limits.Session},
	}
	if found, ok := diagnose.ErrorIn(t.last); ok {
		c.LastError = diagnose.ServiceError{Code: t.conn.Mask(found.Code), Words: t.conn.Mask(found.Words)}
	}
	if failure := t.conn.Failure(); failure != nil {
		c.Err, c.Code = failure, int(failure.Code())
		c.ByUs = c.ByUs || failure.Rule == frames.TooLarge
	}
	if frame, closed := errors.AsType[websocket.CloseError](end); closed {
		c.Code, c.Reason, c.Clean = int(frame.Code), frame.Reason, true
	}
	if t.request.Speech != nil {
		if s, known := t.request.Speech.Dialect.ExplainClose(c.Code, c.Reason); known {
			c.Known = &diagnose.Known{Cause: s.Cause, Fix: s.Fix}
		}
	}
	t.Closed = Ending{At: now, Code: c.Code, Reason: c.Reason, Clean: c.Clean}
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: &t.Report, Closing: &c}); found && t.Finding == nil && !t.ByUs {
		t.Finding = &finding
	}
}

// knownError returns the explanation of an error by a dialect; nil for none.
func knownError(d *dialect.Dialect, e dialect.TurnError) *diagnose.Known {
	if s, known := d.Explain(e.Code, e.Message); known {
		return &diagnose.Known{Cause: s.Cause, Fix: s.Fix}
	}
	return nil
}
