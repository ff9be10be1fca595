package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// Relay carries messages one to one between a browser's own WebSocket and a target. It has
// no queue: reading from one side waits for writing to the other. While nothing comes it holds
// no buffer.
type Relay struct {
	hub    *Hub
	record Record
	trace  Trace // nil without a Tracer
	limit  int64
	ping   time.Duration
	target *frames.Link
	tape   *log // records the messages; nil unless the service asks for it
	done   chan struct{}

	mu      sync.Mutex   // guards all below
	browser *frames.Link // nil until Run
	cutting bool         // timers to cut the sides were started, or both have ended
	timers  []*time.Timer
	answers map[*frames.Link]websocket.CloseError // the close frames that came, by side
	ours    *closePair                            // the close frames that we began with; nil unless we close
	ended   *Ending                               // how it ends because we close; nil unless we close
	final   *Ending                               // nil until both sides have ended
	closer  closer                                // the party that ended it first; "" while none has
	counts  Counts
	access  Access
	reading string // name of the dialect that it is read by; "" for none
}

// RelayRequest describes a relay to open.
type RelayRequest struct {
	OpenRequest
	Record bool // store the messages
}

// Relay dials the target of a relay. The error of a failed handshake is a *dial.Error. The
// caller then calls Run, or Abandon when the browser cannot be accepted.
func (h *Hub) Relay(ctx context.Context, r RelayRequest) (*Relay, error) {
	if r.Record {
		if err := h.custody.checkHere(ctx); err != nil { // before anything is sent to the target
			return nil, err
		}
	}
	if _, err := r.connect(h.Now()); err != nil {
		return nil, err
	}
	h.beginTrace(&r.OpenRequest, KindRelay)
	conn, record, err := h.dial(ctx, r.OpenRequest, KindRelay)
	if err != nil {
		r.endTrace(err)
		return nil, err
	}
	relay := &Relay{
		hub: h, record: record, trace: r.trace, limit: r.limit(), ping: r.PingInterval, target: conn.Link, done: make(chan struct{}), access: record.Access, reading: record.Dialect,
		answers: map[*frames.Link]websocket.CloseError{},
	}
	if r.Record {
		if err := h.Recorder.StartSession(ctx, record); err != nil {
			r.endTrace(err)
			h.dismiss()
			_ = conn.CloseNow()
			h.abandonStart(record.ID, err)
			return nil, fmt.Errorf("start relay: %w", err)
		}
		relay.tape = newLog(record.ID, h.custody, h.Now, nil, func() {})
		relay.tape.appendEvent(EventConnected, facts{"status": record.Report.Status, "subprotocol": record.Report.Subprotocol})
	}
	if h.enter(record.ID, relay) {
		go relay.shutDown()
	}
	return relay, nil
}

// Subprotocol returns the subprotocol that the target chose, or "". It is not masked, since
// it may be one that the browser offered. The caller must not pass on one that the browser
// did not offer.
func (r *Relay) Subprotocol() string { return r.target.Subprotocol() }

// IsRecorded reports whether the messages are stored.
func (r *Relay) IsRecorded() bool { return r.tape != nil }

// Limit returns the maximum size of a message in bytes.
func (r *Relay) Limit() int64 { return r.limit }

// Abandon ends a relay without a browser.
func (r *Relay) Abandon() {
	r.noteCloser(closerDuplex)
	r.closeUnread(r.target, websocket.StatusGoingAway, "browser did not connect")
	r.finish(Ending{At: r.record.Clock(r.hub.Now()), Code: int(websocket.StatusGoingAway), Clean: true})
}

// Run carries messages until both sides are closed, and then calls ended. Each side is closed
// with the code and reason of the other, and its messages are carried until its own close
// frame. When one side breaks off without a close frame, the other is broken off too. Run does
// not wait for this: its goroutines are begun by spawn, and while nothing comes there are none.
func (r *Relay) Run(ctx context.Context, browser *frames.Link, spawn func(do func()), ended func(error)) {
	if final := r.begin(browser); final != nil { // closed while the browser was being accepted
		closed, _ := r.ourClose(browser)
		r.closeUnread(browser, closed.Code, closed.Reason)
		_ = browser.CloseNow()
		r.finish(*final)
		ended(nil)
		return
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stopPings := r.keepAlive(life, browser)
	var upErr, downErr error
	var running atomic.Int32
	running.Store(2)
	conclude := func() {
		if running.Add(-1) > 0 {
			return
		}
		end()
		stopPings()
		r.stopCutting()
		r.release(browser, upErr)
		r.release(r.target, downErr)
		if final := r.endedByUs(); final != nil {
			r.finish(*final)
			ended(nil)
			return
		}
		r.finish(endingOf(r.record.Clock(r.hub.Now()), downErr))
		ended(errors.Join(unexpected(upErr), unexpected(downErr)))
	}
	r.start(life, spawn, browser, r.target, transcript.Sent, func(err error) { upErr = err; conclude() })
	r.start(life, spawn, r.target, browser, transcript.Received, func(err error) { downErr = err; conclude() })
}

var errPanicked = errors.New("relay panicked")

// start runs pump for one direction, in goroutines that spawn begins. A direction in which
// nothing comes has none: each needs 4 KiB.
func (r *Relay) start(ctx context.Context, spawn func(do func()), from, to *frames.Link, d transcript.Direction, ended func(error)) {
	var run func()
	run = func() {
		err := errPanicked
		defer func() {
			if errors.Is(err, errPanicked) {
				from.Cut()
				to.Cut()
			}
			if !errors.Is(err, frames.ErrQuiet) {
				ended(err)
			}
		}()
		if err = r.pump(ctx, from, to, d); errors.Is(err, frames.ErrQuiet) {
			from.Sleep(func() { spawn(run) })
		}
	}
	spawn(run)
}

// release closes the socket of a side. A side that broke the protocol may have sent more
// than was read, see frames.Link.Drain.
func (r *Relay) release(side *frames.Link, end error) {
	if _, failed := errors.AsType[*frames.RuleError](end); failed {
		side.Drain(min(r.hub.CloseWait, drainWait))
	}
	_ = side.CloseNow()
}

func (r *Relay) endedByUs() *Ending {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

func (r *Relay) begin(browser *frames.Link) *Ending {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.browser = browser
	return r.ended
}

// pump carries one direction. When its source ends, it ends its destination the same way.
// When its destination fails, the other pump reads the reason there and ends the source. After
// frames.ErrQuiet it is called again.
func (r *Relay) pump(ctx context.Context, from, to *frames.Link, d transcript.Direction) error {
	if r.tape != nil {
		return r.pumpRecorded(ctx, from, to, d)
	}
	for {
		err := r.pass(from, to, d)
		if errors.Is(err, frames.ErrQuiet) {
			return err
		}
		if read, ok := errors.AsType[*frames.ReadError](err); ok {
			r.noteCloser(closerOf(d)) // before the other pump can see the answer
			r.passEnd(from, to, read.Err)
			return read.Err
		}
		if err != nil && !errors.Is(err, net.ErrClosed) {
			r.cutLater(to, from)
		}
		// The other pump reads the destination to its end, and then ends the source.
	}
}

// pass passes the messages on that have come, and waits for one at least. The error is a
// *frames.ReadError, frames.ErrQuiet, or the error of writing.
func (r *Relay) pass(from, to *frames.Link, d transcript.Direction) error {
	run, err := from.NextSoon(to)
	switch {
	case errors.Is(err, frames.ErrQuiet):
		return err
	case err != nil:
		return &frames.ReadError{Err: err}
	case run.Messages > 0:
		r.count(d, run.Messages, run.Size)
		return to.Pass(run.Frames)
	}
	size, err := from.Carry(to)
	if _, failed := errors.AsType[*frames.ReadError](err); !failed {
		r.count(d, 1, size)
	}
	return err
}

// passEnd ends the side to as the side from has ended. Each then has CloseWait to send its
// last messages and its close frame.
func (r *Relay) passEnd(from, to *frames.Link, end error) {
	r.cutLater(to, from)
	closed, hasFrame := frames.CloseFor(end)
	if !hasFrame {
		closed, hasFrame = r.answerTo(to)
	}
	if ours, ok := r.ourClose(to); ok { // the end answers our close frame
		closed, hasFrame = ours, true
	}
	if !hasFrame {
		to.Cut()
		return
	}
	r.keepAnswer(from, end)
	_ = to.SendClose(closed.Code, closed.Reason)
}

// cutLater cuts the first side after CloseWait and the second after twice that, unless they
// end before: the second waits for the answer of the first.
func (r *Relay) cutLater(first, second *frames.Link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cutting {
		return
	}
	r.cutting = true
	r.timers = []*time.Timer{time.AfterFunc(r.hub.CloseWait, first.Cut), time.AfterFunc(2*r.hub.CloseWait, second.Cut)}
}

// stopCutting stops the timers of cutLater.
func (r *Relay) stopCutting() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cutting = true
	for _, timer := range r.timers {
		timer.Stop()
	}
}

// keepAnswer keeps the close frame with which a side ended. The side is answered with the
// close frame of the other side, or with its own when the other sends none.
func (r *Relay) keepAnswer(side *frames.Link, end error) {
	closed, ok := frames.CloseFor(end)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[side] = closed
}

func (r *Relay) answerTo(side *frames.Link) (websocket.CloseError, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	closed, ok := r.answers[side]
	return closed, ok
}

// ourClose returns the close frame for a side when we end the relay.
func (r *Relay) ourClose(side *frames.Link) (websocket.CloseError, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ours == nil:
		return websocket.CloseError{}, false
	case side == r.target:
		return r.ours.target, true
	}
	return r.ours.browser, true
}

// closePair holds the close frames that we send to the two sides.
type closePair struct{ browser, target websocket.CloseError }

// closerOf returns the party at the source of a direction.
func closerOf(d transcript.Direction) closer {
	if d == transcript.Sent {
		return closerPerson
	}
	return closerTarget
}

// noteCloser keeps the first party that ended the relay.
func (r *Relay) noteCloser(by closer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closer == "" {
		r.closer = by
	}
}

func (r *Relay) firstCloser() closer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closer
}

func (r *Relay) count(d transcript.Direction, messages int, size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d == transcript.Sent {
		r.counts.Sent += int64(messages)
		r.counts.BytesSent += size
		return
	}
	r.counts.Received += int64(messages)
	r.counts.BytesReceived += size
}

// keepAlive pings both sides until stop, which waits for a ping that is under way. It ignores
// missing pongs: the peers decide when to give up.
func (r *Relay) keepAlive(ctx context.Context, browser *frames.Link) (stop func()) {
	return Repeat(r.ping, func() bool {
		if ctx.Err() != nil {
			return false
		}
		if err := errors.Join(r.target.Ping(), browser.Ping()); err != nil {
			r.cutBoth(ctx)
			return false
		}
		return true
	})
}

// cutBoth cuts both sides after CloseWait unless the pumps end before. While a pump waits
// for the other side to read, only pings notice that a side is gone.
func (r *Relay) cutBoth(ctx context.Context) {
	if r.tape != nil { // messages of the side that is gone may wait for the store
		r.hub.custody.awaitReturn(ctx)
	}
	wait := time.NewTimer(r.hub.CloseWait)
	defer wait.Stop()
	select {
	case <-wait.C:
		r.mu.Lock()
		browser := r.browser
		r.mu.Unlock()
		browser.Cut()
		r.target.Cut()
	case <-ctx.Done():
	}
}

// endingOf turns the error of the target's pump into an Ending.
func endingOf(now time.Time, err error) Ending {
	e := Ending{At: now, Code: int(websocket.StatusAbnormalClosure)}
	if failure, ok := errors.AsType[*frames.RuleError](err); ok {
		e.Code = int(failure.Code())
	}
	if frame, ok := errors.AsType[websocket.CloseError](err); ok {
		e.Code, e.Reason, e.Clean = int(frame.Code), frame.Reason, true
	}
	return e
}

// unexpected returns nil for the ordinary ends of a connection: a close frame, and a side
// that the other pump closed after its source had ended.
func unexpected(err error) error {
	if websocket.CloseStatus(err) != -1 || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (r *Relay) finish(e Ending) {
	r.mu.Lock()
	r.final = &e // shown at once, even while the store is away
	r.mu.Unlock()
	counts := r.Info().Counts
	if r.tape != nil {
		r.tape.appendInvalidReason(e.Reason)
		r.tape.appendEvent(EventClosed, facts{"code": e.Code, "reason": e.Reason, "clean": e.Clean, "by": r.firstCloser()})
		taped, err := r.tape.close()
		if err := errors.Join(err, r.hub.custody.endSession(r.record.ID, e, taped)); err != nil {
			r.hub.Log.Error("relay not recorded to its end", "session", r.record.ID, "error", err)
		}
	}
	if r.trace != nil {
		info := r.Info()
		r.trace.Ended(&info)
	}
	r.hub.leave(r.record.ID, counts)
	close(r.done)
}

// readBy implements connection.
func (r *Relay) readBy(dialect string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading = dialect
}

// Info returns the current state of the relay.
func (r *Relay) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := Info{Record: r.record, State: Open}
	info.Counts, info.Access, info.Dialect = r.counts, r.access, r.reading
	if r.final != nil {
		info.State, info.Ending = Closed, r.final
	}
	return info
}

// SetAccess changes the access. The caller stores it.
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
	r.noteCloser(closerPerson)
	r.closeBoth(websocket.StatusCode(code), reason)
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shutDown closes both sides because the process stops.
func (r *Relay) shutDown() {
	r.noteCloser(closerDuplex)
	r.closeBoth(websocket.StatusGoingAway, "server is shutting down")
	<-r.done
}

// cut closes both sockets without close frames.
func (r *Relay) cut() {
	r.mu.Lock()
	browser := r.browser
	r.mu.Unlock()
	r.target.Cut()
	if browser != nil {
		browser.Cut()
	}
}

// Expire closes both sides because the sign-in of the person at the browser has ended. The
// browser gets code and reason, the target 1001.
func (r *Relay) Expire(code int, reason string) {
	r.noteCloser(closerDuplex)
	expired := websocket.CloseError{Code: websocket.StatusCode(code), Reason: reason}
	r.closeApart(expired, websocket.CloseError{Code: websocket.StatusGoingAway, Reason: "sign-in of the browser has ended"})
	<-r.done
}

func (r *Relay) closeBoth(code websocket.StatusCode, reason string) {
	closed := websocket.CloseError{Code: code, Reason: reason}
	r.closeApart(closed, closed)
}

// closeApart closes the browser and the target with a close frame each.
func (r *Relay) closeApart(atBrowser, atTarget websocket.CloseError) {
	r.mu.Lock()
	r.ended = &Ending{At: r.record.Clock(r.hub.Now()), Code: int(atTarget.Code), Reason: atTarget.Reason, Clean: true}
	browser := r.browser
	r.ours = &closePair{browser: atBrowser, target: atTarget}
	r.mu.Unlock()
	if browser == nil {
		r.closeUnread(r.target, atTarget.Code, atTarget.Reason)
		return
	}
	r.cutLater(r.target, browser)
	var both sync.WaitGroup
	both.Go(func() { _ = r.target.SendClose(atTarget.Code, atTarget.Reason) })
	both.Go(func() { _ = browser.SendClose(atBrowser.Code, atBrowser.Reason) })
	both.Wait()
}

// closeUnread closes a side that no pump reads.
func (r *Relay) closeUnread(side *frames.Link, code websocket.StatusCode, reason string) {
	cut := time.AfterFunc(r.hub.CloseWait, side.Cut)
	defer cut.Stop()
	_ = side.Close(code, reason)
}
