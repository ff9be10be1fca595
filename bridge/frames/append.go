package frames

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"

	"github.com/coder/websocket"
)

// appendFrame appends one frame to b, RFC 6455 sections 5.2 and 5.3. A masked frame gets a
// new key.
func appendFrame(b []byte, first byte, payload []byte, masked bool) []byte {
	var key [4]byte
	if masked {
		key = newKey()
	}
	b = appendHeader(b, first, len(payload), masked, key)
	at := len(b)
	b = append(b, payload...)
	mask(b[at:], key)
	return b
}

// newKey returns a key to mask a frame with.
func newKey() (key [4]byte) {
	_, _ = rand.Read(key[:]) // never fails
	return key
}

// appendHeader appends the header of a frame of size bytes. The key is for a masked one.
func appendHeader(b []byte, first byte, size int, masked bool, key [4]byte) []byte {
	var bit byte
	if masked {
		bit = bitMasked
	}
	switch {
	case size <= maxControl:
		b = append(b, first, bit|byte(size)) //nolint:gosec // at most 125
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, first, bit|126), uint16(size))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, bit|127), uint64(size))
	}
	if masked {
		b = append(b, key[:]...)
	}
	return b
}

// mask masks or unmasks p, RFC 6455 section 5.3. The zero key changes nothing.
func mask(p []byte, key [4]byte) {
	if key == [4]byte{} {
		return
	}
	if len(p) >= longMask {
		maskLong(p, p, key)
		return
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}

// longMask is the size in bytes from which maskLong is faster.
const longMask = 32

// maskLong masks p into to, which may be p, with a long pad, which would double the stack of an
// idle relay.
//
//go:noinline
func maskLong(to, p []byte, key [4]byte) {
	var pad [1024]byte
	n := copy(pad[:], key[:])
	for n < len(pad) && n < len(p) {
		n += copy(pad[n:], pad[:n])
	}
	for len(p) > 0 {
		n := subtle.XORBytes(to, p, pad[:min(len(p), len(pad))])
		to, p = to[n:], p[n:]
	}
}

// rotated returns the key for the bytes behind the first n.
func rotated(key [4]byte, n int) (next [4]byte) {
	for i := range next {
		next[i] = key[(n+i)%4]
	}
	return next
}

// appendClose appends a close frame. Code 1005 makes a frame without a code, RFC 6455
// section 7.1.5.
func appendClose(b []byte, closed websocket.CloseError, masked bool) []byte {
	var payload []byte
	if closed.Code != websocket.StatusNoStatusRcvd {
		payload = binary.BigEndian.AppendUint16(nil, uint16(closed.Code)) //nolint:gosec // a close code has 16 bits
		payload = append(payload, closed.Reason...)
	}
	return appendFrame(b, bitFinal|opClose, payload, masked)
}
