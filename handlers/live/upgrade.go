package live

import (
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/net/http/httpguts"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/frames"
	"duplex/bridge/wire"
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

const (
	closeTime = 10 * time.Second // for a close handshake
	drainTime = time.Second      // for a browser that broke the protocol to end the connection
)

// socket is a browser's socket.
type socket struct {
	*frames.Link

	over chan struct{} // closed by the goroutine that reads, when reading has ended
}

// Close sends a close frame, and returns when the browser has answered it or is cut off. Another
// goroutine reads.
func (s *socket) Close(code websocket.StatusCode, reason string) {
	late := time.AfterFunc(closeTime, s.Cut)
	defer late.Stop()
	_ = s.SendClose(code, reason)
	<-s.over
}

// closeUnread is Close for the goroutine that reads. It drops what still comes.
func (s *socket) closeUnread(code websocket.StatusCode, reason string) {
	late := time.AfterFunc(closeTime, s.Cut)
	defer late.Stop()
	_ = s.Link.Close(code, reason)
}

// answer sends the close frame that belongs to the error of reading.
func (s *socket) answer(end error) {
	late := time.AfterFunc(closeTime, s.Cut)
	defer late.Stop()
	if s.Answer(end); s.Failure() != nil {
		s.Drain(drainTime)
	}
}

// boundSending bounds how much the kernel keeps to be sent, in bytes, where it can be bounded.
func (s *socket) boundSending(size int) {
	if tcp, ok := s.Conn.(interface{ SetWriteBuffer(size int) error }); ok {
		_ = tcp.SetWriteBuffer(size)
	}
}

// acceptSocket upgrades the connection of a viewer. requireOrigin has checked the Origin: the
// library's check would allow a missing one, and one that only equals Host. On error it has
// answered.
func acceptSocket(w http.ResponseWriter, r *http.Request) (*socket, error) {
	o := websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled, Subprotocols: []string{wire.Subprotocol}}
	link, err := frames.Accept(spelledWriter{w}, r, o, maxEvent)
	if err != nil {
		return nil, err
	}
	return &socket{link, make(chan struct{})}, nil
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
