package diagnose_test

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/target"
)

// ending is a connection that a target ends, and what our side measured.
type ending struct {
	rule   string
	name   string
	action diagnose.Action
	peer   peer // nil breaks the protocol
	send   int  // bytes of the one message sent; 0 for none
	offer  []string
	seen   func(*diagnose.Closing) // durations and counts, as data
	want   map[string]string
}

func closeStories() []story {
	var all []story
	for _, e := range endings() {
		all = append(all, story{rule: e.rule, name: e.name, action: e.action, want: e.want, facts: []string{"close_code", "open_for"}, happen: e.happen})
	}
	return all
}

// later is a session in its normal course: nothing odd in its times.
func later(c *diagnose.Closing) {
	c.OpenFor, c.Idle, c.SinceSent = 10*time.Minute, 10*time.Second, 11*time.Second
	c.Sent, c.Received, c.PingInterval = 9, 9, 20*time.Second
}

func endings() []ending {
	all := []ending{
		{rule: "ping_lost", action: reconnect, peer: drop, want: map[string]string{"pings_missed": "2"}, seen: func(c *diagnose.Closing) { later(c); c.PingsMissed = 2 }},
		{rule: "message_too_large", action: diagnose.ActionEditSettings, peer: sendLarge, seen: func(c *diagnose.Closing) { c.Code, c.ByUs = 1009, true }},
		{rule: "engineio_session", peer: openEngine, seen: later},
		{rule: "target_broke_protocol", seen: later},
		{rule: "closed_1009", send: 2000, peer: takeAtMost(1000), want: map[string]string{"size": "2.0 kB"}},
		{rule: "closed_after_large_message", send: 10, peer: drop, want: map[string]string{"size": "13.0 MB"}, seen: func(c *diagnose.Closing) { c.LastSentSize = 13_000_000 }},
		{rule: "subprotocol_not_chosen", action: diagnose.ActionEditSettings, offer: []string{"chat.v1"}, peer: with(1002, ""), want: map[string]string{"offered": "chat.v1"}},
		{rule: "closed_at_once", action: reconnect, peer: drop},
		{rule: "closed_after_first_message", send: 10, peer: with(1000, "")},
		{rule: "closed_after_first_message", name: "dropped", send: 10, peer: drop},
		{rule: "closed_after_40s", action: reconnect, send: 10, peer: drop, seen: func(c *diagnose.Closing) {
			later(c)
			c.SinceSent, c.Idle = 40*time.Second, 40*time.Second
		}, want: map[string]string{"since_sent": "40 s"}},
		{rule: "closed_idle_no_ping", action: diagnose.ActionEditSettings, peer: drop, seen: func(c *diagnose.Closing) {
			later(c)
			c.PingInterval, c.Idle, c.SinceSent = 0, time.Minute, 2*time.Minute
		}},
		{rule: "closed_1006", action: reconnect, peer: drop, seen: later},
		{rule: "closed_unauthorized", action: edit, peer: with(4401, "unauthorized"), seen: later},
		{rule: "closed_by_application", peer: with(4001, "quota"), seen: later, want: map[string]string{"close_code": "4001", "close_reason": "quota"}},
		{rule: "closed_by_application", name: "secret in the reason", peer: with(4002, "bad token: "+secret), seen: later},
		{rule: "closed_by_library", peer: with(3100, ""), seen: later},
		{rule: "closed_oddly", action: reconnect, peer: drop, seen: func(c *diagnose.Closing) { later(c); c.Code = 1015 }},
	}
	for code, action := range map[int]diagnose.Action{
		1002: "", 1003: "", 1007: "", 1008: edit, 1010: diagnose.ActionEditSettings, 1011: reconnect, 1012: reconnect, 1013: reconnect, 1014: reconnect,
	} {
		all = append(all, ending{rule: "closed_" + strconv.Itoa(code), action: action, peer: with(code, "because"), seen: later, want: map[string]string{"close_reason": "because"}})
	}
	return all
}

// peer is a target's side of a connection: it reads the message that was sent, if
// one was, and ends the connection in its way.
type peer func(r *http.Request, conn *websocket.Conn, sent bool)

func take(r *http.Request, conn *websocket.Conn, sent bool) {
	if sent {
		_, _, _ = conn.Read(r.Context())
	}
}

func drop(r *http.Request, conn *websocket.Conn, sent bool) {
	take(r, conn, sent)
	_ = conn.CloseNow()
}

func with(code int, reason string) peer {
	return func(r *http.Request, conn *websocket.Conn, sent bool) {
		take(r, conn, sent)
		_ = conn.Close(websocket.StatusCode(code), reason)
	}
}

func takeAtMost(limit int64) peer {
	return func(r *http.Request, conn *websocket.Conn, sent bool) {
		conn.SetReadLimit(limit)
		take(r, conn, sent)
	}
}

func sendLarge(r *http.Request, conn *websocket.Conn, _ bool) {
	_ = conn.Write(r.Context(), websocket.MessageBinary, make([]byte, 2<<20))
	_, _, _ = conn.Read(r.Context())
}

func openEngine(r *http.Request, conn *websocket.Conn, _ bool) {
	_ = conn.Write(r.Context(), websocket.MessageText, []byte(`0{"sid":"q","pingInterval":25000}`))
	_ = conn.CloseNow()
}

// happen opens the connection, sends, reads until it ends, and fills in what a
// session would have measured.
func (e ending) happen(t *testing.T) diagnose.Evidence {
	t.Helper()
	address := serving(func(w http.ResponseWriter, r *http.Request) {
		if e.peer == nil {
			upgradeThen([]byte{0xF2, 0x00})(w, r) // reserved bits, RFC 6455 section 5.2
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		e.peer(r, conn, e.send > 0)
	})(t)
	conn, evidence := open(t, address, subprotocols(e.offer...))
	if evidence.Err != nil {
		t.Fatal(evidence.Err)
	}
	defer func() { _ = conn.CloseNow() }()
	closing := &diagnose.Closing{LastSentSize: int64(e.send)}
	if e.send > 0 {
		if err := conn.Write(t.Context(), websocket.MessageText, bytes.Repeat([]byte("x"), e.send)); err != nil {
			t.Fatal(err)
		}
		closing.Sent = 1
	}
	readToEnd(t, conn, closing)
	if e.seen != nil {
		e.seen(closing)
	}
	evidence.Closing = closing
	return evidence
}

func readToEnd(t *testing.T, conn *target.Conn, c *diagnose.Closing) {
	t.Helper()
	for c.Err == nil {
		_, payload, err := conn.Read(t.Context())
		if err == nil {
			c.Received++
			c.FirstReceived = payload
		}
		c.Err = err
	}
	c.Code = int(websocket.StatusAbnormalClosure)
	if frame, ok := errors.AsType[websocket.CloseError](c.Err); ok {
		c.Code, c.Reason, c.Clean = int(frame.Code), frame.Reason, true
	}
}

func TestUsualEndsNeedNoExplanation(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]ending{
		"closed by the target":    {peer: with(1000, "done"), seen: later},
		"target goes away":        {peer: with(1001, ""), seen: later},
		"closed by us":            {peer: with(1000, ""), seen: func(c *diagnose.Closing) { c.ByUs = true }},
		"drained":                 {peer: with(1001, ""), seen: func(c *diagnose.Closing) { later(c); c.ByUs = true }},
		"closed by us, no answer": {peer: drop, seen: func(c *diagnose.Closing) { later(c); c.ByUs = true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if finding, ok := diagnose.Explain(e.happen(t)); ok {
				t.Errorf("explained as %s", finding.Rule)
			}
		})
	}
}

func TestOpenConnectionNeedsNoExplanation(t *testing.T) {
	t.Parallel()
	conn, evidence := open(t, serving(acceptWebSocket)(t))
	if evidence.Err != nil {
		t.Fatal(evidence.Err)
	}
	defer func() { _ = conn.CloseNow() }()
	if finding, ok := diagnose.Explain(evidence); ok {
		t.Errorf("explained as %s", finding.Rule)
	}
}
