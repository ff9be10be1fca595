package bridge_test

import (
	"context"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
)

// BenchmarkDialect compares tokens that a service pushes: read directly, into a session
// without a dialect, and into one whose dialect joins them. The three take turns in one run;
// the ratios are of the time.
func BenchmarkDialect(b *testing.B) {
	const count = 20_000
	token := []byte(`{"object":"chat.completion.chunk","id":"chatcmpl-123","model":"demo","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}`)
	push := func(ctx context.Context, conn *websocket.Conn) {
		for range count {
			if conn.Write(ctx, websocket.MessageText, token) != nil {
				return
			}
		}
		quiet(ctx, conn)
	}
	watch := func(s *bridge.Session) {
		c := s.Watch(bridge.Viewer{ID: "v"}, 0)
		await(b, c, count+1)
		c.Close()
	}
	var direct, without, with time.Duration
	for b.Loop() {
		address := peer(b, push)
		direct += timed(func() {
			conn, _, err := websocket.Dial(b.Context(), address, nil)
			drain(b, conn, err, count)
		})
		h := newHub(b, newMemory(), 0)
		without += timed(func() { watch(open(b, h, address)) })
		var s *bridge.Session
		with += timed(func() {
			s = speak(b, h, address, `receive: {label: "$.object", text: {path: "$.choices[0].delta.content"}, done: {"$.choices[0].finish_reason": "*"}}`)
			watch(s)
		})
		if turns, _ := s.Turns(0); len(turns) != 1 || len(turns[0].Text.Answer) != count*len(" token") {
			b.Fatalf("%d turns", len(turns))
		}
	}
	b.ReportMetric(count*float64(b.N)/with.Seconds(), "with-msg/s")
	b.ReportMetric(count*float64(b.N)/without.Seconds(), "without-msg/s")
	b.ReportMetric(without.Seconds()/direct.Seconds(), "without/direct")
	b.ReportMetric(with.Seconds()/direct.Seconds(), "with/direct")
}
