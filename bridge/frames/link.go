package frames

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// Link is an open WebSocket connection. One goroutine reads; any may write. While it waits, it
// holds no buffer. Pings are answered on the way.
//
// ReadMessage returns the next message. For a relay, messages that may pass as they came are
// read in runs, see Next, and written with Pass; the others are read and written one by one, see
// Carry.
//
// Reading ends with a websocket.CloseError when the peer closed, and with a *RuleError when it
// broke the protocol; neither has been answered then.
type Link struct {
	*Stream

	// OnPing is called for each ping by the reading goroutine, and returns whether to answer it;
	// nil answers all. It is set before reading.
	OnPing func() bool

	subprotocol string
	socket      *Socket // nil holds a buffer while waiting
	isBare      bool    // the socket has no layer above that holds input

	// For the reading goroutine.
	lump       *lump  // holds unread bytes, and nil while there are few or none
	start, end int    // of the unread bytes in lump
	few        []byte // unread bytes, while more are awaited
	direct     slice  // memory of the caller that is read into
	ended      error  // all later reads fail with it

	late    atomic.Pointer[[]byte]      // a ping or pong to be written as soon as nothing else is
	awaited atomic.Pointer[awaitedPong] // nil while AwaitPong does not wait
	writing atomic.Bool                 // a message is being written
}

// newLink returns the Link of a stream whose handshake is complete.
func newLink(s *Stream, subprotocol string, deflate bool, limit int64) *Link {
	s.in.fromClient, s.in.deflate, s.in.limit = !s.client, deflate, limit
	s.watch(defaultLimits)
	l := &Link{Stream: s, subprotocol: subprotocol, socket: socketUnder(s.Conn)}
	if l.socket != nil {
		l.socket.setEager(true)
	}
	return l
}

// Subprotocol returns the subprotocol that was agreed, or "".
func (l *Link) Subprotocol() string { return l.subprotocol }

// unread returns the bytes that were read and not yet used.
func (l *Link) unread() []byte {
	if l.lump == nil {
		return l.few
	}
	return l.lump[l.start:l.end]
}

// open implements room: it gives the rest of the lump, behind the unread bytes.
func (l *Link) open() []byte {
	if l.lump == nil {
		l.lump = takeLump()
		l.start, l.end = 0, copy(l.lump[:], l.few)
		l.few = nil
	}
	if l.end == len(l.lump) || l.start == l.end {
		l.start, l.end = 0, copy(l.lump[:], l.lump[l.start:l.end])
	}
	return l.lump[l.end:]
}

// maxFew is the maximum number of unread bytes that are kept without a lump while more are
// awaited, so that many peers that stop within a frame do not hold a lump each.
const maxFew = 4 << 10

// close implements room: it gives the lump back.
func (l *Link) close() {
	if rest := l.unread(); len(rest) <= maxFew && l.lump != nil {
		l.few = bytes.Clone(rest)
		l.lump.put()
		l.lump = nil
	}
}

// fill reads more behind the unread bytes. It waits for at least one byte, and takes all
// that has come.
func (l *Link) fill() error {
	if l.ended != nil {
		return l.ended
	}
	n, err := l.receive(l)
	l.end += n
	for more := n; more > 0 && l.end < lumpSize && l.socket != nil && !l.isBare; { // each read of TLS returns one record
		more, _ = l.next.Read(l.lump[l.end:])
		l.end += more
		n += more
	}
	return l.endOf(n, err)
}

// endOf returns the error of a read that got no bytes, and keeps it.
func (l *Link) endOf(n int, err error) error {
	l.read.Add(int64(n))
	if n > 0 || err == nil {
		return nil // the next read gets the same error
	}
	switch {
	case errors.Is(err, ErrQuiet):
		return err
	case errors.Is(err, io.EOF) && l.timedOut.Load():
		err = syscall.ETIMEDOUT
	case errors.Is(err, io.EOF):
		err = ErrCut
	}
	l.ended = err
	return err
}

// receive waits for input and reads it into a room.
func (l *Link) receive(to room) (int, error) {
	for {
		if l.isBare {
			return l.socket.readInto(to)
		}
		n, err := l.next.Read(to.open())
		if n > 0 || !errors.Is(err, errNoInput) {
			return n, err
		}
		if l.isBare = beneath(l.Conn) == l.socket.NetConn() && l.Conn == net.Conn(l.socket); l.isBare {
			continue // the bytes that came with the handshake are used up
		}
		to.close()
		if err := l.socket.await(); err != nil {
			return 0, err
		}
	}
}

// Ping sends a ping, unless the socket takes no bytes now. The error is that of the socket.
func (l *Link) Ping() error {
	return l.sendControl(opPing, []byte("duplex"))
}

// awaitedPong is the pong that AwaitPong waits for.
type awaitedPong struct {
	payload []byte
	came    chan struct{}
}

// AwaitPong sends a ping, unless the socket takes no bytes now, and waits for its pong. The error
// is that of the socket or of ctx. It is for one caller at a time.
func (l *Link) AwaitPong(ctx context.Context) error {
	pong := &awaitedPong{payload: strconv.AppendInt(nil, time.Now().UnixNano(), 36), came: make(chan struct{})}
	l.awaited.Store(pong)
	defer l.awaited.Store(nil)
	if err := l.sendControl(opPing, pong.payload); err != nil {
		return err
	}
	select {
	case <-pong.came:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// takePing answers a ping.
func (l *Link) takePing(payload []byte) {
	if l.OnPing == nil || l.OnPing() {
		_ = l.sendControl(opPong, payload) // reading shows that the peer is gone
	}
}

// takePong ends the wait of AwaitPong.
func (l *Link) takePong(payload []byte) {
	if pong := l.awaited.Load(); pong != nil && bytes.Equal(payload, pong.payload) && l.awaited.CompareAndSwap(pong, nil) {
		close(pong.came)
	}
}

// sendControl writes a ping or pong as soon as nothing else is being written. Only the last
// one counts, RFC 6455 section 5.5.3.
func (l *Link) sendControl(opcode byte, payload []byte) error {
	frame := appendFrame(nil, bitFinal|opcode, payload, l.client)
	l.late.Store(&frame)
	return l.sendLate()
}

// sendLate writes the frame of sendControl. Whoever holds mu calls it afterwards.
func (l *Link) sendLate() error {
	for l.late.Load() != nil && l.mu.TryLock() {
		frame := l.late.Swap(nil)
		var err error
		if frame != nil && !l.last && writable(l.Conn) { // a busy peer may not read for long
			_, err = l.send(*frame)
		}
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// Pass writes whole frames that came from the other side. It blocks while the peer does not
// read, until Cut. After the close frame it returns net.ErrClosed.
func (l *Link) Pass(frames []byte) error {
	err := l.writeFrame(frames)
	_ = l.sendLate()
	return err
}

// Fail makes the next SendClose send the code and reason of failure, whatever its arguments
// are. Only the first failure counts; it is returned.
func (l *Link) Fail(failure *RuleError) error { return l.fail(failure) }

// Failure returns the failure that Fail kept, or nil.
func (l *Link) Failure() *RuleError { return l.failed() }

// SendClose sends a close frame and keeps reading possible: the peer may send messages
// before its own close frame. Nothing is written after it; a second call returns
// net.ErrClosed. The code must be Sendable, or 1005 for a frame without a code. SendClose
// blocks while the peer does not read, until Cut.
func (l *Link) SendClose(code websocket.StatusCode, reason string) error {
	return l.writeClose(websocket.CloseError{Code: code, Reason: reason})
}

// Answer sends the close frame that belongs to the error of reading: the peer's own code and
// reason, or those of a failure. It blocks as SendClose does.
func (l *Link) Answer(end error) {
	if closed, hasFrame := CloseFor(end); hasFrame {
		_ = l.SendClose(closed.Code, closed.Reason)
	}
}

// Moved returns the numbers of bytes read from the socket and written to it.
func (l *Link) Moved() (read, written int64) { return l.read.Load(), l.written.Load() }

// Close sends a close frame, drops what comes until that of the peer, and closes the socket.
// It waits until Cut.
func (l *Link) Close(code websocket.StatusCode, reason string) error {
	err := l.SendClose(code, reason)
	for l.ended == nil {
		if run, end := l.Next(l); end == nil && run.Messages == 0 {
			if _, rest, end := l.message(); end == nil {
				_, _ = io.Copy(io.Discard, rest)
			}
		}
	}
	return errors.Join(err, l.CloseNow())
}

// CloseNow closes the socket.
func (l *Link) CloseNow() error {
	l.unwatch()
	return l.next.Close()
}

// Drain reads and drops bytes until the peer ends the connection, for at most wait. A socket
// that is closed with unread bytes is reset, and the peer may not see the close frame.
// Reading must have ended.
func (l *Link) Drain(wait time.Duration) {
	if l.socket != nil {
		l.socket.setEager(false)
	}
	l.drain(wait)
}

// Cut is that of Conn. It wakes a Link that sleeps.
func (l *Link) Cut() {
	l.Stream.Cut()
	if l.socket != nil {
		l.socket.rouse()
	}
}

// noteEnd keeps the error that ends reading, and a failure for SendClose.
func (l *Link) noteEnd(err error) error {
	if errors.Is(err, ErrQuiet) {
		return err
	}
	if failure, ok := errors.AsType[*RuleError](err); ok {
		err = l.fail(failure)
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok && !utf8.ValidString(closed.Reason) {
		_ = l.fail(&RuleError{Rule: CloseUTF8})
	}
	l.ended = l.maskEnd(err)
	return l.ended
}
