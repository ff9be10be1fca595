package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	maxMessage = 64 << 20 // bytes, of a message from the peer
	queueSize  = 256      // messages that wait while an answer is under way
	frameBytes = 64 << 10 // new services split longer messages into several frames
)

// message is one WebSocket message.
type message struct {
	opcode  websocket.MessageType
	payload []byte
}

// peer is the other side of a connection, as an endpoint sees it.
type peer struct {
	conn    *websocket.Conn
	wire    *gathering
	request *http.Request
	inbox   chan message // of endpoints with queued input; closed when the peer is gone
	split   bool         // long messages go out in frames of frameBytes
}

// upgrade performs the opening handshake and runs the endpoint until it ends or
// the peer is gone.
func (d *Demo) upgrade(w http.ResponseWriter, r *http.Request, s service, name string) {
	e := endpoints()[name]
	if refused := notUpgrade(r); refused != nil {
		refused.write(w)
		return
	}
	values := params{values: wireQuery(r)}
	run := e.prepare(d, &values)
	if values.refused != nil {
		values.refused.write(w)
		return
	}
	p, err := accept(w, r, values.values.Get("subprotocol") == "any")
	if err != nil {
		return // accept has answered
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	d.keep(p.wire.Conn, cancel)
	defer d.forget(p.wire.Conn)
	err = p.converse(ctx, cancel, e, run)
	d.log.LogAttrs(ctx, slog.LevelDebug, "demo connection ended", slog.String("endpoint", name),
		slog.String("kind", string(s.kind)), slog.Any("error", err))
}

func accept(w http.ResponseWriter, r *http.Request, anySubprotocol bool) (*peer, error) {
	h := &hijacker{ResponseWriter: w}
	conn, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols:       subprotocol(r.Header, anySubprotocol),
		InsecureSkipVerify: true, // ownOrigin has looked
		CompressionMode:    websocket.CompressionNoContextTakeover,
	})
	if err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	conn.SetReadLimit(maxMessage)
	return &peer{conn: conn, wire: h.conn, request: r, split: strings.HasPrefix(r.URL.Path, "/v2/")}, nil
}

// subprotocol returns the first one offered that the demo speaks, or any.
func subprotocol(h http.Header, anyOne bool) []string {
	for _, line := range h.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(line, ",") {
			offered = strings.TrimSpace(offered)
			if anyOne || slices.Contains([]string{"duplex.demo", "chat", "json"}, offered) {
				return []string{offered}
			}
		}
	}
	return nil
}

// converse runs an endpoint, and a reader beside an endpoint that does not read itself.
// The first to end ends the other.
func (p *peer) converse(ctx context.Context, cancel context.CancelFunc, e endpoint, run script) error {
	read := make(chan struct{})
	p.inbox = make(chan message, queueSize)
	go func() {
		defer close(read)
		defer close(p.inbox)
		if e.input != direct {
			p.receive(ctx, e.input == queued)
			cancel()
		}
	}()
	err := run(ctx, p)
	cancel()
	_ = p.conn.CloseNow() // returns at once after a close handshake
	<-read
	return err
}

// receive reads until the peer is gone, so that pings are answered and a close is
// seen. It puts messages into the inbox, or drops them. When the inbox is full it
// stops reading, and the peer has to wait: nothing is lost.
func (p *peer) receive(ctx context.Context, keep bool) {
	for {
		opcode, payload, err := p.conn.Read(ctx)
		if err != nil {
			return
		}
		if !keep {
			continue
		}
		select {
		case p.inbox <- message{opcode, payload}:
		case <-ctx.Done():
			return
		}
	}
}

// send writes one message.
func (p *peer) send(ctx context.Context, m message) error {
	if !p.split || len(m.payload) <= frameBytes {
		return p.conn.Write(ctx, m.opcode, m.payload)
	}
	w, err := p.conn.Writer(ctx, m.opcode)
	if err != nil {
		return err
	}
	for frame := range slices.Chunk(m.payload, frameBytes) {
		if _, err := w.Write(frame); err != nil {
			return err
		}
	}
	return w.Close()
}

// pause waits, unless the connection ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
