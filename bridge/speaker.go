package bridge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

// dialectSender is the sender of messages that a dialect sends.
const dialectSender = "dialect"

// Limits of the messages between the driver and the socket.
const (
	maxInFlight      = 64      // messages; no more audio is taken from the driver then
	maxInFlightBytes = 1 << 20 // likewise
	maxWaiting       = 1024    // messages for the log; a reply is dropped then
)

// speaker speaks and reads the dialect of a session. Its driver and its reader are pure and
// quick: the writer of the log calls them with each stored batch, and waits for nothing else.
// The messages of the driver are sent by run, which may wait for the log and the socket.
type speaker struct {
	session *Session
	now     func() time.Time
	work    chan struct{} // holds a token when run has work

	mu       sync.Mutex // guards all below
	dialect  *dialect.Dialect
	driver   *dialect.Driver
	reader   *dialect.Reader
	read     int64 // seq of the newest message that was read
	newest   newest
	notice   *diagnose.Finding // for the error of the newest turn; nil for none
	waiting  []dialect.Outgoing
	failed   []error // for the log
	dropped  int     // replies, for the log
	requests map[int64]*request
	clients  map[string]*request // by client id
	lastID   int64
	inFlight int
	bytes    int64 // of messages in flight
	playing  *playing
	closed   bool          // the session has ended
	changed  chan struct{} // closed and replaced with every change
}

// request is a text or audio on its way.
type request struct {
	id       int64
	clientID string
	first    int64 // seq of its first message; 0 before
	mark     int64 // seq of the message that asks for the answer; 0 before
	unsent   int   // messages on their way
	over     bool  // the driver has no more
	err      error // read it after begun or ended
	isBegun  bool
	isEnded  bool
	begun    chan struct{} // closed when the first message is in the log, or there will be none
	ended    chan struct{} // closed when all messages were written, or will not be
}

// newSpeaker returns the speaker of a connection that was just opened.
func newSpeaker(c *dialect.Connection, s *Session) *speaker {
	return &speaker{
		session: s, now: s.hub.Now, work: make(chan struct{}, 1), dialect: c.Dialect,
		driver: dialect.NewDriver(c), reader: dialect.NewReader(c.Dialect, c.Scope.Vars),
		requests: map[int64]*request{}, clients: map[string]*request{}, changed: make(chan struct{}),
	}
}

// observe reads the next messages of the log. It never waits for a send, which needs the log.
func (p *speaker) observe(batch []transcript.Message) {
	if p.readBatch(batch) {
		p.session.noteChange()
	}
}

// readBatch reports whether the state of the session has changed.
func (p *speaker) readBatch(batch []transcript.Message) (revised bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range batch {
		p.reader.Read(&batch[i])
		p.take(p.driver.Observe(&batch[i]))
	}
	p.read = batch[len(batch)-1].Seq
	p.announce()
	return p.review()
}

// take queues the results of the driver. The caller holds mu.
func (p *speaker) take(a dialect.Actions) {
	for _, m := range a.Send {
		if m.Reply && len(p.waiting) >= maxWaiting {
			p.dropped++
			continue
		}
		p.waiting = append(p.waiting, m)
		if r := p.requests[m.Request]; r != nil {
			r.unsent++
		}
	}
	p.dropped += a.Dropped
	p.failed = append(p.failed, a.Failed...)
	for _, outcome := range a.Ended {
		if _, failed := errors.AsType[*dialect.StepError](outcome.Err); failed {
			p.failed = append(p.failed, outcome.Err)
		}
		if r := p.requests[outcome.Request]; r != nil {
			r.over = true
			p.settle(r, outcome.Err)
		} else {
			p.announce() // the opening is over: who waits for it is told
		}
	}
	wake(p.work)
}

// settle ends a request that the driver is done with, once its messages are. The caller holds
// mu.
func (p *speaker) settle(r *request, err error) {
	if errors.Is(err, dialect.ErrFinished) {
		err = ErrClosed
	}
	if r.err == nil {
		r.err = err
	}
	if r.over && (r.err != nil || r.unsent == 0) {
		r.begin()
	}
	if r.over && r.unsent == 0 && !r.isEnded {
		r.isEnded = true
		close(r.ended)
		delete(p.requests, r.id)
		p.announce()
	}
}

func (r *request) begin() {
	if !r.isBegun {
		r.isBegun = true
		close(r.begun)
	}
}

// announce tells run and all who wait that something has changed. The caller holds mu.
func (p *speaker) announce() {
	close(p.changed)
	p.changed = make(chan struct{})
	wake(p.work)
}

// run sends the messages of the driver and calls it when its time comes, until the session
// ends. It returns when nothing is on its way.
func (p *speaker) run(ctx context.Context) {
	var deliveries sync.WaitGroup
	defer deliveries.Wait()
	defer p.end()
	p.mu.Lock()
	p.take(p.driver.Start(p.now()))
	p.mu.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		sends, next := p.step()
		for _, m := range sends {
			p.send(ctx, m, &deliveries)
		}
		if !next.IsZero() {
			timer.Reset(max(next.Sub(p.now()), 0))
		}
		select {
		case <-p.work:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// step calls driver and reader, and returns the messages to send and the time of the next
// step; zero for none.
func (p *speaker) step() (sends []dialect.Outgoing, next time.Time) {
	p.mu.Lock()
	p.driver.HoldAudio(p.inFlight >= maxInFlight || p.bytes >= maxInFlightBytes)
	now := p.now()
	if due := p.driver.Next(); !due.IsZero() && !now.Before(due) {
		p.take(p.driver.Tick(now))
	}
	if due := p.reader.Next(); !due.IsZero() && !now.Before(due) && p.session.log.isRead(p.read) {
		p.reader.Tick(now)
		p.announce()
	}
	next = p.driver.Next()
	if due := p.reader.Next(); !due.IsZero() && (next.IsZero() || due.Before(next)) {
		next = due
	}
	sends, p.waiting = p.waiting, nil
	for i := range sends {
		p.inFlight++
		p.bytes += int64(len(sends[i].Wire))
	}
	failed, dropped := p.failed, p.dropped
	p.failed, p.dropped = nil, 0
	p.notePlaying()
	revised := p.review()
	p.mu.Unlock()
	if revised {
		p.session.noteChange()
	}
	for _, err := range failed {
		p.session.log.appendEvent(EventStepFailed, factsOfStep(err))
	}
	if dropped > 0 {
		p.session.log.appendEvent(EventRepliesDropped, facts{"count": dropped, "rate": dialect.MaxReplyRate})
	}
	return sends, next
}

// maxFact bounds a text in the facts of an event, whose row shows 256 bytes.
const maxFact = 100

// factsOfStep describes the failure of a step for the log.
func factsOfStep(err error) facts {
	step, ok := errors.AsType[*dialect.StepError](err)
	switch {
	case !ok:
		return facts{"step": "", "detail": clip(err.Error())}
	case step.Err == nil:
		return facts{"step": step.Step, "wait": clip(step.Wait), "within": step.Within.String()}
	}
	return facts{"step": step.Step, "detail": clip(step.Err.Error())}
}

func clip(text string) string {
	if len(text) <= maxFact {
		return text
	}
	return strings.ToValidUTF8(text[:maxFact], "") + "…"
}

// send gives a message its place in the log. It is written to the socket while the next one
// is stored.
func (p *speaker) send(ctx context.Context, m dialect.Outgoing, deliveries *sync.WaitGroup) {
	out := Outgoing{Opcode: m.Opcode, Payload: m.Shown, Wire: m.Wire, Sender: dialectSender, At: m.At, Mark: m.Mark, Upkeep: m.Reply}
	p.mu.Lock()
	r := p.requests[m.Request]
	if r != nil && r.first == 0 {
		out.ClientID = r.clientID
	}
	p.mu.Unlock()
	sent, deliver, err := p.session.post(ctx, out)
	if err == nil {
		p.noteFirst(r, sent.seq, m.Mark)
	}
	if err != nil || deliver == nil {
		p.noteSent(m, r, err)
		return
	}
	deliveries.Go(func() {
		deliver()
		p.noteSent(m, r, sent.err)
	})
}

// noteFirst keeps the place of a request in the log.
func (p *speaker) noteFirst(r *request, seq int64, mark bool) {
	if r == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.first == 0 {
		r.first = seq
	}
	if mark {
		r.mark = seq
	}
	r.begin()
}

// noteSent takes the result of a message. A request with a message that was not sent ends.
func (p *speaker) noteSent(m dialect.Outgoing, r *request, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	p.bytes -= int64(len(m.Wire))
	if r != nil {
		r.unsent--
		r.over = r.over || err != nil
		p.settle(r, err)
	}
	if err != nil {
		p.take(p.driver.Fail(m.Request, err))
	}
	wake(p.work)
}

// end fails all requests, because the session has ended.
func (p *speaker) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.waiting = nil
	for _, r := range p.requests {
		r.over, r.unsent = true, 0
		p.settle(r, ErrClosed)
	}
	p.notePlaying()
	p.announce()
}

// newRequest returns a request. The caller holds mu.
func (p *speaker) newRequest(clientID string) *request {
	p.lastID++
	r := &request{id: p.lastID, clientID: clientID, begun: make(chan struct{}), ended: make(chan struct{})}
	p.requests[r.id] = r
	if clientID != "" {
		if len(p.clients) >= maxRecentIDs {
			clear(p.clients) // the log knows them
		}
		p.clients[clientID] = r
	}
	return r
}

// watch returns a channel that is closed with the next change.
func (p *speaker) watch() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// Times of the end of a session by us.
const (
	finishWait  = time.Second     // for the last messages of the dialect to be sent
	answerQuiet = time.Second     // without a message, after which no more answer is expected to them
	answerWait  = 3 * time.Second // for the answer to them
)

// finish sends the messages with which a dialect ends, before we close the connection.
func (p *speaker) finish() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	r := p.newRequest("")
	p.take(p.driver.Finish(r.id, p.now()))
	p.mu.Unlock()
	late := time.NewTimer(finishWait)
	defer late.Stop()
	select {
	case <-r.ended:
	case <-late.C:
		return
	}
	if p.endsBySilence() {
		p.awaitQuiet()
	}
}

// endsBySilence reports whether an answer may go on after the last messages of the dialect:
// its end is known by silence only.
func (p *speaker) endsBySilence() bool {
	return len(p.dialect.Finish) > 0 && p.dialect.Receive.Done.Silence > 0
}

// awaitQuiet waits for the rest of an answer that the service gives to the last messages.
func (p *speaker) awaitQuiet() {
	late, quiet := time.NewTimer(answerWait), time.NewTimer(answerQuiet)
	defer late.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-p.watch():
			quiet.Reset(answerQuiet)
		case <-quiet.C:
			return
		case <-late.C:
			return
		case <-p.session.life.Done():
			return
		}
	}
}
