package frames

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/coder/websocket"
)

// Accept upgrades a request, RFC 6455 section 4.2. An inflated message of more than limit
// bytes fails the connection; 0 is no limit. On error Accept has written the response.
func Accept(w http.ResponseWriter, r *http.Request, o websocket.AcceptOptions, limit int64) (*Link, error) {
	offer, window := chooseDeflate(r.Header)
	r = r.Clone(r.Context())
	r.Header.Del(extensions)
	if offer != "" {
		r.Header.Set(extensions, offer)
	}
	taken := &takenWriter{ResponseWriter: w, window: window}
	ws, err := websocket.Accept(taken, r, &o)
	if err != nil {
		return nil, err
	}
	deflate := w.Header().Get(extensions) != ""
	if deflate && window != 0 && window < 15 { // the library always uses 15
		taken.stream.window = 1 << window
	}
	return taken.stream.Open(ws, deflate, limit), nil
}

const extensions = "Sec-WebSocket-Extensions"

// chooseDeflate returns the first acceptable offer of permessage-deflate, RFC 7692 section
// 7.1, without server_max_window_bits, which it returns as window; 0 is none. Python clients
// set it, and the library refuses it.
func chooseDeflate(h http.Header) (offer string, window int) {
	for _, line := range h.Values(extensions) {
		for candidate := range strings.SplitSeq(line, ",") {
			if offer, window, ok := readDeflate(candidate); ok {
				return offer, window
			}
		}
	}
	return "", 0
}

func readDeflate(candidate string) (offer string, window int, ok bool) {
	name, params, _ := strings.Cut(candidate, ";")
	if !strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
		return "", 0, false
	}
	offer = "permessage-deflate"
	for param := range strings.SplitSeq(params, ";") {
		param = strings.TrimSpace(param)
		key, value, _ := strings.Cut(param, "=")
		switch key {
		case "":
		case "server_max_window_bits":
			bits, err := strconv.Atoi(value)
			if err != nil || bits < 8 || bits > 15 || window != 0 {
				return "", 0, false
			}
			window = bits
		case "client_no_context_takeover", "server_no_context_takeover", "client_max_window_bits":
			offer += "; " + param
		default:
			return "", 0, false
		}
	}
	return offer, window, true
}

// takenWriter puts a Stream under the connection that the library hijacks.
type takenWriter struct {
	http.ResponseWriter

	stream *Stream
	window int // the server_max_window_bits to agree to; 0 is none
}

// WriteHeader implements http.ResponseWriter.
func (w *takenWriter) WriteHeader(status int) {
	if agreed := w.Header().Get(extensions); agreed != "" && w.window != 0 {
		w.Header().Set(extensions, agreed+"; server_max_window_bits="+strconv.Itoa(w.window))
	}
	w.ResponseWriter.WriteHeader(status)
}

// Hijack implements http.Hijacker.
func (w *takenWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn = NewSocket(conn)
	early, err := rw.Peek(rw.Reader.Buffered()) // frames that came with the request
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("hijack: %w", err), conn.Close())
	}
	w.stream = NewStream(&hijacked{Conn: conn, r: io.MultiReader(bytes.NewReader(bytes.Clone(early)), conn)}, conn, false)
	rw.Reader.Reset(w.stream)
	rw.Writer.Reset(w.stream)
	return w.stream, rw, nil
}

// hijacked is a connection that gives the bytes again that were read before.
type hijacked struct {
	net.Conn

	r io.Reader
}

// Read implements net.Conn.
func (h *hijacked) Read(p []byte) (int, error) { return h.r.Read(p) }
