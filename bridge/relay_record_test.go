package bridge_test

import (
	"context"
	"fmt"
	"strings"
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

// Messages that come together are stored together. Each is in the log with its own seq, and
// passes.
func TestRecordedRelayKeepsEachOfManyMessagesThatComeTogether(t *testing.T) {
	t.Parallel()
	type message struct {
		opcode  byte
		payload string
	}
	var all []message
	var lump []byte
	for i := range 3000 {
		m := message{binOp, fmt.Sprint("m", i)}
		switch {
		case i%100 == 7:
			m.payload = strings.Repeat("large ", 50)
		case i%100 == 8:
			m.payload = ""
		case i%1000 < 600:
			m.opcode = textOp
		}
		all, lump = append(all, m), append(lump, frame(final|m.opcode, m.payload)...)
	}
	browser, m, ran := rawRelay(t, true, func(c *rawConn) {
		c.say(lump, closeFrame(1000, ""))
		c.drain()
	})
	for i, want := range all {
		if opcode, payload := browser.hear(); opcode != want.opcode || string(payload) != want.payload {
			t.Fatalf("the browser got %d %q as message %d, want %d %q", opcode, payload, i, want.opcode, want.payload)
		}
	}
	_, closing := heard(browser)
	browser.say(masked(frame(closes, string(closing))))
	t.Log("ended with", <-ran)
	log := m.log("s1")
	if len(log) != len(all)+2 {
		t.Fatalf("the log has %d messages, want %d between two events", len(log), len(all))
	}
	for i, want := range all {
		got, opcode := &log[i+1], map[byte]transcript.Opcode{textOp: transcript.Text, binOp: transcript.Binary}[want.opcode]
		if got.Seq != int64(i)+2 || got.Opcode != opcode || string(got.Payload) != want.payload {
			t.Fatalf("message %d is %+v, want %q", i, got, want.payload)
		}
	}
	if received := m.ending("s1"); !received.Clean {
		t.Errorf("the ending is %+v", received)
	}
}
