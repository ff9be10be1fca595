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

// maxPassing limits the bytes that one direction of a recorded relay has read and not yet
// written. A larger message passes alone.
const maxPassing = 2 << 20

// passing is a message of a recorded relay between reading and writing.
type passing struct {
	seq     int64
	opcode  transcript.Opcode
	payload []byte
}

// passage is the queue of one direction between reading and writing. The next messages are
// read while a batch is being stored, so storing first adds latency but keeps throughput.
type passage struct {
	mu      sync.Mutex // guards all below
	waiting []passing
	bytes   int64
	closed  bool

	room, ready chan struct{} // hold a token when there may be room, or a message
}

func newPassage() *passage {
	return &passage{room: make(chan struct{}, 1), ready: make(chan struct{}, 1)}
}

// put adds a message. It waits for room.
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

// takeAll waits for messages and returns all of them; nil when the passage is closed and
// empty.
func (p *passage) takeAll() []passing {
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

// close tells takeAll that no message follows.
func (p *passage) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	wake(p.ready)
}

// wake puts a token into a channel that has room for one, unless it holds one.
func wake(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

// pumpRecorded is pump for a recorded relay: each message is stored before it is passed on.
func (r *Relay) pumpRecorded(ctx context.Context, from, to *frames.Conn, d transcript.Direction) error {
	way := newPassage()
	var writer sync.WaitGroup
	writer.Go(func() { r.passOn(ctx, way, from, to, d) })
	err := r.takeIn(ctx, from, way, d)
	read, ended := errors.AsType[*readError](err)
	if ended {
		r.noteCloser(closerOf(d)) // before the other pump can see the answer
	}
	way.close()
	writer.Wait()
	if ended {
		r.passEnd(from, to, read.err)
		return read.err
	}
	to.Cut() // the log has failed
	return err
}

// takeIn reads messages into the log and the passage until the source ends. A text that is
// not UTF-8 is stored and not passed on.
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

// passOn writes the messages of the passage in order, as soon as they are stored. After an
// error of the destination it drops the rest; the other pump reads the destination to its
// end, and then ends the source.
func (r *Relay) passOn(ctx context.Context, way *passage, from, to *frames.Conn, d transcript.Direction) {
	for batch := way.takeAll(); batch != nil; batch = way.takeAll() {
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
