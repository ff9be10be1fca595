package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// Relay carries messages one to one between a browser's own WebSocket and a
// target. It has no queue: reading one side waits for writing the other.
type Relay struct {
	hub    *Hub
	record Record
	limit  int64
	ping   time.Duration
	target *frames.Conn
	tape   *log // what passes is recorded here; nil when the service does not ask for it
	done   chan struct{}

	mu      sync.Mutex   // guards all below
	browser *frames.Conn // nil until Run
	late    bool         // the sides are cut when they do not end by themselves
	timers  []*time.Timer
	answers map[*frames.Conn]websocket.CloseError
	words   *farewell // what we close the sides with; nil while we do not
	ended   *Ending   // what we closed both sides with, before or while it runs
	final   *Ending   // how it ended, once both sides have
	closer  closer    // the party that ended it first; "" while none has
	counts  Counts
	access  Access
}

// RelayRequest says what to connect a browser to.
type RelayRequest struct {
	OpenRequest
	Record bool // keep the messages that pass
}

// Relay dials the target of a relay. A handshake that failed is a *dial.Error.
// The caller goes on with Run, or with Abandon when the browser cannot be accepted.
func (h *Hub) Relay(ctx context.Context, r RelayRequest) (*Relay, error) {
	if r.Record {
		if err := h.custody.checkHere(ctx); err != nil { // before the target is told anything
			return nil, err
		}
	}
	conn, record, err := h.dial(ctx, r.OpenRequest, KindRelay)
	if err != nil {
		return nil, err
	}
	relay := &Relay{
		hub: h, record: record, limit: r.limit(), ping: r.PingInterval, target: conn.Conn, done: make(chan struct{}), access: record.Access,
		answers: map[*frames.Conn]websocket.CloseError{},
	}
	if r.Record {
		if err := h.Recorder.StartSession(ctx, record); err != nil {
			h.dismiss()
			_ = conn.CloseNow()
			h.abandonStart(record.ID, err)
			return nil, fmt.Errorf("start relay: %w", err)
		}
		relay.tape = newLog(record.ID, h.custody, h.Now)
		relay.tape.appendEvent(EventConnected, facts{"status": record.Report.Status, "subprotocol": record.Report.Subprotocol})
	}
	if h.enter(record.ID, relay) {
		go relay.shutDown()
	}
	return relay, nil
}

// Subprotocol returns the subprotocol that the target chose, or "". It is not masked: it may be one
// that the browser offered, secret or not, and has to get back. One that the browser
// did not offer must not be given to it.
func (r *Relay) Subprotocol() string { return r.target.Subprotocol() }

// Limit is the greatest size of a message, in bytes.
func (r *Relay) Limit() int64 { return r.limit }

// Abandon ends a relay whose browser was never there.
func (r *Relay) Abandon() {
	r.endedFirst(closerDuplex)
	r.closeUnread(r.target, websocket.StatusGoingAway, "browser did not connect")
	r.finish(Ending{At: r.hub.Now(), Code: int(websocket.StatusGoingAway), Clean: true})
}

// Run carries messages until both sides are closed. Each side is closed with the code
// and reason that the other gave. What a side still says before its own close frame is
// carried. A side that broke off without a close frame breaks the other off too, so
// both see what happened.
func (r *Relay) Run(ctx context.Context, browser *frames.Conn) error {
	if ended := r.begin(browser); ended != nil { // closed while the browser was being accepted
		words, _ := r.ourWords(browser)
		r.closeUnread(browser, words.Code, words.Reason)
		_ = browser.CloseNow()
		r.finish(*ended)
		return nil
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	up, down := make(chan error, 1), make(chan error, 1) // one slot each: no pump blocks on exit
	go func() { up <- r.pump(life, browser, r.target, transcript.Sent) }()
	go func() { down <- r.pump(life, r.target, browser, transcript.Received) }()
	var pings sync.WaitGroup
	pings.Go(func() { r.keepAlive(life, r.target) })
	pings.Go(func() { r.keepAlive(life, browser) })

	upErr, downErr := <-up, <-down
	end()
	pings.Wait()
	r.stopCutting()
	r.part(browser, upErr)
	r.part(r.target, downErr)
	if ended := r.endedByUs(); ended != nil {
		r.finish(*ended)
		return nil
	}
	r.finish(endingOf(r.hub.Now(), downErr))
	return errors.Join(unexpected(upErr), unexpected(downErr))
}

// part gives the connection back. One that was failed has sent more than was read.
func (r *Relay) part(side *frames.Conn, end error) {
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

func (r *Relay) begin(browser *frames.Conn) *Ending {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.browser = browser
	return r.ended
}

// pump is one direction. When its source ends, it ends its destination the same
// way; when its destination fails, the other pump sees why and ends the source.
func (r *Relay) pump(ctx context.Context, from, to *frames.Conn, d transcript.Direction) error {
	if r.tape != nil {
		return r.pumpRecorded(ctx, from, to, d)
	}
	for {
		err := r.carry(ctx, from, to, d)
		if read, ok := errors.AsType[*readError](err); ok {
			r.endedFirst(ender(d)) // before the other pump can see the answer
			r.passEnd(from, to, read.err)
			return read.err
		}
		if err != nil && !errors.Is(err, net.ErrClosed) {
			r.cutLater(to, from)
		}
		// What the destination still says is read by the other pump, which then ends the source.
	}
}

// passEnd ends a side as the other side ended. Then each has some time to say what it
// still has to say, and to answer.
func (r *Relay) passEnd(from, to *frames.Conn, end error) {
	r.cutLater(to, from)
	closed, told := frames.Told(end)
	if !told {
		closed, told = r.owed(to)
	}
	if ours, ok := r.ourWords(to); ok { // what ended is the answer to a close frame of ours
		closed, told = ours, true
	}
	if !told {
		to.Cut()
		return
	}
	r.owe(from, end)
	_ = to.SendClose(closed.Code, closed.Reason)
}

// cutLater cuts sides that do not end by themselves, the first one before the other: it
// is the one that was told to end first, and the other waits for its answer.
func (r *Relay) cutLater(first, second *frames.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.late {
		return
	}
	r.late = true
	r.timers = []*time.Timer{time.AfterFunc(r.hub.CloseWait, first.Cut), time.AfterFunc(2*r.hub.CloseWait, second.Cut)}
}

// stopCutting ends the wait for sides that have ended.
func (r *Relay) stopCutting() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = true
	for _, timer := range r.timers {
		timer.Stop()
	}
}

// owe keeps the close frame with which a side ended. It is answered with the other
// side's, or with its own code when the other one ends without.
func (r *Relay) owe(side *frames.Conn, end error) {
	closed, ok := frames.Told(end)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[side] = closed
}

func (r *Relay) owed(side *frames.Conn) (websocket.CloseError, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	closed, ok := r.answers[side]
	return closed, ok
}

// ourWords is what a side is closed with because we end the relay.
func (r *Relay) ourWords(side *frames.Conn) (websocket.CloseError, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.words == nil:
		return websocket.CloseError{}, false
	case side == r.target:
		return r.words.target, true
	}
	return r.words.browser, true
}

// farewell is what each side is closed with.
type farewell struct{ browser, target websocket.CloseError }

// ender names who ended the source of a direction.
func ender(d transcript.Direction) closer {
	if d == transcript.Sent {
		return closerPerson
	}
	return closerTarget
}

// endedFirst notes who ended the relay, unless somebody did before.
func (r *Relay) endedFirst(by closer) {
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

// keepAlive pings a side until ctx ends. A pong that does not come is left to the
// peers: a relay adds no judgement of its own.
func (r *Relay) keepAlive(ctx context.Context, side *frames.Conn) {
	every(ctx, r.ping, func() bool {
		wait, cancel := context.WithTimeout(ctx, r.ping)
		defer cancel()
		if err := side.Ping(wait); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			r.cutBoth(ctx)
			return false
		}
		return true
	})
}

// cutBoth cuts both sides when the pumps do not end by themselves. A side that is gone
// may be seen by nobody but its pings, while its pump waits for the other side to take
// a message.
func (r *Relay) cutBoth(ctx context.Context) {
	if r.tape != nil { // what was read from the side that is gone may wait for the store
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

// endingOf reads the target's end out of its pump's error.
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

// unexpected drops the ordinary ends of a connection: a close frame, and a side
// that the other pump closed because its own source had ended.
func unexpected(err error) error {
	if websocket.CloseStatus(err) != -1 || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (r *Relay) finish(e Ending) {
	r.mu.Lock()
	r.final = &e // true at once, however long the store is away
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
	r.hub.leave(r.record.ID, counts)
	close(r.done)
}

// Info says what is true of the relay now.
func (r *Relay) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := Info{Record: r.record, State: Open}
	info.Counts, info.Access = r.counts, r.access
	if r.final != nil {
		info.State, info.Ending = Closed, r.final
	}
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
	r.endedFirst(closerPerson)
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
	r.endedFirst(closerDuplex)
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
	r.endedFirst(closerDuplex)
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
	r.words = &farewell{browser: atBrowser, target: atTarget}
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
func (r *Relay) closeUnread(side *frames.Conn, code websocket.StatusCode, reason string) {
	cut := time.AfterFunc(r.hub.CloseWait, side.Cut)
	defer cut.Stop()
	_ = side.Close(code, reason)
}
