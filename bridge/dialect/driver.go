package dialect

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"duplex/bridge/transcript"
)

// Driver speaks a dialect on one connection: it runs the opening script, sends texts and
// frames of audio, answers, and keeps the connection open. It does no input or output: it is
// told what happens and when, and returns what to send. It is not safe for concurrent use.
type Driver struct {
	dialect *Dialect
	scope   *Scope

	open    *script
	texts   []*script // the first is running once the service is ready
	audio   *audioJob // nil when there is none
	err     error     // of the opening script
	greeted bool      // receive.ready was seen, or there is none
	ended   bool      // Finish was called
	held    bool      // no audio is returned

	sentAt  time.Time // of the last message in any way
	audioAt time.Time // of the last frame of audio
	keptAt  time.Time // of the last keep-alive message
	replies []time.Time
	out     Actions
}

// Outgoing is a message to send. Shown is stored in the log, Wire is sent.
type Outgoing struct {
	Opcode      transcript.Opcode
	Wire, Shown []byte
	Mark        bool
	Request     int64     // the text or audio that it belongs to; 0 for none
	At          time.Time // when to write it to the socket; zero is at once
	Reply       bool      // it may be dropped
}

// Actions are the results of a call of a Driver.
type Actions struct {
	Send    []Outgoing // in this order
	Ended   []Outcome
	Failed  []error // of replies and keep-alive messages that could not be built
	Dropped int     // replies above MaxReplyRate
}

// Outcome says that a request was sent completely, or has failed.
type Outcome struct {
	Request int64 // 0 is the opening script
	Err     error // a *StepError, *ServiceError or *SizeError
}

// ServiceError is an error that a message of the service carried while a script ran.
type ServiceError struct{ Code, Message string }

// Error implements error.
func (e *ServiceError) Error() string {
	return fmt.Sprintf("service reported %s: %s", e.Code, e.Message)
}

// SizeError says that a message exceeds the dialect's limit. It was not sent.
type SizeError struct{ Size, Limit int64 }

// Error implements error.
func (e *SizeError) Error() string {
	return fmt.Sprintf("message of %d bytes exceeds the limit of %d", e.Size, e.Limit)
}

// ErrFinished is the outcome of requests that Finish cut short.
var ErrFinished = errors.New("dialect was finished")

// NewDriver returns a Driver of a connection.
func NewDriver(c *Connection) *Driver {
	d := &Driver{dialect: c.Dialect, scope: &c.Scope, greeted: c.Dialect.Receive.Ready == nil}
	if d.scope.Captured == nil {
		d.scope.Captured = map[string]string{}
	}
	d.open = &script{place: "open", steps: c.Dialect.Open, mark: noMark}
	return d
}

// Start begins the opening script.
func (d *Driver) Start(now time.Time) Actions {
	d.sentAt, d.audioAt, d.keptAt = now, now, now
	d.begin(now)
	d.run(now)
	return d.take()
}

// begin starts the opening script, once: a service may greet before Start.
func (d *Driver) begin(now time.Time) {
	if d.open != nil && !d.open.started {
		d.runOpen(now)
	}
}

// Ready reports whether the service takes requests: the opening script has run, and its
// message of readiness has come.
func (d *Driver) Ready() bool { return d.open == nil && d.err == nil && d.greeted && !d.ended }

// Err returns the error of the opening script.
func (d *Driver) Err() error { return d.err }

// Observe takes a message of the log, sent or received.
func (d *Driver) Observe(m *transcript.Message) Actions {
	if m.Direction == transcript.Sent && m.At.After(d.sentAt) {
		d.sentAt = m.At
	}
	if m.Direction != transcript.Received || d.ended || !d.listens() {
		return d.take()
	}
	e, _ := d.dialect.Unpack(m.Opcode, m.Payload) // what could not be read is not matched
	if e == nil {
		return d.take()
	}
	d.begin(m.At)
	d.greeted = d.greeted || d.dialect.Receive.Ready.Holds(e)
	d.reply(e, m.At)
	if failure := d.failureIn(e); failure != nil {
		d.fail(failure)
		return d.take()
	}
	if d.open != nil {
		d.open.disturb(m.At)
		if d.open.meet(e) {
			d.runOpen(m.At)
		}
	}
	for _, s := range d.waiting() {
		s.disturb(m.At)
		s.meet(e)
	}
	d.run(m.At)
	return d.take()
}

// listens reports whether a received message can have an effect.
func (d *Driver) listens() bool {
	return d.open != nil || !d.greeted || len(d.texts) > 0 || d.audio != nil || len(d.dialect.Replies) > 0
}

// waiting returns the scripts of requests that run now.
func (d *Driver) waiting() []*script {
	var all []*script
	if len(d.texts) > 0 {
		all = append(all, d.texts[0])
	}
	if d.audio != nil && d.audio.end != nil {
		all = append(all, d.audio.end)
	}
	return all
}

// failureIn returns the error that fails what runs now; nil when there is none.
func (d *Driver) failureIn(e *Envelope) error {
	for _, rule := range d.dialect.Receive.Errors {
		if rule.Fatal && rule.When.Holds(e) {
			code, _ := rule.Code.Text(e)
			message, _ := rule.Message.Text(e)
			return &ServiceError{Code: code, Message: message}
		}
	}
	return nil
}

// fail ends the scripts and the audio that run now.
func (d *Driver) fail(err error) {
	if d.open != nil {
		d.endOpen(err)
		return
	}
	for _, s := range d.waiting() {
		if s.started {
			s.err = err
		}
	}
	if d.audio != nil && d.audio.begun() {
		d.endAudio(err)
	}
	d.dropEnded()
}

// Prompt queues a text. Its outcome comes with the id of the request.
func (d *Driver) Prompt(request int64, text string, now time.Time) Actions {
	s := &script{request: request, place: "in.text.send", steps: d.dialect.Text.Send, mark: d.dialect.Text.Mark, text: text}
	switch {
	case d.err != nil:
		d.end(request, d.err)
	case d.ended:
		d.end(request, ErrFinished)
	default:
		d.texts = append(d.texts, s)
		d.run(now)
	}
	return d.take()
}

// Fail ends a request with a message that could not be sent. It has no outcome.
func (d *Driver) Fail(request int64, err error) Actions {
	if request == 0 && d.open != nil {
		d.endOpen(err)
	}
	d.texts = slices.DeleteFunc(d.texts, func(s *script) bool { return s.request == request })
	if d.audio != nil && d.audio.request == request {
		d.audio = nil
	}
	return d.take()
}

// HoldAudio lets frames wait, because the connection takes no more for now.
func (d *Driver) HoldAudio(held bool) { d.held = held }

// Finish returns the messages to send before we close the connection, as a request. What was
// not sent until now is dropped.
func (d *Driver) Finish(request int64, now time.Time) Actions {
	if d.ended {
		d.end(request, nil)
		return d.take()
	}
	opened := d.open == nil && d.err == nil
	d.endOpen(ErrFinished)
	for _, s := range d.texts {
		d.end(s.request, ErrFinished)
	}
	if d.texts = nil; d.audio != nil {
		d.endAudio(ErrFinished)
	}
	d.ended = true
	if opened {
		for i := range d.dialect.Finish {
			if err := d.emit(&d.dialect.Finish[i], Outgoing{Request: request}, now); err != nil {
				d.out.Failed = append(d.out.Failed, &StepError{Step: fmt.Sprintf("finish[%d]", i), Err: err})
			}
		}
	}
	d.end(request, nil)
	return d.take()
}

// Cancel returns the messages that stop the answer under way, as a request.
func (d *Driver) Cancel(request int64, now time.Time) Actions {
	var err error
	for i := range d.dialect.Cancel {
		if d.ended {
			err = ErrFinished
		} else if err = d.emit(&d.dialect.Cancel[i], Outgoing{Request: request}, now); err != nil {
			err = &StepError{Step: fmt.Sprintf("cancel[%d]", i), Err: err}
		}
		if err != nil {
			break
		}
	}
	d.end(request, err)
	return d.take()
}

// Next returns when Tick is to be called; zero is never.
func (d *Driver) Next() time.Time {
	next := d.keepaliveAt()
	for _, s := range append(d.waiting(), d.open) {
		if s != nil {
			next = earlier(next, s.until)
		}
	}
	if d.Ready() {
		next = earlier(next, d.audioDue())
	}
	return next
}

// earlier returns the first of two times, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Tick goes on with what waits for time.
func (d *Driver) Tick(now time.Time) Actions {
	if d.ended {
		return d.take()
	}
	if d.open != nil {
		d.runOpen(now)
	}
	d.run(now)
	d.keepalive(now)
	return d.take()
}

// runOpen continues the opening script.
func (d *Driver) runOpen(now time.Time) {
	if done := d.advance(d.open, now); done {
		d.endOpen(d.open.err)
	}
}

// endOpen ends the opening script, and with an error all requests that wait for it.
func (d *Driver) endOpen(err error) {
	if d.open == nil {
		return
	}
	d.open, d.err = nil, err
	d.end(0, err)
	if err == nil {
		return
	}
	for _, s := range d.texts {
		d.end(s.request, err)
	}
	if d.texts = nil; d.audio != nil {
		d.endAudio(err)
	}
}

// run continues the requests, once the service is ready for them.
func (d *Driver) run(now time.Time) {
	if !d.Ready() {
		return
	}
	for len(d.texts) > 0 && d.advance(d.texts[0], now) {
		d.end(d.texts[0].request, d.texts[0].err)
		d.texts = d.texts[1:]
	}
	if d.audio != nil {
		d.runAudio(now)
	}
}

// dropEnded reports and removes the text that has failed.
func (d *Driver) dropEnded() {
	if len(d.texts) > 0 && d.texts[0].err != nil {
		d.end(d.texts[0].request, d.texts[0].err)
		d.texts = d.texts[1:]
	}
}

// end reports the outcome of a request.
func (d *Driver) end(request int64, err error) {
	d.out.Ended = append(d.out.Ended, Outcome{Request: request, Err: err})
}

// take returns the actions since its last call.
func (d *Driver) take() Actions {
	out := d.out
	d.out = Actions{}
	return out
}

// emit builds a message with the present scope. as has its fields that are known already.
func (d *Driver) emit(m *Message, as Outgoing, now time.Time) error {
	d.scope.Now = now
	built, err := m.Build(d.scope)
	if err != nil {
		return fmt.Errorf("build message: %w", err)
	}
	if limit := d.dialect.Limits.Message; limit > 0 && int64(len(built.Wire)) > limit {
		return &SizeError{Size: int64(len(built.Wire)), Limit: limit}
	}
	as.Opcode, as.Wire, as.Shown = m.Opcode, built.Wire, built.Shown
	d.out.Send = append(d.out.Send, as)
	d.sentAt = now
	return nil
}
