package bridge

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// maxPassing limits the bytes that one direction of a recorded relay has read and not yet
// written. A larger message passes alone.
const maxPassing = 2 << 20

// passing is a run of messages of a recorded relay between reading and writing, or a single
// message that does not pass as it came.
type passing struct {
	first, last int64  // seq
	frames      []byte // of a run; nil for a single message
	opcode      transcript.Opcode
	payload     []byte
}

func (p *passing) size() int64 { return int64(len(p.frames) + len(p.payload)) }

// writeTo writes the messages to a side.
func (p *passing) writeTo(to *frames.Link) error {
	if p.frames != nil {
		return to.Pass(p.frames)
	}
	return to.Write(messageType(p.opcode), p.payload)
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
	size := m.size()
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
func (r *Relay) pumpRecorded(ctx context.Context, from, to *frames.Link, d transcript.Direction) error {
	way := newPassage()
	var writer sync.WaitGroup
	writer.Go(func() { r.passOn(ctx, way, from, to, d) })
	err := r.takeIn(ctx, from, to, way, d)
	read, ended := errors.AsType[*frames.ReadError](err)
	if ended {
		r.noteCloser(closerOf(d)) // before the other pump can see the answer
	}
	way.close()
	writer.Wait()
	if ended {
		r.passEnd(from, to, read.Err)
		return read.Err
	}
	to.Cut() // the log has failed
	return err
}

// takeIn reads messages into the log and the passage until the source ends.
func (r *Relay) takeIn(ctx context.Context, from, to *frames.Link, way *passage, d transcript.Direction) error {
	for {
		run, err := from.Next(to)
		if err != nil {
			return &frames.ReadError{Err: err}
		}
		if run.Messages == 0 {
			err = r.takeInOne(ctx, from, way, d)
		} else {
			err = r.takeInRun(ctx, run, way, d)
		}
		if err != nil {
			return err
		}
	}
}

func (r *Relay) takeInRun(ctx context.Context, run frames.Run, way *passage, d transcript.Direction) error {
	last, err := r.tape.appendAll(ctx, r.messagesOf(run, d))
	if err != nil {
		return err
	}
	r.count(d, run.Messages, run.Size)
	return way.put(ctx, passing{first: last - int64(run.Messages) + 1, last: last, frames: bytes.Clone(run.Frames)})
}

// messagesOf returns the messages of a run. Small ones of a target are joined.
func (r *Relay) messagesOf(run frames.Run, d transcript.Direction) (messages []transcript.Message) {
	payloads := make([]byte, 0, run.Size) // one behind the other
	run.Each(func(kind websocket.MessageType, payload []byte) {
		opcode, from, last := opcodeOf(kind), len(payloads), len(messages)-1
		payloads = append(payloads, payload...)
		if d == transcript.Sent || len(payload) > transcript.PreviewBytes {
			messages = append(messages, r.messageOf(d, opcode, payloads[from:]))
			return
		}
		if last < 0 || messages[last].Joined == nil || len(messages[last].Joined) == transcript.MaxJoined || messages[last].Opcode != opcode {
			messages, last = append(messages, r.messageOf(d, opcode, nil)), last+1
			messages[last].Joined = make([]uint16, 0, min(run.Messages, transcript.MaxJoined))
		}
		m := &messages[last]
		m.Payload, m.Joined = payloads[from-len(m.Payload):], append(m.Joined, uint16(len(payload))) //nolint:gosec // at most PreviewBytes
	})
	return messages
}

// takeInOne reads a message that does not pass as it came. A text that is not UTF-8 is stored
// and not passed on.
func (r *Relay) takeInOne(ctx context.Context, from *frames.Link, way *passage, d transcript.Direction) error {
	kind, payload, err := from.ReadMessage()
	if err != nil {
		return &frames.ReadError{Err: err}
	}
	opcode := opcodeOf(kind)
	seq, err := r.tape.append(ctx, r.messageOf(d, opcode, payload), noLimit)
	if err != nil {
		return err
	}
	if opcode == transcript.Text && !utf8.Valid(payload) {
		r.tape.appendEvent(EventInvalidUTF8, facts{"seq": seq})
		return &frames.ReadError{Err: from.Fail(&frames.RuleError{Rule: frames.UTF8})}
	}
	r.count(d, 1, int64(len(payload)))
	return way.put(ctx, passing{first: seq, last: seq, opcode: opcode, payload: payload})
}

func (r *Relay) messageOf(d transcript.Direction, opcode transcript.Opcode, payload []byte) transcript.Message {
	message := transcript.Message{Direction: d, Opcode: opcode, Payload: payload}
	if d == transcript.Sent {
		message.Sender = r.record.OpenedBy
	}
	return message
}

// passOn writes the messages of the passage in order, as soon as they are stored. After an
// error of the destination it drops the rest; the other pump reads the destination to its
// end, and then ends the source.
func (r *Relay) passOn(ctx context.Context, way *passage, from, to *frames.Link, d transcript.Direction) {
	for batch := way.takeAll(); batch != nil; batch = way.takeAll() {
		for _, p := range batch {
			err := r.tape.awaitStored(ctx, p.last, noLimit)
			if err != nil {
				to.Cut()
				from.Cut()
				continue
			}
			if err = p.writeTo(to); err == nil {
				if d == transcript.Sent {
					r.tape.noteSent(p.last)
				}
				continue
			}
			for seq := p.first; d == transcript.Sent && seq <= p.last; seq++ {
				r.tape.appendEvent(EventSendFailed, facts{"seq": seq})
			}
			if !errors.Is(err, net.ErrClosed) {
				r.cutLater(to, from)
			}
		}
	}
}
