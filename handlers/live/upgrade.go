package live

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/net/http/httpguts"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/frames"
	"duplex/handlers/reply"
)

// requireUpgrade refuses a request that is not a handshake, RFC 6455 section 4.2.1.
func requireUpgrade(w http.ResponseWriter, r *http.Request) error {
	if httpguts.HeaderValuesContainsToken(r.Header["Connection"], "upgrade") &&
		httpguts.HeaderValuesContainsToken(r.Header["Upgrade"], "websocket") {
		return nil
	}
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	return reply.Bad(reply.CodeUpgradeRequired, "")
}

// closeTime bounds a close handshake: the library gives 5 s each to the frame and to
// its answer.
const closeTime = 11 * time.Second

// socket is a browser's socket, and the connection beneath.
type socket struct {
	*websocket.Conn

	beneath net.Conn
}

// Close runs the library's close handshake with a bound: the library waits without end
// for the rest of a message.
func (s *socket) Close(code websocket.StatusCode, reason string) error {
	late := time.AfterFunc(closeTime, s.Cut)
	defer late.Stop()
	return s.Conn.Close(code, reason)
}

// Cut closes the connection at once, without a close frame.
func (s *socket) Cut() { _ = s.beneath.Close() }

// boundSending bounds how much the kernel keeps to be sent, in bytes, where it can be bounded.
func (s *socket) boundSending(size int) {
	if whole, ok := s.beneath.(wholeConn); ok {
		if tcp, ok := whole.Conn.(*net.TCPConn); ok {
			_ = tcp.SetWriteBuffer(size)
		}
	}
}

// acceptSocket upgrades the connection. requireOrigin has checked the Origin: the library's
// check would allow a missing one, and one that only equals Host. On error it has
// answered.
func acceptSocket(w http.ResponseWriter, r *http.Request, subprotocol string) (*socket, error) {
	o := websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled}
	if subprotocol != "" {
		o.Subprotocols = []string{subprotocol}
	}
	taken := &takenWriter{ResponseWriter: spelledWriter{w}}
	conn, err := websocket.Accept(taken, r, &o)
	if err != nil {
		return nil, err
	}
	return &socket{conn, taken.conn}, nil
}

// acceptRelayed upgrades a browser's socket for a relay. Compression is agreed when the
// browser offers it, independent of the target: each leg has its own. On error it has
// answered.
func acceptRelayed(w http.ResponseWriter, r *http.Request, relay *bridge.Relay) (*frames.Link, error) {
	o := websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionNoContextTakeover}
	if relay.Subprotocol() != "" {
		o.Subprotocols = []string{relay.Subprotocol()}
	}
	return frames.Accept(spelledWriter{w}, r, o, relay.Limit())
}

// spelledWriter spells the headers of an accepted handshake as RFC 6455 does.
type spelledWriter struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w spelledWriter) WriteHeader(status int) {
	restore := dial.SpellHandshake(w.Header())
	w.ResponseWriter.WriteHeader(status)
	restore() // the library reads them afterwards
}

// Unwrap is for http.ResponseController.
func (w spelledWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// takenWriter keeps the connection that the library hijacks.
type takenWriter struct {
	http.ResponseWriter

	conn net.Conn
}

// Hijack implements http.Hijacker.
func (w *takenWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, err := rw.Peek(rw.Reader.Buffered()) // frames that came with the request
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("hijack: %w", err), conn.Close())
	}
	w.conn = wholeConn{conn}
	reader := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(early)), w.conn), max(socketBuffer, len(early)))
	_, _ = reader.Peek(len(early)) // the library takes over what is buffered
	return w.conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(w.conn, socketBuffer)), nil
}

// socketBuffer is the size in bytes of each of a socket's buffers, which it holds while it
// waits. Those of http.Server are 4 KiB; larger reads and writes pass them by.
const socketBuffer = 1 << 10

// wholeConn reports the end of a connection by another error than io.EOF, which the
// library would take for the end of a message that was cut.
type wholeConn struct{ net.Conn }

// Read implements net.Conn.
func (c wholeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		err = frames.ErrCut
	}
	return n, err
}

// offersDeflate reports whether a handshake offers permessage-deflate, RFC 7692.
func offersDeflate(r *http.Request) bool {
	for _, line := range r.Header.Values("Sec-WebSocket-Extensions") {
		for extension := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(extension, ";")
			if strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
				return true
			}
		}
	}
	return false
}

// offeredSubprotocols returns the subprotocols of a handshake, in order.
func offeredSubprotocols(r *http.Request) []string {
	var names []string
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}
