package demo

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

// prepareEcho sends each message back, byte for byte and with its opcode.
func prepareEcho(*Demo, *params) script { return echo }

func echo(ctx context.Context, p *peer) error {
	for {
		opcode, payload, err := p.conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := p.send(ctx, message{opcode, payload}); err != nil {
			return err
		}
	}
}

// prepareHeaders sends the peer its handshake as it arrived, and then echoes.
func prepareHeaders(*Demo, *params) script {
	return func(ctx context.Context, p *peer) error {
		payload, err := json.MarshalIndent(handshakeOf(p.request), "", "  ")
		if err != nil {
			return err
		}
		if err := p.send(ctx, message{websocket.MessageText, payload}); err != nil {
			return err
		}
		return echo(ctx, p)
	}
}

type handshake struct {
	Method  string      `json:"method"`
	Target  string      `json:"target"` // as on the wire
	Host    string      `json:"host"`
	Headers []headerRow `json:"headers"` // by name, in Go's spelling: the server keeps no other
}

type headerRow struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func handshakeOf(r *http.Request) handshake {
	seen := handshake{Method: r.Method, Target: r.RequestURI, Host: r.Host}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			seen.Headers = append(seen.Headers, headerRow{name, value})
		}
	}
	return seen
}

// prepareSlow echoes after delay_ms. When that is longer than timeout_ms, which is
// 40 s at ModelArts, the gateway gives up on the service and closes with 1011.
func prepareSlow(_ *Demo, q *params) script {
	const longest = 2 * 60 * 60 * 1000 // the longest setting of new services, in ms
	delay := time.Duration(q.number("delay_ms", 2000, 0, longest)) * time.Millisecond
	timeout := time.Duration(q.number("timeout_ms", 40_000, 1, longest)) * time.Millisecond
	return func(ctx context.Context, p *peer) error {
		for m := range p.inbox {
			if err := pause(ctx, min(delay, timeout)); err != nil {
				return err
			}
			if delay > timeout {
				return p.conn.Close(websocket.StatusInternalError, "backend timeout")
			}
			if err := p.send(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}
}

// prepareClose closes with code and reason after so many messages. 1006 is no close
// frame at all: the connection is cut. 1005 is a close frame without a code.
func prepareClose(_ *Demo, q *params) script {
	code := websocket.StatusCode(q.number("code", 1000, 1000, 4999))
	reason, after := q.values.Get("reason"), q.number("after", 0, 0, 1_000_000)
	if len(reason) > 123 {
		q.refuse("query parameter reason is longer than 123 bytes")
	}
	if !sendable(code) {
		q.refuse("query parameter code is none that a peer can see")
	}
	return func(ctx context.Context, p *peer) error {
		for range after {
			if _, _, err := p.conn.Read(ctx); err != nil {
				return err
			}
		}
		if code == websocket.StatusAbnormalClosure {
			return p.conn.CloseNow()
		}
		return p.conn.Close(code, reason)
	}
}

// sendable excludes the codes that RFC 6455 section 7.4 reserves; 1005 and 1006 are
// produced by sending no close frame.
func sendable(code websocket.StatusCode) bool {
	return code != 1004 && code != websocket.StatusTLSHandshake && (code <= 1014 || code >= 3000)
}
