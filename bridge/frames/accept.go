package frames

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// Accept upgrades a request, RFC 6455 section 4.2. A message of more than limit bytes,
// inflated, fails the connection; 0 is no limit. On error it has answered.
func Accept(w http.ResponseWriter, r *http.Request, o websocket.AcceptOptions, limit int64) (*Conn, error) {
	taken := &takenWriter{ResponseWriter: w}
	o.OnPingReceived = func(ctx context.Context, _ []byte) bool { return taken.stream.TakesPong(ctx) }
	ws, err := websocket.Accept(taken, r, &o)
	if err != nil {
		return nil, err
	}
	return taken.stream.Open(ws, w.Header().Get("Sec-WebSocket-Extensions") != "", limit), nil
}

// takenWriter lays a stream beneath the connection that the library takes.
type takenWriter struct {
	http.ResponseWriter

	stream *Stream
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
	w.stream = NewStream(&hijacked{Conn: conn, r: io.MultiReader(bytes.NewReader(bytes.Clone(early)), conn)}, conn, false)
	rw.Reader.Reset(w.stream)
	rw.Writer.Reset(w.stream)
	return w.stream, rw, nil
}

// hijacked is a connection of which some bytes have been read.
type hijacked struct {
	net.Conn

	r io.Reader
}

// Read implements net.Conn.
func (h *hijacked) Read(p []byte) (int, error) { return h.r.Read(p) }
