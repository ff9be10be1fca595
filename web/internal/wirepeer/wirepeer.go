// Package wirepeer is a WebSocket target for tests that keeps the bytes it gets. It does
// not read requests with an HTTP library, which would change their spelling.
package wirepeer

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // RFC 6455 section 1.3
	"encoding/base64"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience bounds a test's wait for a request.
const patience = time.Minute

// Request is a handshake as it came.
type Request struct {
	Target string   // of the request line
	Lines  []string // the header lines, in order
}

// Has reports whether a header line is there, in exactly this spelling.
func (r Request) Has(line string) bool { return slices.Contains(r.Lines, line) }

// Peer accepts every handshake, and then does no more than answer a close frame.
type Peer struct {
	Addr string // host and port

	tb       testing.TB
	requests chan Request
}

// Start starts a peer on loopback; it ends with the test.
func Start(tb testing.TB) *Peer {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	p := &Peer{Addr: listener.Addr().String(), tb: tb, requests: make(chan Request, 100)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

// Next returns the oldest request that was not returned yet.
func (p *Peer) Next() Request {
	p.tb.Helper()
	select {
	case r := <-p.requests:
		return r
	case <-time.After(patience):
		p.tb.Fatal("no request came")
		return Request{}
	}
}

func (p *Peer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	first, err := in.ReadString('\n')
	if err != nil {
		return
	}
	var r Request
	if words := strings.Split(strings.TrimSpace(first), " "); len(words) == 3 {
		r.Target = words[1]
	}
	key := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if line = strings.TrimSuffix(line, "\r\n"); line == "" {
			break
		}
		r.Lines = append(r.Lines, line)
		if value, found := strings.CutPrefix(line, "Sec-WebSocket-Key: "); found { // in this spelling only
			key = value
		}
	}
	p.requests <- r
	if key == "" {
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		return
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455 section 1.3
	_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	awaitClose(in)
	_, _ = conn.Write([]byte{0x88, 0})
}

// awaitClose reads control frames until one closes the connection. Their payload has at
// most 125 bytes, and each is masked, RFC 6455 section 5.
func awaitClose(in *bufio.Reader) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(in, head[:]); err != nil || head[0] == 0x88 {
			return
		}
		if _, err := in.Discard(4 + int(head[1]&0x7f)); err != nil {
			return
		}
	}
}
