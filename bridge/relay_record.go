package bridge

import (
	"context"
	"errors"
	"net"
	"sync"
	"unicode/utf8"

	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// maxPassing bounds what one direction of a recorded relay has read and not yet
// written, in bytes. A larger message passes alone.
const maxPassing = 2 << 20

// passing is a message of a recorded relay that is stored before it is passed on.
type passing struct {
	seq     int64
	opcode  transcript.Opcode
	payload []byte
}

// passage holds the messages of one direction between reading and writing. While a
// batch is being stored the next messages are read, so storing first costs time for
// each message and no throughput.
type passage struct {
	mu      sync.Mutex // guards all below
	waiting []passing
	bytes   int64
	closed  bool

	room, ready chan struct{} // each has a token when there may be some
}

func newPassage() *passage {
	return &passage{room: make(chan struct{}, 1), ready: make(chan struct{}, 1)}
}

// put adds a message, once there is room for it.
func (p *passage) put(ctx context.Context, m passing) error {
	for !p.tryPut(m) {
		select {
		case <-p.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	wake(p.ready)
	return nil
}

func (p *passage) tryPut(m passing) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := int64(len(m.payload))
	if len(p.waiting) > 0 && (len(p.waiting) >= maxPendingMessages || p.bytes+size > maxPassing) {
		return false
	}
	p.waiting = append(p.waiting, m)
	p.bytes += size
	return true
}

// take returns all that waits, once there is something; nothing when the passage is
// closed and empty.
func (p *passage) take() []passing {
	for {
		p.mu.Lock()
		taken, closed := p.waiting, p.closed
		p.waiting, p.bytes = nil, 0
		p.mu.Unlock()
		if len(taken) > 0 {
			wake(p.room)
			return taken
		}
		if closed {
			return nil
		}
		<-p.ready
	}
}

// close says that nothing more is put.
func (p *passage) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	wake(p.ready)
}

// wake puts a token into a channel that has room for one, unless it is there already.
func wake(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

// pumpRecorded is a pump of which each message is stored before it is passed on:
// neither side has seen what the log does not hold.
func (r *Relay) pumpRecorded(ctx context.Context, from, to *frames.Conn, d transcript.Direction) error {
	way := newPassage()
	var writer sync.WaitGroup
	writer.Go(func() { r.passOn(ctx, way, from, to, d) })
	err := r.takeIn(ctx, from, way, d)
	read, ended := errors.AsType[*readError](err)
	if ended {
		r.endedFirst(ender(d)) // before the other pump can see the answer
	}
	way.close()
	writer.Wait()
	if ended {
		r.passEnd(from, to, read.err)
		return read.err
	}
	to.Cut() // it cannot be recorded
	return err
}

// takeIn reads messages into the log and the passage until the source ends. A text
// that is not UTF-8 is kept and not passed on.
func (r *Relay) takeIn(ctx context.Context, from *frames.Conn, way *passage, d transcript.Direction) error {
	var scratch []byte
	for {
		opcode, payload, err := readMessage(ctx, from, &scratch)
		if err != nil {
			return &readError{err}
		}
		message := transcript.Message{Direction: d, Opcode: opcode, Payload: payload}
		if d == transcript.Sent {
			message.Sender = r.record.OpenedBy
		}
		seq, err := r.tape.append(ctx, message, noLimit)
		if err != nil {
			return err
		}
		if opcode == transcript.Text && !utf8.Valid(payload) {
			r.tape.appendEvent(EventInvalidUTF8, facts{"seq": seq})
			return &readError{from.Fail(&frames.RuleError{Rule: frames.UTF8})}
		}
		r.count(d, int64(len(payload)))
		if err := way.put(ctx, passing{seq, opcode, payload}); err != nil {
			return err
		}
	}
}

// passOn writes what comes through the passage, in order, as soon as it is stored. After
// an error of the destination the rest is not passed: what the destination still says
// is read by the other pump, which then ends the source.
func (r *Relay) passOn(ctx context.Context, way *passage, from, to *frames.Conn, d transcript.Direction) {
	for batch := way.take(); batch != nil; batch = way.take() {
		for _, m := range batch {
			err := r.tape.awaitStored(ctx, m.seq, noLimit)
			if err != nil {
				to.Cut()
				from.Cut()
				continue
			}
			if err = to.Write(ctx, messageType(m.opcode), m.payload); err == nil {
				if d == transcript.Sent {
					r.tape.noteSent(m.seq)
				}
				continue
			}
			if d == transcript.Sent {
				r.tape.appendEvent(EventSendFailed, facts{"seq": m.seq})
			}
			if !errors.Is(err, net.ErrClosed) {
				r.cutLater(to, from)
			}
		}
	}
}
