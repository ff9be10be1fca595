package demo_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestTickerPushesExactlyWhatWasAskedFor(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct{ rate, size, count int }{
		{0, 128, 5000}, {0, 32, 2500}, {1000, 33, 50}, {0, 62, 10}, {0, 70_000, 20}, {100_000, 128, 3000}, {1, 128, 1},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			conn := r.open(t, fmt.Sprintf("ticker?rate=%d&size=%d&count=%d", tt.rate, tt.size, tt.count))
			for seq := 1; seq <= tt.count; seq++ {
				opcode, payload := read(t, conn)
				var tick struct{ Seq int }
				if err := json.Unmarshal(payload, &tick); err != nil || tick.Seq != seq || len(payload) != tt.size || opcode != websocket.MessageText {
					t.Fatalf("message %d is %d bytes of %v: %.80s: %v", seq, len(payload), opcode, payload, err)
				}
			}
			if got, err := closing(t, conn); err != nil || got.Code != websocket.StatusNormalClosure {
				t.Errorf("after the last: %+v, %v", got, err)
			}
		})
	}
}

func TestTickerAnswersPingsWhileItPushes(t *testing.T) {
	r := newRig(t)
	for _, query := range []string{"?rate=0", "?rate=1", "?opcode=binary&rate=1000"} {
		conn := r.open(t, "ticker"+query)
		go func() { // ends with the connection
			for {
				if _, _, err := conn.Read(t.Context()); err != nil {
					return
				}
			}
		}()
		write(t, conn, websocket.MessageText, []byte("whatever else arrives"))
		if err := conn.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		_ = conn.CloseNow()
	}
}

func TestTickerTakesTheOpcode(t *testing.T) {
	r := newRig(t)
	if opcode, _ := read(t, r.open(t, "ticker?opcode=binary")); opcode != websocket.MessageBinary {
		t.Errorf("opcode %v", opcode)
	}
}

// BenchmarkTicker measures one connection over loopback with both ends and their
// parsing.
func BenchmarkTicker(b *testing.B) {
	r := newRig(b)
	conn, _, err := websocket.Dial(b.Context(), r.server.URL+demo.Path(sign.KindNone, "ticker?rate=0&size=128"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	b.SetBytes(128)
	for b.Loop() {
		if _, _, err := conn.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
