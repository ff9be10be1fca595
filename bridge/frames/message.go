package frames

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/coder/websocket"
)

// keptRoom is the size in bytes up to which a message is copied rather than kept in memory that
// grew with it.
const keptRoom = 1 << 20

// ReadMessage returns the next message in memory of its own, or with an error the part of it
// that came, and the kind if its first frame has come. A text may be no UTF-8.
func (l *Link) ReadMessage() (kind websocket.MessageType, payload []byte, err error) {
	kind, source, err := l.message()
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, 0, min(l.in.left, wholeFrame)) // an announced size may be a lie
	for {
		if len(payload) == cap(payload) {
			payload = slices.Grow(payload, max(bytes.MinRead, int(min(l.in.left, int64(len(payload))))))
		}
		n, err := source.Read(payload[len(payload):cap(payload)])
		payload = payload[:len(payload)+n]
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return kind, payload, err
		}
		if room := cap(payload) - len(payload); room > len(payload)/8 && len(payload) <= keptRoom {
			payload = bytes.Clone(payload)
		}
		return kind, payload, nil
	}
}

// Write writes a message in one frame, compressed if the peer agreed to it. It blocks while the
// peer does not read, until Cut. After the close frame it returns net.ErrClosed.
func (l *Link) Write(kind websocket.MessageType, payload []byte) error {
	first := bitFinal | byte(kind) //nolint:gosec // the library's types are the opcodes
	if l.in.deflate && len(payload) >= minDeflated && (l.window == 0 || len(payload) <= l.window) {
		first |= bitPacked
		payload = deflated(payload)
	}
	err := l.writeWhole(first, payload)
	_ = l.sendLate()
	return err
}

// outgoing pools the buffers of writeWhole, which have at most maxHeader + wholeFrame bytes.
var outgoing = sync.Pool{New: func() any { return new([]byte) }}

// writeWhole writes a frame, a large one piece by piece, so that Moved shows whether the peer
// reads.
func (l *Link) writeWhole(first byte, payload []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last {
		return net.ErrClosed
	}
	l.writing.Store(true)
	defer l.writing.Store(false)
	kept, _ := outgoing.Get().(*[]byte) // New makes no other
	defer outgoing.Put(kept)
	*kept = slices.Grow((*kept)[:0], maxHeader+min(len(payload), wholeFrame))
	var key [4]byte
	if l.client {
		key = newKey()
	}
	buf := appendHeader(*kept, first, len(payload), l.client, key)
	for {
		at, n := len(buf), min(len(payload), wholeFrame)
		buf = append(buf, payload[:n]...)
		mask(buf[at:], key)
		key = rotated(key, n)
		payload = payload[n:]
		if _, err := l.send(buf); err != nil || len(payload) == 0 {
			return err
		}
		buf = buf[:0]
	}
}

// Writing reports whether Write is writing a message.
func (l *Link) Writing() bool { return l.writing.Load() }
