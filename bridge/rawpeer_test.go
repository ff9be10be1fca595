package bridge_test

import (
	"bufio"
	"crypto/sha1" // RFC 6455 section 4.2.2 asks for it
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// rawConn is a target that writes bytes, not messages, and so can break the protocol.
type rawConn struct {
	*net.TCPConn
	r *bufio.Reader
}

// rawPeer upgrades every connection, with the extensions in its response, and passes it to
// serve.
func rawPeer(t *testing.T, extensions string, serve func(*rawConn)) string {
	t.Helper()
	return tcpPeer(t, func(c *rawConn) {
		request, err := http.ReadRequest(c.r)
		if err != nil {
			return
		}
		answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Accept: " + acceptKey(request.Header.Get("Sec-WebSocket-Key")) + "\r\n"
		if extensions != "" {
			answer += "Sec-WebSocket-Extensions: " + extensions + "\r\n"
		}
		if _, err := io.WriteString(c, answer+"\r\n"); err == nil {
			serve(c)
		}
	})
}

// acceptKey returns the Sec-WebSocket-Accept for a Sec-WebSocket-Key, RFC 6455 section 4.2.2.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// tcpPeer passes every connection to serve and then closes it. When the test ends, it closes
// the rest and waits.
func tcpPeer(t *testing.T, serve func(*rawConn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var tasks sync.WaitGroup
	tasks.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tcp, _ := conn.(*net.TCPConn)
			tasks.Go(func() {
				defer func() { _ = tcp.Close() }()
				stop := make(chan struct{})
				defer close(stop)
				tasks.Go(func() {
					select {
					case <-t.Context().Done(): // over just before cleaning up
						_ = tcp.Close()
					case <-stop:
					}
				})
				serve(&rawConn{TCPConn: tcp, r: bufio.NewReader(tcp)})
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); tasks.Wait() })
	return "ws://" + listener.Addr().String()
}

// The first byte of a frame, RFC 6455 section 5.2.
const (
	more   = 0x00
	textOp = 0x01
	binOp  = 0x02
	final  = 0x80
	closes = final | 0x08
	ping   = final | 0x09
	packed = 0x40 // RSV1: compressed, RFC 7692
)

// header returns the header of a frame that announces size bytes.
func header(first byte, size uint64) []byte {
	switch {
	case size < 126:
		return []byte{first, byte(size)}
	case size < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(size))
	default:
		return binary.BigEndian.AppendUint64([]byte{first, 127}, size)
	}
}

func frame(first byte, payload string) []byte {
	return append(header(first, uint64(len(payload))), payload...)
}

func closeFrame(code uint16, reason string) []byte {
	return frame(closes, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// masked returns a frame of a client.
func masked(f []byte) []byte {
	at := 2
	switch f[1] {
	case 126:
		at += 2
	case 127:
		at += 8
	}
	key := [4]byte{1, 2, 3, 4}
	out := append(append(append([]byte{f[0], f[1] | 0x80}, f[2:at]...), key[:]...), f[at:]...)
	for i := range out[at+4:] {
		out[at+4+i] ^= key[i%4]
	}
	return out
}

// say writes bytes.
func (c *rawConn) say(all ...[]byte) {
	for _, b := range all {
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// flood writes the same bytes until the connection ends.
func (c *rawConn) flood(b []byte) {
	for {
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// drain reads until the connection ends.
func (c *rawConn) drain() { _, _ = io.Copy(io.Discard, c.r) }

// hear returns the next frame's opcode and unmasked payload; opcode 0xff when the connection
// has ended.
func (c *rawConn) hear() (byte, []byte) {
	first, payload := c.hearFrame()
	if payload == nil {
		return 0xff, nil
	}
	return first & 0x0f, payload
}

// hearFrame returns the next frame's first byte and unmasked payload; nil when the connection
// has ended.
func (c *rawConn) hearFrame() (first byte, payload []byte) {
	var h [2]byte
	if _, err := io.ReadFull(c.r, h[:]); err != nil {
		return 0, nil
	}
	size := uint64(h[1] & 0x7f)
	var long [8]byte
	switch size {
	case 126:
		_, _ = io.ReadFull(c.r, long[6:])
		size = binary.BigEndian.Uint64(long[:])
	case 127:
		_, _ = io.ReadFull(c.r, long[:])
		size = binary.BigEndian.Uint64(long[:])
	}
	var key [4]byte
	if h[1]&0x80 != 0 {
		_, _ = io.ReadFull(c.r, key[:])
	}
	payload = make([]byte, size)
	if _, err := io.ReadFull(c.r, payload); err != nil {
		return 0, nil
	}
	for i := range payload {
		payload[i] ^= key[i%4]
	}
	return h[0], payload
}

// hearClose reads until a close frame comes, and returns its payload.
func (c *rawConn) hearClose() (code int, reason string) {
	for {
		opcode, payload := c.hear()
		switch {
		case opcode == 0xff:
			return 0, ""
		case opcode == 8 && len(payload) >= 2:
			return int(binary.BigEndian.Uint16(payload)), string(payload[2:])
		}
	}
}
