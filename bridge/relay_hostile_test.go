package bridge_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
)

func relayHub(t *testing.T) *bridge.Hub {
	t.Helper()
	h := newHub(t, newMemory(), 0)
	h.CloseWait = hostileWait
	return h
}

func TestRelayCarriesLargeMessagesAndFragmentsAmongPings(t *testing.T) {
	const size = 12 << 20
	half := bytes.Repeat([]byte{7}, size/2)
	browser, ran := relayed(t, relayHub(t), bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", func(c *rawConn) {
		go c.drain()
		c.say(frame(binOp, string(half)), frame(ping, "in between"), frame(final|more, string(half)), frame(textOp, "na"),
			frame(ping, ""), frame(more, ""), frame(final|more, "me"), closeFrame(4000, "all"))
		<-t.Context().Done()
	}))})
	for _, want := range [][]byte{append(bytes.Clone(half), half...), []byte("name")} {
		if _, got, err := browser.Read(t.Context()); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d: %v", len(got), len(want), err)
		}
	}
	if _, _, err := browser.Read(t.Context()); websocket.CloseStatus(err) != 4000 {
		t.Errorf("the browser saw %v", err)
	}
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

func TestRelayCarriesTwelveMegabytesBothWays(t *testing.T) {
	h := relayHub(t)
	browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, peer(t, echo))})
	payload := bytes.Repeat([]byte("0123456789abcdef"), 12<<16)
	wrote := make(chan error, 1)
	go func() { wrote <- browser.Write(t.Context(), websocket.MessageBinary, payload) }()
	if _, got, err := browser.Read(t.Context()); err != nil || !bytes.Equal(got, payload) {
		t.Errorf("%d bytes came back: %v", len(got), err)
	}
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	_ = browser.Close(1000, "")
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

func TestRelayEndsWhenOneSideDies(t *testing.T) {
	tests := []struct {
		name    string
		target  func(*rawConn)
		browser func(*testing.T, *websocket.Conn)
	}{
		{"target cut", func(*rawConn) {}, readOn},
		{"target reset within a message", func(c *rawConn) {
			c.say(header(final|binOp, 9000), make([]byte, 4096))
			_ = c.SetLinger(0)
			_ = c.Close()
		}, readOn},
		{"target breaks the protocol", func(c *rawConn) { c.say(frame(final|3, "x")); c.drain() }, readOn},
		{"target mute at the end", func(c *rawConn) { c.drain() }, func(_ *testing.T, b *websocket.Conn) { _ = b.Close(1000, "") }},
		{"browser cut", func(c *rawConn) { c.drain() }, func(_ *testing.T, b *websocket.Conn) { _ = b.CloseNow() }},
		{
			"browser cut while the target floods", func(c *rawConn) { c.flood(frame(final|textOp, "again")) },
			func(_ *testing.T, b *websocket.Conn) { _ = b.CloseNow() },
		},
		{"browser cut while the target does not read", nil, func(t *testing.T, b *websocket.Conn) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			for b.Write(ctx, websocket.MessageBinary, make([]byte, 1<<20)) == nil { // until everything is full
			}
			_ = b.CloseNow() // the end of a context between two writes does not close it
		}},
	}
	for _, tt := range tests {
		for _, recorded := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				serve := tt.target
				if serve == nil {
					serve = func(*rawConn) { <-t.Context().Done() }
				}
				h := relayHub(t)
				r := bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", serve)), Record: recorded}
				r.PingInterval = 50 * time.Millisecond
				browser, ran := relayed(t, h, r)
				tt.browser(t, browser)
				t.Log("ended with", <-ran)
				if left := h.Sessions(); len(left) != 0 {
					t.Errorf("%d relays are left", len(left))
				}
			})
		}
	}
}

// readOn reads until the relay ends the connection, and expects no whole message: a cut message
// must not be passed on as a complete one.
func readOn(t *testing.T, b *websocket.Conn) {
	t.Helper()
	for {
		_, got, err := b.Read(t.Context())
		if err != nil {
			return
		}
		t.Errorf("the browser got a message of %d bytes", len(got))
	}
}

func TestAbandonedRelayIsForgotten(t *testing.T) {
	for name, serve := range map[string]func(*rawConn){
		"answers": func(c *rawConn) {
			code, reason := c.hearClose()
			c.say(closeFrame(uint16(code), reason))
		},
		"mute":                 func(c *rawConn) { c.drain() },
		"within a message":     func(c *rawConn) { c.say(header(final|binOp, 1<<30), make([]byte, 1000)); c.drain() },
		"floods":               func(c *rawConn) { c.flood(frame(final|textOp, "again")) },
		"says something first": func(c *rawConn) { c.say(frame(final|textOp, "hello")); c.drain() },
	} {
		t.Run(name, func(t *testing.T) {
			h := relayHub(t)
			relay, err := h.Relay(t.Context(), bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", serve))})
			if err != nil {
				t.Fatal(err)
			}
			relay.Abandon()
			if left := h.Sessions(); len(left) != 0 {
				t.Errorf("%d relays are left", len(left))
			}
		})
	}
}

func TestDrainEndsBusyRelays(t *testing.T) {
	before := runtime.NumGoroutine()
	h := relayHub(t)
	browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", func(c *rawConn) {
		go c.drain()
		c.flood(frame(final|textOp, "again"))
	}))})
	go func() { // reads and writes
		for browser.Write(context.Background(), websocket.MessageText, []byte("me too")) == nil {
		}
	}()
	go func() {
		for {
			if _, r, err := browser.Reader(context.Background()); err != nil {
				return
			} else if _, err := io.Copy(io.Discard, r); err != nil {
				return
			}
		}
	}()
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log("ended with", <-ran)
	_ = browser.CloseNow()
	settle(t, func() bool { return runtime.NumGoroutine() <= before+6 })
	if n := runtime.NumGoroutine(); n > before+6 { // this test has two listeners
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// The target closes while the browser is in the middle of a message that never ends.
func TestRelayEndsWithABrowserThatStopsWithinAMessage(t *testing.T) {
	h := relayHub(t)
	half := make(chan struct{})
	address, ran := relayServer(t, h, bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", func(c *rawConn) {
		<-half
		c.say(closeFrame(1000, ""))
		c.drain()
	}))})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "ws://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	handshake := "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	start := header(final|binOp, 1<<20)
	start[1] |= 0x80
	_, _ = conn.Write(append(append([]byte(handshake), start...), make([]byte, 4+1000)...))
	answer := bufio.NewReader(conn)
	if _, err := answer.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	close(half)
	for b, err := answer.ReadByte(); b != 0x88; b, err = answer.ReadByte() { // the relay passes the close frame on
		if err != nil {
			t.Fatal(err)
		}
	}
	_, _ = conn.Write(make([]byte, 64<<10)) // one read gets on, and the close handshake has its turn
	t.Log("ended with", <-ran)
}
