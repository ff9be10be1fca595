package bridge_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

// A recorded relay passes no message before it is in the log, and loses none while the store
// is away.
func TestRecordedRelayStoresBeforeItPassesOn(t *testing.T) {
	t.Parallel()
	m := newMemory()
	const total = 500
	atTarget := make(chan string, total)
	browser, ran := relayed(t, newHub(t, m, 0), bridge.RelayRequest{OpenRequest: request(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		for i := range total { // it sends first, without waiting for the browser
			if conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "down %d", i)) != nil {
				return
			}
		}
		for {
			_, payload, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if !holds(m.log("s1"), string(payload)) {
				t.Errorf("the target got %q before it was stored", payload)
			}
			atTarget <- string(payload)
		}
	})), Record: true})
	m.failWith(errAway)
	go func() {
		<-time.After(300 * time.Millisecond)
		m.failWith(nil)
	}()
	for i := range total {
		if err := browser.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, "up %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range total {
		_, payload, err := browser.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !holds(m.log("s1"), string(payload)) {
			t.Fatalf("the browser got %q before it was stored", payload)
		}
		if want := fmt.Sprintf("down %d", i); string(payload) != want {
			t.Fatalf("the browser got %q in place of %q", payload, want)
		}
		if got, want := <-atTarget, fmt.Sprintf("up %d", i); got != want {
			t.Fatalf("the target got %q in place of %q", got, want)
		}
	}
	if err := browser.Close(1000, ""); err != nil {
		t.Error(err)
	}
	if err := <-ran; err != nil {
		t.Error(err)
	}
	counts := map[transcript.Direction]int{}
	for _, message := range m.log("s1") {
		counts[message.Direction]++
	}
	if counts[transcript.Sent] != total || counts[transcript.Received] != total {
		t.Errorf("log holds %v", counts)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := m.delivered["s1"]; m.messages["s1"][last-1].Direction != transcript.Sent {
		t.Errorf("delivered up to %d", last)
	}
}
