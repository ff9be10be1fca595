package frames

import (
	"encoding/binary"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// maxPassed is the size in bytes of the largest frame that is passed on as it came. A lump
// holds one of any header.
const maxPassed = 64 << 10

// Run is a run of messages that came in a frame each and may be passed on as they are.
type Run struct {
	Frames   []byte // until the next call that reads from the Link
	Messages int
	Size     int64 // bytes of the messages, inflated

	from *Link
}

// ErrQuiet is the error of NextSoon when nothing comes.
var ErrQuiet = errors.New("nothing has come for a while")

// quietTime bounds the wait of NextSoon. It ends after half of it at the earliest.
const quietTime = time.Second

// NextSoon is Next, or returns ErrQuiet when nothing comes. The caller then calls Sleep, and
// ends its goroutine.
func (l *Link) NextSoon(to *Link) (Run, error) { return l.nextRun(to, l.socket != nil) }

// Sleep calls wake once there is something to read, or the Link was cut. Wake must return soon.
func (l *Link) Sleep(wake func()) { l.socket.sleep(wake) }

// Next waits for input and returns the longest run of messages that came whole and may pass
// to the other side as they are. It is empty when the next message has to be carried: one that
// is fragmented or large, that breaks a rule, or that is compressed for one side alone.
func (l *Link) Next(to *Link) (Run, error) { return l.nextRun(to, false) }

func (l *Link) nextRun(to *Link, rests bool) (Run, error) {
	for {
		if l.ended != nil {
			return Run{}, l.ended
		}
		run, isPart := l.scan(to)
		if run.Messages > 0 {
			l.start += len(run.Frames)
			return run, nil
		}
		b := l.unread()
		switch {
		case isPart:
			if rests {
				l.socket.rests = true
			}
			err := l.fill()
			if rests {
				l.socket.rests = false
			}
			if err != nil {
				return Run{}, l.noteEnd(err)
			}
		case b[0]&opClose == 0:
			return Run{}, nil
		default:
			if _, err := l.nextFrame(); err != nil {
				return Run{}, err
			}
		}
	}
}

// scan returns the run at the beginning of the unread bytes. IsPart says that only a part of
// the frame behind it has come.
func (l *Link) scan(to *Link) (run Run, isPart bool) {
	b := l.unread()
	run.from = l
	at := 0
	for at < len(b) {
		header, size, ok := l.ordinary(b[at:])
		if isPart = header == 0 || ok && at+header+size > len(b); isPart || !ok {
			break
		}
		plain, passes := l.passes(b[at:at+header], b[at+header:at+header+size], to)
		if !passes {
			break
		}
		run.Messages++
		run.Size += plain
		at += header + size
	}
	run.Frames = b[:at]
	return run, isPart || at == len(b)
}

// ordinary reads the header at the beginning of b; 0 when it is not complete. Ok says that the
// frame is a message that may pass, if its payload does.
func (l *Link) ordinary(b []byte) (header, size int, ok bool) {
	if len(b) < 2 {
		return 0, 0, false
	}
	first, second := b[0], b[1]
	header, size = 2, int(second&^bitMasked)
	least := 0 // size that needs a header of this length
	switch size {
	case 126:
		header, least = 4, 126
	case 127:
		header, least = 10, 1<<16
	}
	isMasked := second&bitMasked != 0
	if isMasked {
		header += 4
	}
	if len(b) < header {
		return 0, 0, false
	}
	switch second &^ bitMasked {
	case 126:
		size = int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		long := binary.BigEndian.Uint64(b[2:])
		if long > maxPassed {
			return header, 0, false
		}
		size = int(long)
	}
	opcode := first
	if l.in.deflate {
		opcode &^= bitPacked
	}
	return header, size, (opcode == bitFinal|opText || opcode == bitFinal|opBinary) && isMasked != l.client &&
		size >= least && size <= maxPassed && (l.in.limit == 0 || int64(size) <= l.in.limit)
}

// passes checks a payload, and returns its size after inflating.
func (l *Link) passes(header, payload []byte, to *Link) (size int64, ok bool) {
	isText, isPacked := header[0]&0x0f == opText, header[0]&bitPacked != 0
	if isPacked && (!l.in.deflate || !to.in.deflate) || !isPacked && to.in.deflate && !l.in.deflate && len(payload) >= minDeflated {
		return 0, false
	}
	if !isText && !isPacked {
		return int64(len(payload)), true
	}
	if !l.client { // unmask, and mask again behind
		key := [4]byte(header[len(header)-4:])
		mask(payload, key)
		defer mask(payload, key)
	}
	if isPacked {
		return l.inflates(payload, isText, to.window)
	}
	return int64(len(payload)), utf8.Valid(payload)
}

// Each calls do with every message of a run. A payload is valid until do returns.
func (r Run) Each(do func(kind websocket.MessageType, payload []byte)) {
	for b := r.Frames; len(b) > 0; {
		header, size, _ := r.from.ordinary(b)
		payload := b[header : header+size]
		if !r.from.client { // unmask, and mask again behind
			mask(payload, [4]byte(b[header-4:header]))
		}
		plain := payload
		if b[0]&bitPacked != 0 {
			plain = inflated(payload)
		}
		do(websocket.MessageType(b[0]&0x0f), plain)
		if !r.from.client {
			mask(payload, [4]byte(b[header-4:header]))
		}
		b = b[header+size:]
	}
}

// nextFrame reads the next header, checks it, and returns its first byte. A control frame is
// read whole: a ping is answered, and a close frame is the error.
func (l *Link) nextFrame() (first byte, err error) {
	f := &l.in
	for {
		if l.ended != nil {
			return 0, l.ended
		}
		if f.have = 0; f.takeHeader(l.unread()) {
			break
		}
		if err := l.fill(); err != nil {
			return 0, l.noteEnd(err)
		}
	}
	l.use(f.have)
	if first = f.header[0]; first&opClose == 0 {
		if err := f.begin(l.unread()); err != nil {
			return 0, l.noteEnd(err)
		}
		return first, nil
	}
	return first, l.control()
}

// control reads a control frame behind its header.
func (l *Link) control() error {
	f := &l.in
	if err := f.begin(l.unread()); err != nil {
		return l.noteEnd(err)
	}
	for int64(len(l.unread())) < f.left {
		if err := l.fill(); err != nil {
			return l.noteEnd(err)
		}
	}
	payload := l.unread()[:f.left]
	l.use(len(payload))
	f.left = 0
	if f.closes {
		f.closeLen = copy(f.close[:], payload)
		return l.noteEnd(f.closed())
	}
	if f.fromClient {
		mask(payload, f.key)
	}
	if f.header[0]&0x0f == opPing {
		l.takePing(payload)
	} else {
		l.takePong(payload)
	}
	return nil
}

// use drops n unread bytes.
func (l *Link) use(n int) {
	if l.lump == nil {
		l.few = l.few[n:]
		return
	}
	l.start += n
}

// payloadReader reads the message that nextFrame has begun, or begins it.
type payloadReader struct{ *Link }

// directRead is the least size of a read that goes into the memory of the reader.
const directRead = 4 << 10

// Read implements io.Reader. It returns io.EOF together with the last bytes.
func (r payloadReader) Read(p []byte) (int, error) {
	n, key, err := r.read(p)
	mask(p[:n], key)
	return n, err
}

// read implements source.
func (r payloadReader) read(p []byte) (n int, key [4]byte, err error) {
	l, f := r.Link, &r.in
	for f.left == 0 {
		if f.message == 0 {
			return 0, key, io.EOF
		}
		if _, err := l.nextFrame(); err != nil {
			return 0, key, err
		}
	}
	p = p[:min(int64(len(p)), f.left)]
	if len(l.unread()) == 0 && len(p) < directRead {
		if err := l.fill(); err != nil {
			return 0, key, l.noteEnd(err)
		}
	}
	if n = copy(p, l.unread()); n > 0 {
		l.use(n)
	} else {
		l.close()
		l.direct = p
		n, err = l.receive(&l.direct)
		if err := l.endOf(n, err); err != nil {
			return 0, key, l.noteEnd(err)
		}
	}
	key, f.key = f.key, rotated(f.key, n)
	if f.left -= int64(n); f.left == 0 && f.message == 0 {
		return n, key, io.EOF
	}
	return n, key, nil
}
