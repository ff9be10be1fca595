package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/target"
	"duplex/bridge/transcript"
)

// Relay carries messages one to one between a browser's own WebSocket and a
// target. It has no queue: reading one side waits for writing the other.
type Relay struct {
	hub    *Hub
	record Record
	limit  int64
	ping   time.Duration
	target *target.Conn
	tape   *log // what passes is recorded here; nil when the service does not ask for it
	done   chan struct{}

	mu      sync.Mutex // guards all below
	browser *Browser   // nil until Run
	ended   *Ending    // what we closed both sides with, before or while it runs
	closer  string     // who ended it first: "target", "person" at the browser or here, "duplex"
	counts  Counts
	access  Access
}

// RelayRequest says what to connect a browser to.
type RelayRequest struct {
	OpenRequest
	Record bool // keep the messages that pass
}

// Relay dials the target of a relay. A handshake that failed is a *target.Error.
// The caller goes on with Run, or with Abandon when the browser cannot be accepted.
func (h *Hub) Relay(ctx context.Context, r RelayRequest) (*Relay, error) {
	conn, record, err := h.dial(ctx, r.OpenRequest, "relay")
	if err != nil {
		return nil, err
	}
	relay := &Relay{
		hub: h, record: record, limit: r.limit(), ping: r.PingInterval, target: conn, done: make(chan struct{}), access: record.Access,
	}
	if r.Record {
		if err := h.Recorder.StartSession(ctx, record); err != nil {
			h.refused()
			_ = conn.CloseNow()
			return nil, fmt.Errorf("start relay: %w", err)
		}
		relay.tape = newLog(record.ID, h.Recorder, h.Now)
		relay.tape.note(EventConnected, facts{"status": record.Report.Status, "subprotocol": record.Report.Subprotocol})
	}
	if h.enter(record.ID, relay) {
		go relay.shutDown()
	}
	return relay, nil
}

// Subprotocol is what the target chose; "" for none. It is not masked: it may be one
// that the browser offered, secret or not, and has to get back. One that the browser
// did not offer must not be given to it.
func (r *Relay) Subprotocol() string { return r.target.Subprotocol() }

// Abandon ends a relay whose browser was never there.
func (r *Relay) Abandon() {
	r.endedFirst("duplex")
	r.closeUnread(websocket.StatusGoingAway, "browser did not connect")
	r.finish(Ending{At: r.hub.Now(), Code: int(websocket.StatusGoingAway), Clean: true})
}

// Run carries messages until both sides are closed. Each side is closed with the
// code and reason the other gave; a side that broke off without a close frame
// breaks the other off too, so both see what happened.
func (r *Relay) Run(ctx context.Context, browser *Browser) error {
	browser.SetReadLimit(r.limit)
	if ended := r.begin(browser); ended != nil { // closed while the browser was being accepted
		_ = browser.Close(websocket.StatusCode(ended.Code), ended.Reason)
		r.finish(*ended)
		return nil
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	up, down := make(chan error, 1), make(chan error, 1) // one slot each: no pump blocks on exit
	near, far := r.sides(browser)
	go func() { up <- r.pump(life, near, far, transcript.Sent) }()
	go func() { down <- r.pump(life, far, near, transcript.Received) }()
	var pings sync.WaitGroup
	pings.Go(func() { r.keepAlive(life, far) })
	pings.Go(func() { r.keepAlive(life, near) })

	upErr, downErr := <-up, <-down
	end()
	pings.Wait()
	_, _ = r.target.CloseNow(), browser.CloseNow() // gives the library's buffers back
	if ended := r.endedByUs(); ended != nil {
		r.finish(*ended)
		return nil
	}
	r.finish(endingOf(r.hub.Now(), downErr))
	return errors.Join(unexpected(upErr), unexpected(downErr))
}

func (r *Relay) endedByUs() *Ending {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

func (r *Relay) begin(browser *Browser) *Ending {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.browser = browser
	return r.ended
}

// pump is one direction. When its source ends, it ends its destination the same
// way; when its destination fails, the other pump sees why and ends the source.
func (r *Relay) pump(ctx context.Context, from, to side, d transcript.Direction) error {
	carry := r.carry
	if r.tape != nil {
		var scratch []byte
		carry = func(ctx context.Context, from, to side, d transcript.Direction) error {
			return r.carryRecorded(ctx, from, to, d, &scratch)
		}
	}
	for {
		err := carry(ctx, from, to, d)
		if read, ok := errors.AsType[*readError](err); ok {
			r.endedFirst(ender(d)) // before the other pump can see the answer
			passClose(to, read.err)
			return read.err
		}
		if err != nil {
			if !errors.Is(err, net.ErrClosed) { // whoever closed it sees to its end
				to.cut()
			}
			return err
		}
	}
}

// ender is who ends the source of a direction.
func ender(d transcript.Direction) string {
	if d == transcript.Sent {
		return "person"
	}
	return "target"
}

// endedFirst notes who ended the relay, unless somebody did before.
func (r *Relay) endedFirst(by string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closer == "" {
		r.closer = by
	}
}

func (r *Relay) whoEnded() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closer
}

// readError is an error of a pump's source.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// carry passes one message without holding it.
func (r *Relay) carry(ctx context.Context, from, to side, d transcript.Direction) error {
	kind, source, err := from.Reader(ctx)
	if err != nil {
		return &readError{err}
	}
	w, err := to.Writer(ctx, kind)
	if err != nil {
		return err
	}
	counted := &sourceReader{r: source}
	_, err = io.Copy(w, counted)
	if counted.err != nil {
		return &readError{counted.err}
	}
	if err != nil {
		return err
	}
	r.count(d, counted.n)
	return w.Close()
}

// sourceReader counts what is read, and keeps apart the errors of reading from
// those of writing.
type sourceReader struct {
	r   io.Reader
	n   int64
	err error
}

func (s *sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// carryRecorded passes one message that is kept too.
func (r *Relay) carryRecorded(ctx context.Context, from, to side, d transcript.Direction, scratch *[]byte) error {
	opcode, payload, err := readMessage(ctx, from, scratch)
	if err != nil {
		return &readError{err}
	}
	message := transcript.Message{Direction: d, Opcode: opcode, Payload: payload}
	if d == transcript.Sent {
		message.Sender = r.record.OpenedBy
	}
	if _, err := r.tape.append(ctx, message); err != nil {
		return err
	}
	r.count(d, int64(len(payload)))
	return to.Write(ctx, messageType(opcode), payload)
}

func (r *Relay) count(d transcript.Direction, size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d == transcript.Sent {
		r.counts.Sent++
		r.counts.BytesSent += size
		return
	}
	r.counts.Received++
	r.counts.BytesReceived += size
}

// passClose ends a side as the other side ended.
func passClose(to side, err error) {
	var frame websocket.CloseError
	switch {
	case errors.As(err, &frame):
		to.close(frame.Code, frame.Reason)
	case errors.Is(err, websocket.ErrMessageTooBig):
		to.close(websocket.StatusMessageTooBig, "message exceeds the limit")
	default:
		to.cut()
	}
}

// keepAlive pings a side until ctx ends. A pong that does not come is left to the
// peers: a relay adds no judgement of its own. But a side that is gone may be seen
// by nobody else, while its pump waits for the other side to take a message.
func (r *Relay) keepAlive(ctx context.Context, s side) {
	every(ctx, r.ping, func() bool {
		wait, cancel := context.WithTimeout(ctx, r.ping)
		defer cancel()
		if err := s.Ping(wait); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			r.cutBoth(ctx)
			return false
		}
		return true
	})
}

// cutBoth cuts both sides when the pumps do not end by themselves.
func (r *Relay) cutBoth(ctx context.Context) {
	wait := time.NewTimer(r.hub.CloseWait)
	defer wait.Stop()
	select {
	case <-wait.C:
		r.mu.Lock()
		near, far := r.sides(r.browser)
		r.mu.Unlock()
		near.cut()
		far.cut()
	case <-ctx.Done():
	}
}

// endingOf reads the target's end out of what its pump returned.
func endingOf(now time.Time, err error) Ending {
	e := Ending{At: now, Code: int(websocket.StatusAbnormalClosure)}
	if frame, ok := errors.AsType[websocket.CloseError](err); ok {
		e.Code, e.Reason, e.Clean = int(frame.Code), frame.Reason, true
	}
	return e
}

// unexpected drops the ordinary ends of a connection: a close frame, and a side
// that the other pump closed because its own source had ended.
func unexpected(err error) error {
	if websocket.CloseStatus(err) != -1 || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (r *Relay) finish(e Ending) {
	counts := r.Info().Counts
	if r.tape != nil {
		r.tape.note(EventClosed, facts{"code": e.Code, "reason": e.Reason, "clean": e.Clean, "by": r.whoEnded()})
		taped, err := r.tape.close()
		if err := errors.Join(err, r.hub.Recorder.EndSession(context.Background(), r.record.ID, e, taped)); err != nil {
			r.hub.Log.Error("relay not recorded to its end", "session", r.record.ID, "error", err)
		}
	}
	r.hub.leave(r.record.ID, counts)
	close(r.done)
}

// Info says what is true of the relay now.
func (r *Relay) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := Info{Record: r.record, State: Open}
	info.Counts, info.Access = r.counts, r.access
	return info
}

// SetAccess changes whose the relay is and who else may see it. To keep it is the
// caller's.
func (r *Relay) SetAccess(a Access) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.access = a
}

// Close closes both sides on behalf of a person.
func (r *Relay) Close(ctx context.Context, code int, reason string) error {
	if err := checkClose(code, reason); err != nil {
		return err
	}
	r.endedFirst("person")
	r.closeBoth(websocket.StatusCode(code), reason)
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shutDown closes both sides because the process ends.
func (r *Relay) shutDown() {
	r.endedFirst("duplex")
	r.closeBoth(websocket.StatusGoingAway, "server is shutting down")
	<-r.done
}

// cut breaks both sides off.
func (r *Relay) cut() {
	r.mu.Lock()
	browser := r.browser
	r.mu.Unlock()
	r.target.Cut()
	if browser != nil {
		browser.Cut()
	}
}

// Expire closes both sides because nobody vouches any more for the person at the
// browser. That is between the browser and us: the target is told that we go away.
func (r *Relay) Expire(code int, reason string) {
	r.endedFirst("duplex")
	told := websocket.CloseError{Code: websocket.StatusCode(code), Reason: reason}
	r.closeApart(told, websocket.CloseError{Code: websocket.StatusGoingAway, Reason: "sign-in of the browser has ended"})
	<-r.done
}

func (r *Relay) closeBoth(code websocket.StatusCode, reason string) {
	told := websocket.CloseError{Code: code, Reason: reason}
	r.closeApart(told, told)
}

// closeApart closes the browser and the target, each with words of its own.
func (r *Relay) closeApart(atBrowser, atTarget websocket.CloseError) {
	r.mu.Lock()
	r.ended = &Ending{At: r.hub.Now(), Code: int(atTarget.Code), Reason: atTarget.Reason, Clean: true}
	browser := r.browser
	r.mu.Unlock()
	if browser == nil {
		r.closeUnread(atTarget.Code, atTarget.Reason)
		return
	}
	near, far := r.sides(browser)
	var both sync.WaitGroup
	both.Go(func() { far.close(atTarget.Code, atTarget.Reason) })
	both.Go(func() { near.close(atBrowser.Code, atBrowser.Reason) })
	both.Wait()
}

// closeUnread closes the target where no pump reads it.
func (r *Relay) closeUnread(code websocket.StatusCode, reason string) {
	cut := time.AfterFunc(r.hub.CloseWait, r.target.Cut)
	defer cut.Stop()
	_ = r.target.Close(code, reason)
}
