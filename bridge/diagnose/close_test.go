package diagnose_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/frames"
)

// ending is a connection that a target ends, and the measurements of our side.
type ending struct {
	rule   string
	name   string
	action diagnose.Action
	peer   peer   // nil breaks the protocol
	raw    []byte // with these bytes; nil are reserved bits
	send   int    // bytes of the one message sent; 0 for none
	offer  []string
	seen   func(*diagnose.Closing) // durations and counts, as data
	said   map[string]string       // words and code of the service that lead the explanation; nil for any
	want   map[string]string
}

func closeStories() []story {
	var all []story
	for _, e := range endings() {
		all = append(all, story{rule: e.rule, name: e.name, action: e.action, want: e.want, said: e.said, facts: []string{"close_code", "open_for"}, happen: e.happen})
	}
	return all
}

// later sets the times of an ordinary session.
func later(c *diagnose.Closing) {
	c.OpenFor, c.Idle, c.SinceSent = 10*time.Minute, 10*time.Second, 11*time.Second
	c.Sent, c.Received, c.PingInterval = 9, 9, 20*time.Second
}

// failedBy is an ordinary session that ended because the target broke a rule.
func failedBy(rule frames.Rule) func(*diagnose.Closing) {
	return func(c *diagnose.Closing) {
		later(c)
		c.Err = &frames.RuleError{Rule: rule}
		c.Code = int((&frames.RuleError{Rule: rule}).Code())
	}
}

func endings() []ending {
	all := []ending{
		{rule: "interrupted", action: reconnect, peer: drop, seen: func(c *diagnose.Closing) {
			c.Interrupted = &diagnose.Interruption{At: time.Date(2026, 11, 29, 8, 30, 5, 0, time.UTC), Kept: 12}
		}, want: map[string]string{"last_message": "2026-11-29 08:30:05 UTC", "kept": "12"}},
		{rule: "interrupted_unsure", action: reconnect, peer: drop, seen: func(c *diagnose.Closing) {
			c.Interrupted = &diagnose.Interruption{At: time.Now(), Kept: 12, Unsure: 2, From: 9, To: 11}
		}, want: map[string]string{"unsure": "2", "from": "9", "to": "11"}},
		{rule: "not_recorded", peer: drop, seen: func(c *diagnose.Closing) { later(c); c.Code, c.ByUs, c.Unrecorded = 1011, true, true }},
		{rule: "ping_lost", action: reconnect, peer: drop, want: map[string]string{"pings_missed": "2"}, seen: func(c *diagnose.Closing) { later(c); c.PingsMissed, c.GaveUp = 2, true }},
		{rule: "host_vanished", action: reconnect, peer: drop, seen: func(c *diagnose.Closing) { later(c); c.Err = &net.OpError{Op: "read", Err: syscall.ETIMEDOUT} }},
		{rule: "message_too_large", action: diagnose.ActionEditSettings, peer: sendLarge, seen: func(c *diagnose.Closing) { c.Code, c.ByUs = 1009, true }},
		{rule: "engineio_session", peer: openEngine, seen: later},
		{rule: "target_broke_protocol", seen: later},
		{rule: "target_masks_frames", raw: []byte{0x81, 0x82, 1, 2, 3, 4, 'h', 'i'}, seen: later},
		{rule: "text_not_utf8", peer: drop, seen: failedBy(frames.UTF8)},
		{rule: "cannot_inflate", action: diagnose.ActionEditSettings, peer: drop, seen: failedBy(frames.Inflate)},
		{rule: "close_reason_not_utf8", peer: with(1000, "\xff"), seen: func(c *diagnose.Closing) { later(c); c.Err = &frames.RuleError{Rule: frames.CloseUTF8} }},
		{rule: "close_reason_not_utf8", name: "at once", peer: with(1000, "\xff\xfe"), seen: func(c *diagnose.Closing) { c.Err, c.Received = &frames.RuleError{Rule: frames.CloseUTF8}, 0 }},
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
		{rule: "closed_by_application", peer: with(4001, "blue"), seen: later, want: map[string]string{"close_code": "4001", "close_reason": "blue"}},
		{rule: "said_credential", name: "secret in the reason", action: edit, peer: with(4002, "bad token: "+secret), seen: later},
		{rule: "closed_idle_no_ping", name: "gateway of a few seconds", action: diagnose.ActionEditSettings, peer: drop, want: map[string]string{"idle": "7 s"}, seen: func(c *diagnose.Closing) {
			later(c)
			c.PingInterval, c.Idle, c.SinceSent = 0, 7*time.Second, 8*time.Second
		}},
		{rule: "closed_by_library", peer: with(3100, ""), seen: later},
		{rule: "closed_oddly", action: reconnect, peer: drop, seen: func(c *diagnose.Closing) { later(c); c.Code = 1015 }},
	}
	for code, action := range map[int]diagnose.Action{
		1002: "", 1003: "", 1007: "", 1008: edit, 1010: diagnose.ActionEditSettings, 1011: reconnect, 1012: reconnect, 1013: reconnect, 1014: reconnect,
	} {
		all = append(all, ending{rule: "closed_" + strconv.Itoa(code), action: action, peer: with(code, "because"), seen: later, want: map[string]string{"close_reason": "because"}})
	}
	return append(append(all, limited()...), spoken()...)
}

// limited are ends that a known limit of the service has caused, or an error that its dialect
// explains.
func limited() []ending {
	limits := diagnose.Limits{Message: 1000, Request: 40 * time.Second, Idle: 20 * time.Second, Session: time.Hour}
	seen := func(change func(*diagnose.Closing)) func(*diagnose.Closing) {
		return func(c *diagnose.Closing) {
			later(c)
			c.Limits = limits
			change(c)
		}
	}
	return []ending{
		{rule: "dialect_error", peer: with(1011, "NET-0001"), seen: func(c *diagnose.Closing) { later(c); c.Known = &diagnose.Known{} }, said: map[string]string{"words": "NET-0001"}},
		{rule: "limit_message", send: 10, peer: drop, want: map[string]string{"size": "2.0 kB", "limit_message": "1.0 kB"}, seen: func(c *diagnose.Closing) { c.LastSentSize, c.Limits = 2000, limits }},
		{rule: "limit_request", action: reconnect, peer: drop, want: map[string]string{"waiting": "40 s", "limit_request": "40 s"}, seen: seen(func(c *diagnose.Closing) { c.Waiting = 40 * time.Second })},
		{rule: "limit_request", name: "parts were answered", action: reconnect, peer: with(1000, ""), seen: seen(func(c *diagnose.Closing) { c.Waiting, c.Idle = 41*time.Second, time.Second })},
		{rule: "limit_idle", action: reconnect, peer: with(1011, "timeout"), want: map[string]string{"idle": "20 s", "limit_idle": "20 s"}, seen: seen(func(c *diagnose.Closing) { c.Idle = 20 * time.Second })},
		{rule: "limit_session", action: reconnect, peer: with(1008, ""), want: map[string]string{"open_for": "60 min", "limit_session": "60 min"}, seen: seen(func(c *diagnose.Closing) { c.OpenFor = time.Hour })},
		{rule: "closed_1006", name: "before any limit", action: reconnect, peer: drop, seen: seen(func(c *diagnose.Closing) { c.Waiting = 12 * time.Second })},
	}
}

// spoken are ends that the service explains itself: in its close reason, or in the
// last message before an ordinary close.
func spoken() []ending {
	lastly := func(kind websocket.MessageType, message string, code int, reason string) peer {
		return func(r *http.Request, conn *websocket.Conn, sent bool) {
			take(r, conn, sent)
			_ = conn.Write(r.Context(), kind, []byte(message))
			_ = conn.Close(websocket.StatusCode(code), reason)
		}
	}
	text := func(message string, code int) peer { return lastly(websocket.MessageText, message, code, "") }
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(`{"error":"Timeout waiting next packet"}`))
	_ = z.Close()
	said := func(words, code string) map[string]string { return map[string]string{"words": words, "code": code} }
	return []ending{
		{rule: "said_idle", name: "reason of 1011", action: reconnect, peer: with(1011, "NET-0001: no audio was received for 10 seconds"), seen: later, said: said("NET-0001: no audio was received for 10 seconds", "")},
		{rule: "said_credential", name: "reason of 4001", action: edit, peer: with(4001, "Not authorized. The provided access token is invalid."), seen: later, said: said("Not authorized. The provided access token is invalid.", "")},
		{rule: "said_credential", name: "reason of 1008", action: edit, peer: with(1008, "API key expired"), seen: later},
		{rule: "said_order", name: "reason of 1007", peer: with(1007, "setup must be first"), seen: later, said: said("setup must be first", "")},
		{rule: "said_failure", name: "reason of 1011", action: reconnect, peer: with(1011, "the model crashed"), seen: later, said: said("the model crashed", "")},
		{rule: "said_limit", name: "reason of 4029", action: reconnect, peer: with(4029, "Too many concurrent sessions"), seen: later},
		{rule: "said_idle", name: "reason of an ordinary close", action: reconnect, peer: with(1000, "session closed after 300 s of inactivity"), seen: later},
		{rule: "said_clock", name: "reason of 4003", peer: with(4003, "invalid timestamp in the signature"), seen: later},
		{rule: "said_request", name: "nothing sent", peer: with(4404, "model x not found"), seen: func(c *diagnose.Closing) { later(c); c.Sent = 0 }, said: said("model x not found", "")},
		{rule: "closed_1012", name: "restart", action: reconnect, peer: with(1012, "rolling restart"), seen: later, said: said("rolling restart", "")},
		{rule: "said_limit", name: "slow down", action: reconnect, peer: with(4429, "slow down"), seen: later},
		{rule: "said_otherwise", name: "marks of direction", action: reconnect, peer: text("{\"error\":\"abc \u202edcba\"}", 1000), seen: later, said: said("abc  dcba", "")},
		{rule: "said_message", name: "reason of 1003", peer: with(1003, "unsupported sample rate 44100"), seen: later},
		{rule: "closed_1013", name: "other words", action: reconnect, peer: with(1013, "come back"), seen: later, said: said("come back", "")},

		{rule: "said_idle", name: "code and message, then 1000", action: reconnect, peer: text(`{"code":4008,"message":"no audio for more than 15 seconds"}`, 1000), seen: later, said: said("no audio for more than 15 seconds", "4008")},
		{rule: "said_idle", name: "error in an object, then 1000", action: reconnect, peer: text(`{"type":"error","error":{"type":"invalid_request_error","code":"session_expired","message":"Your session hit the maximum duration, timed out."}}`, 1000), seen: later, said: said("Your session hit the maximum duration, timed out.", "session_expired")},
		{rule: "said_idle", name: "fatal error with a code, no status", action: reconnect, peer: text(`{"resp_type":"FATAL_ERROR","trace_id":"x","error_code":"SIS.0304","error_msg":"Timeout: no audio"}`, 1005), seen: later, said: said("Timeout: no audio", "SIS.0304")},
		{rule: "said_idle", name: "in a header, status as a code", action: reconnect, peer: text(`{"header":{"name":"TaskFailed","status":40000004,"status_text":"Gateway:IDLE_TIMEOUT:websocket is idle"}}`, 1000), seen: later, said: said("Gateway:IDLE_TIMEOUT:websocket is idle", "40000004")},
		{rule: "said_limit", name: "task failed", action: reconnect, peer: text(`{"header":{"event":"task-failed","error_code":"Throttling","error_message":"Requests rate limit exceeded"}}`, 1000), seen: later, said: said("Requests rate limit exceeded", "Throttling")},
		{rule: "said_otherwise", name: "words of no topic", action: reconnect, peer: text(`{"event":"error","message":"42 is not enough"}`, 1000), seen: later, said: said("42 is not enough", "")},
		{rule: "said_credential", name: "error as a text, with a weak reason", action: edit, peer: lastly(websocket.MessageText, `{"error":"invalid api key"}`, 1008, "policy"), seen: later, said: said("invalid api key", "")},
		{rule: "said_idle", name: "JSON behind a binary head", action: reconnect, peer: lastly(websocket.MessageBinary, "\x11\xf0\x10\x00\x00\x00\x00\x21"+`{"code":45000081,"message":"timeout waiting next packet"}`, 1000, ""), seen: later, said: said("timeout waiting next packet", "45000081")},
		{rule: "said_idle", name: "JSON in gzip", action: reconnect, peer: lastly(websocket.MessageBinary, "\x11\xf0\x11\x00"+zipped.String(), 1000, ""), seen: later, said: said("Timeout waiting next packet", "")},
	}
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

// happen opens the connection, sends, reads until it ends, and adds the measurements of a
// session.
func (e ending) happen(t *testing.T) diagnose.Evidence {
	t.Helper()
	address := serving(func(w http.ResponseWriter, r *http.Request) {
		if e.peer == nil {
			upgradeThen([]byte(cmp.Or(string(e.raw), "\xF2\x00")))(w, r) // RFC 6455 section 5.2
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
		if err := conn.Write(websocket.MessageText, bytes.Repeat([]byte("x"), e.send)); err != nil {
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

func readToEnd(t *testing.T, conn *dial.Conn, c *diagnose.Closing) {
	t.Helper()
	for c.Err == nil {
		_, payload, err := conn.ReadMessage()
		if err == nil {
			c.Received++
			c.FirstReceived = payload
			c.LastError, _ = diagnose.ErrorIn(payload)
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
		"closed by the target":      {peer: with(1000, "done"), seen: later},
		"target goes away":          {peer: with(1001, ""), seen: later},
		"closed by us":              {peer: with(1000, ""), seen: func(c *diagnose.Closing) { c.ByUs = true }},
		"last answer with a code":   {peer: lastText(`{"code":0,"message":"success"}`), seen: later},
		"last answer without error": {peer: lastText(`{"type":"response.done","error":null,"status":"completed"}`), seen: later},
		"last answer of status 200": {peer: lastText(`{"code":200,"message":"finished","data":{"errors":[]}}`), seen: later},
		"last answer about errors":  {peer: lastText(`{"type":"delta","text":"an error is a failure"}`), seen: later},
		"last answer not JSON":      {peer: lastText(`error: none`), seen: later},
		"answered large message":    {send: 10, peer: lastText("ok"), seen: func(c *diagnose.Closing) { c.LastSentSize, c.SinceSent, c.Idle = 14<<20, 2*time.Second, 0 }},
		"drained":                   {peer: with(1001, ""), seen: func(c *diagnose.Closing) { later(c); c.ByUs = true }},
		"closed by us, no answer":   {peer: drop, seen: func(c *diagnose.Closing) { later(c); c.ByUs = true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if finding, ok := diagnose.Explain(e.happen(t)); ok {
				t.Errorf("explained as %s", finding.Rule)
			}
		})
	}
}

func lastText(message string) peer {
	return func(r *http.Request, conn *websocket.Conn, sent bool) {
		take(r, conn, sent)
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(message))
		_ = conn.Close(websocket.StatusNormalClosure, "")
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

func FuzzErrorIn(f *testing.F) {
	for _, seed := range []string{
		`{"code":4008,"message":"no audio"}`, `{"type":"error","error":{"code":"x","message":"y"}}`, `[{"error":"z"}]`,
		"\x11\xf0\x10\x00{\"error_code\":\"SIS.0304\",\"error_msg\":\"late\"}", "\x1f\x8b\x08", `{"header":{"header":{"header":{"error":"deep"}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		found, ok := diagnose.ErrorIn(payload)
		if ok != (found.Words != "") {
			t.Errorf("found %v: %+v", ok, found)
		}
	})
}
