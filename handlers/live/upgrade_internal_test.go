package live

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// A message may come together with the handshake.
func TestSocketReadsWhatCameWithTheHandshake(t *testing.T) {
	want := bytes.Repeat([]byte("x"), 2<<10)
	got := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := acceptSocket(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_, payload, err := conn.ReadMessage()
		if err != nil {
			t.Error(err)
		}
		got <- payload
	}))
	defer server.Close()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	frame := append([]byte{0x82, 0x80 | 126, byte(len(want) >> 8), byte(len(want)), 0, 0, 0, 0}, want...) // masked with zeros
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+string(frame)); err != nil {
		t.Fatal(err)
	}
	select {
	case payload := <-got:
		if !bytes.Equal(payload, want) {
			t.Errorf("%d bytes of %d came", len(payload), len(want))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the message did not come")
	}
}

// The context of a socket ends with the process, not with the request, and still names the
// person and the request in both logs.
func TestLastingContextOutlivesItsRequest(t *testing.T) {
	life, end := context.WithCancel(t.Context())
	defer end()
	request, over := context.WithCancel(WithLife(life))
	request = context.WithValue(identity.With(request, identity.Person{ID: "p"}), reply.RequestKey{}, reply.Request{ID: "r"})
	ctx := lasting(request)
	over()
	if ctx.Err() != nil || identity.Of(ctx).ID != "p" || reply.RequestOf(ctx).ID != "r" {
		t.Errorf("%v, %+v, %+v", ctx.Err(), identity.Of(ctx), reply.RequestOf(ctx))
	}
	if end(); ctx.Err() == nil {
		t.Error("it outlives the process")
	}
}
