package bridge_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/testkit"
)

// No connection over TLS is lost, and no message: those that come with the handshake, in
// records of any size, and while both sides write.
func TestRelayOverTLSLosesNothing(t *testing.T) {
	t.Parallel()
	const messages = 40
	connections := testkit.Pick(30, 100, 100)
	size := func(i int) int { return []int{0, 1, 125, 126, 4000, 16 << 10, 64<<10 + 1, 200_000}[i%8] }
	target := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + acceptKey(r.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"
		early := answer + string(frame(final|textOp, "early")) + string(frame(ping, "p"))
		if _, err := io.WriteString(conn, early+string(frame(final|textOp, "too")[:3])); err != nil {
			return
		}
		rest := frame(final|textOp, "too")[3:]
		for _, b := range rest { // a record for each byte
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
		}
		for peer := (&rawConn{r: rw.Reader}); ; {
			first, payload := peer.hearFrame()
			if payload == nil {
				return
			}
			if first&0x0f > 8 { // a pong
				continue
			}
			if _, err := conn.Write(frame(first, string(payload))); err != nil || first == closes {
				return
			}
		}
	}))
	target.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	target.StartTLS()
	t.Cleanup(target.Close)
	for _, recorded := range []bool{false, true} {
		h := newHub(t, newMemory(), 0)
		r := bridge.RelayRequest{OpenRequest: request(t, "wss"+strings.TrimPrefix(target.URL, "https")), Record: recorded}
		r.Target.SkipVerify = true
		server := serveRelays(t, h, r, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
		talk := func() error {
			browser, _, err := websocket.Dial(t.Context(), server, nil)
			if err != nil {
				return err
			}
			defer func() { _ = browser.CloseNow() }()
			browser.SetReadLimit(-1)
			wrote := make(chan error, 1)
			go func() {
				for i := range messages {
					if err := browser.Write(t.Context(), websocket.MessageBinary, bytes.Repeat([]byte{byte(i)}, size(i))); err != nil {
						wrote <- err
						return
					}
				}
				wrote <- nil
			}()
			want := [][]byte{[]byte("early"), []byte("too")}
			for i := range messages {
				want = append(want, bytes.Repeat([]byte{byte(i)}, size(i)))
			}
			for i, w := range want {
				if _, got, err := browser.Read(t.Context()); err != nil || !bytes.Equal(got, w) {
					return fmt.Errorf("message %d has %d bytes, want %d: %w", i, len(got), len(w), err)
				}
			}
			if err := <-wrote; err != nil {
				return err
			}
			return browser.Close(4000, "done")
		}
		var all sync.WaitGroup
		next := make(chan struct{}, connections)
		for range connections {
			next <- struct{}{}
		}
		close(next)
		for range 10 {
			all.Go(func() {
				for range next {
					if err := talk(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	}
}
