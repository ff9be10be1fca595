package frames

import (
	"errors"
	"io"
	"sync"

	"github.com/coder/websocket"
)

// wholeFrame is the size in bytes up to which a message leaves in one frame even if it came in
// several. Some peers cannot read fragments, and browsers send none. A larger message leaves
// in parts of at least this size and at most partSize while it arrives, so that a close frame
// can come between.
const (
	wholeFrame = 64 << 10
	partSize   = 128 << 10
)

// part holds a part of a message behind room for a header, and the first byte of the next.
type part [maxHeader + partSize + 1]byte

// parts pools the buffers of Carry, so that an idle relay holds none.
var parts = sync.Pool{New: func() any { return new(part) }}

// ReadError is an error of the side that Carry reads from.
type ReadError struct{ Err error }

// Error implements error.
func (e *ReadError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ReadError) Unwrap() error { return e.Err }

// Carry passes one message, for which Next has returned no run, and returns its size. The
// error is a *ReadError, or that of writing: then the message was read to its end.
func (l *Link) Carry(to *Link) (size int64, err error) {
	kind, source, err := l.message()
	if err != nil {
		return 0, &ReadError{err}
	}
	buf, _ := parts.Get().(*part) // New makes no other
	defer parts.Put(buf)
	text := textCheck{on: kind == websocket.MessageText}
	key := l.keyFor(to, source)
	have, isLast := 0, false
	for isFirst := true; !isLast; isFirst = false {
		for have <= wholeFrame && !isLast {
			n, came, readErr := source.read(buf[maxHeader+have:])
			if isLast = errors.Is(readErr, io.EOF); readErr != nil && !isLast {
				return size, &ReadError{readErr}
			}
			payload := buf[maxHeader+have : maxHeader+have+n]
			if !text.takesMasked(payload, came, isLast) { // not later: the end may never come
				return size, &ReadError{l.noteEnd(&RuleError{Rule: UTF8})}
			}
			mask(payload, both(came, rotated(key, have)))
			have += n
		}
		var next byte
		if !isLast {
			have-- // the last byte begins the next part, so that none is empty
			next = buf[maxHeader+have]
		}
		if size += int64(have); err == nil {
			err = to.writePart(kind, buf[:maxHeader+have], key, isFirst, isLast)
		}
		buf[maxHeader], key, have = next, rotated(key, have), 1
	}
	return size, err
}

// keyFor returns the key to mask a message with. It is that of the first frame, as a run keeps
// the keys of its frames: then a large frame is not masked again.
func (l *Link) keyFor(to *Link, from source) (key [4]byte) {
	_, isPlain := from.(*inflater)
	switch {
	case !to.client:
		return key
	case isPlain:
		return newKey()
	default:
		return l.in.key
	}
}

// both returns the key that masks as two keys in turn.
func both(a, b [4]byte) [4]byte {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}

// source reads the payload of a message.
type source interface {
	io.Reader

	// read is Read without unmasking. The key begins at the first byte; zero is none.
	read(p []byte) (n int, key [4]byte, err error)
}

// message begins the next message, and returns a reader of its payload.
func (l *Link) message() (websocket.MessageType, source, error) {
	for {
		first, err := l.nextFrame()
		switch {
		case err != nil:
			return 0, nil, err
		case first&opClose != 0:
		case first&bitPacked != 0:
			return websocket.MessageType(first & 0x0f), newInflater(l, first&0x0f == opText), nil
		default:
			return websocket.MessageType(first & 0x0f), payloadReader{l}, nil
		}
	}
}

// writePart writes a frame of a message. The payload is in buf behind maxHeader bytes, masked
// with key.
func (l *Link) writePart(kind websocket.MessageType, buf []byte, key [4]byte, isFirst, isLast bool) error {
	payload := buf[maxHeader:]
	if isFirst && isLast && l.in.deflate && len(payload) >= minDeflated && (l.window == 0 || len(payload) <= l.window) {
		mask(payload, key)
		return l.Write(kind, payload)
	}
	var first byte = opContinuation
	if isFirst {
		first = byte(kind) //nolint:gosec // the library's types are the opcodes
	}
	if isLast {
		first |= bitFinal
	}
	var room [maxHeader]byte
	header := appendHeader(room[:0], first, len(payload), l.client, key)
	start := maxHeader - len(header)
	copy(buf[start:], header)
	return l.Pass(buf[start:])
}
