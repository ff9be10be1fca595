package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// The first bytes of frames, RFC 6455 section 5.2.
const (
	final     = 0x80
	text      = 0x1
	binary2   = 0x2
	masked    = 0x80
	isControl = 0x08
)

// appendFrame appends a message in one frame. The key of a masked frame is zero: masking
// costs this side nothing.
func appendFrame(b []byte, opcode byte, payload []byte, mask bool) []byte {
	var bit byte
	if mask {
		bit = masked
	}
	switch size := len(payload); {
	case size < 126:
		b = append(b, final|opcode, bit|byte(size))
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, final|opcode, bit|126), uint16(size))
	default:
		b = binary.BigEndian.AppendUint64(append(b, final|opcode, bit|127), uint64(size))
	}
	if mask {
		b = append(b, 0, 0, 0, 0)
	}
	return append(b, payload...)
}

// reader counts messages. It looks at headers alone and drops payloads.
type reader struct {
	conn       io.Reader
	buf        []byte
	start, end int
	key        [4]byte // of the current frame; zero unless a relay has chosen another
}

func newReader(conn io.Reader, size int) *reader { return &reader{conn: conn, buf: make([]byte, size)} }

// next reads one message and returns its size, and its payload if it came in one frame that
// fits the buffer.
func (r *reader) next() (size int, payload []byte, err error) {
	for {
		first, length, err := r.header()
		if err != nil {
			return 0, nil, err
		}
		if first&isControl != 0 {
			if err := r.skip(length); err != nil {
				return 0, nil, err
			}
			continue
		}
		size += length
		if first&final != 0 && size == length && length <= len(r.buf) {
			if err := r.want(length); err != nil {
				return 0, nil, err
			}
			payload = r.buf[r.start : r.start+length]
			if r.key != [4]byte{} {
				for i := range payload {
					payload[i] ^= r.key[i%4]
				}
			}
			r.start += length
			return size, payload, nil
		}
		if err := r.skip(length); err != nil {
			return 0, nil, err
		}
		if first&final != 0 {
			return size, nil, nil
		}
	}
}

// header reads the header of a frame.
func (r *reader) header() (first byte, length int, err error) {
	if err := r.want(2); err != nil {
		return 0, 0, err
	}
	size, length := 2, int(r.buf[r.start+1]&^masked)
	switch length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	isMasked := r.buf[r.start+1]&masked != 0
	if isMasked {
		size += 4
	}
	if err := r.want(size); err != nil {
		return 0, 0, err
	}
	h := r.buf[r.start : r.start+size]
	switch length {
	case 126:
		length = int(binary.BigEndian.Uint16(h[2:]))
	case 127:
		length = int(binary.BigEndian.Uint64(h[2:]))
	}
	if r.key = [4]byte{}; isMasked {
		r.key = [4]byte(h[size-4:])
	}
	r.start += size
	return h[0], length, nil
}

// want waits for n unread bytes.
func (r *reader) want(n int) error {
	if r.end-r.start < n && r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	for r.end-r.start < n {
		more, err := r.conn.Read(r.buf[r.end:])
		r.end += more
		if err != nil {
			return err
		}
	}
	return nil
}

// skip drops n bytes.
func (r *reader) skip(n int) error {
	for {
		have := min(n, r.end-r.start)
		r.start += have
		if n -= have; n == 0 {
			return nil
		}
		if err := r.want(1); err != nil {
			return err
		}
	}
}

// client is a connection of the driver.
type client struct {
	net.Conn
	*reader
}

// dial opens a WebSocket at ws://host/path, and leaves out what a good client checks.
func dial(address string) (*client, error) {
	host, path, _ := strings.Cut(strings.TrimPrefix(address, "ws://"), "/")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	var key [16]byte
	_, _ = rand.Read(key[:])
	_, err = fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
		path, host, base64.StdEncoding.EncodeToString(key[:]))
	if err != nil {
		return nil, err
	}
	small := bufio.NewReaderSize(conn, 512)
	response, err := http.ReadResponse(small, nil) //nolint:bodyclose // the body is the connection
	if err == nil && response.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 512))
		err = fmt.Errorf("%s answered %s: %s", address, response.Status, body)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	early, _ := small.Peek(small.Buffered())
	return &client{Conn: conn, reader: newReader(io.MultiReader(strings.NewReader(string(early)), conn), 512)}, nil
}

// grow gives the client a buffer for large reads.
func (c *client) grow() *client {
	c.buf = append(make([]byte, 0, 256<<10), c.buf...)[:256<<10]
	return c
}
