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
	b, key := appendHeader(b, first, len(payload), masked)
	at := len(b)
	b = append(b, payload...)
	if masked {
		mask(b[at:], key)
	}
	return b
}

// appendHeader appends the header of a frame of size bytes, and returns its key.
func appendHeader(b []byte, first byte, size int, masked bool) (_ []byte, key [4]byte) {
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
		_, _ = rand.Read(key[:]) // never fails
		b = append(b, key[:]...)
	}
	return b, key
}

// mask masks or unmasks p, RFC 6455 section 5.3.
func mask(p []byte, key [4]byte) {
	if len(p) >= longMask {
		maskLong(p, key)
		return
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}

// longMask is the size in bytes from which maskLong is faster.
const longMask = 32

// maskLong is mask with a long pad, which would double the stack of an idle relay.
//
//go:noinline
func maskLong(p []byte, key [4]byte) {
	var pad [1024]byte
	n := copy(pad[:], key[:])
	for n < len(pad) && n < len(p) {
		n += copy(pad[n:], pad[:n])
	}
	for len(p) > 0 {
		p = p[subtle.XORBytes(p, p, pad[:min(len(p), len(pad))]):]
	}
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
