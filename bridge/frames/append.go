package frames

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"

	"github.com/coder/websocket"
)

// appendFrame appends one frame to b, RFC 6455 sections 5.2 and 5.3. A masked frame gets a
// new key.
func appendFrame(b []byte, first byte, payload []byte, masked bool) []byte {
	var bit byte
	if masked {
		bit = bitMasked
	}
	switch size := len(payload); {
	case size <= maxControl:
		b = append(b, first, bit|byte(size))
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, first, bit|126), uint16(size))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, bit|127), uint64(size))
	}
	if !masked {
		return append(b, payload...)
	}
	var key [4]byte
	_, _ = rand.Read(key[:]) // never fails
	b = append(b, key[:]...)
	at := len(b)
	b = append(b, payload...)
	mask(b[at:], key)
	return b
}

// mask masks or unmasks p, RFC 6455 section 5.3.
func mask(p []byte, key [4]byte) {
	pad := bytes.Repeat(key[:], min(len(p)+3, 1024)/4)
	for len(p) > 0 {
		n := subtle.XORBytes(p, p, pad[:min(len(p), len(pad))])
		p = p[n:]
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
