package bridge_test

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
)

// BenchmarkPush compares messages of 128 B that a target pushes: read directly,
// through a relay, and into a session with a viewer. The three take turns in one run; each
// figure is the time divided by that of direct reading.
func BenchmarkPush(b *testing.B) {
	const count = 20_000
	payload := bytes.Repeat([]byte("x"), 128)
	push := func(ctx context.Context, conn *websocket.Conn) {
		for range count {
			if conn.Write(ctx, websocket.MessageBinary, payload) != nil {
				return
			}
		}
		quiet(ctx, conn)
	}
	var direct, relay, session time.Duration
	for b.Loop() {
		address := peer(b, push)
		direct += timed(func() {
			conn, _, err := websocket.Dial(b.Context(), address, nil)
			drain(b, conn, err, count)
		})
		h := newHub(b, newMemory(), 0)
		relay += timed(func() {
			conn, _ := relayed(b, h, bridge.RelayRequest{OpenRequest: request(b, address)})
			drain(b, conn, nil, count)
		})
		session += timed(func() {
			s := open(b, h, address)
			c := s.Watch(bridge.Viewer{ID: "v"}, 0)
			await(b, c, count+1)
			c.Close()
		})
	}
	b.ReportMetric(count*float64(b.N)/direct.Seconds(), "direct-msg/s")
	b.ReportMetric(relay.Seconds()/direct.Seconds(), "relay/direct")
	b.ReportMetric(session.Seconds()/direct.Seconds(), "session/direct")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func drain(b *testing.B, conn *websocket.Conn, err error, count int) {
	b.Helper()
	for range count {
		if err != nil {
			b.Fatal(err)
		}
		_, _, err = conn.Read(b.Context())
	}
	_ = conn.CloseNow()
}

// BenchmarkIdle compares the memory of a session that waits, with its target in the same
// process, with that of a bare connection to the same target.
func BenchmarkIdle(b *testing.B) {
	const count = 500
	var bare, session int64
	for b.Loop() {
		address := peer(b, quiet)
		bare += held(func() {
			for range count {
				conn, _, err := websocket.Dial(b.Context(), address, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { _ = conn.CloseNow() })
			}
		})
		h := newHub(b, newMemory(), time.Hour)
		session += held(func() {
			for range count {
				open(b, h, address)
			}
		})
	}
	all := float64(b.N) * count * 1024
	b.ReportMetric(float64(bare)/all, "bare-KiB")
	b.ReportMetric(float64(session)/all, "session-KiB")
	b.ReportMetric(float64(session)/float64(bare), "session/bare")
}

// held returns how much memory in use f leaves behind.
func held(f func()) int64 {
	inUse := func() int64 {
		runtime.GC()
		runtime.GC() // pools are emptied by the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse + m.StackInuse)
	}
	before := inUse()
	f()
	return inUse() - before
}
