package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// BenchmarkSocketToViewer sends 100 messages a second, each with its time, to a bare WebSocket
// and to a session with a viewer, at the same time. It compares how old they arrive.
func BenchmarkSocketToViewer(b *testing.B) {
	const count = 300
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pushTimes(w, r, count) }))
	defer target.Close()
	address := "ws" + strings.TrimPrefix(target.URL, "http")
	p := startProgram(b)
	var bare, viewed []time.Duration
	for b.Loop() {
		var both sync.WaitGroup
		both.Go(func() {
			conn, _, err := websocket.Dial(b.Context(), address, nil)
			for range count {
				var raw []byte
				if err == nil {
					_, raw, err = conn.Read(b.Context())
				}
				if err != nil {
					b.Error(err)
					return
				}
				bare = append(bare, age(string(raw)))
			}
			_ = conn.CloseNow()
		})
		v := p.attach(p.open(object{"address": address}).ID, 0)
		for got := 0; got < count; {
			e, err := v.next()
			if err != nil {
				b.Fatal(err)
			}
			for _, row := range e.Rows {
				if row.Direction == "received" {
					viewed, got = append(viewed, age(row.Preview)), got+1
				}
			}
		}
		both.Wait()
	}
	for name, share := range map[string]float64{"p50": 0.5, "p99": 0.99} {
		direct, ours := quantile(bare, share), quantile(viewed, share)
		b.ReportMetric(float64(ours.Microseconds())/1000, name+"-ms")
		b.ReportMetric(float64(ours)/float64(direct), name+"-of-bare")
	}
}

// pushTimes sends messages that hold their time, 100 a second.
func pushTimes(w http.ResponseWriter, r *http.Request, count int) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := conn.CloseRead(r.Context())
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range count {
		<-tick.C
		if conn.Write(ctx, websocket.MessageText, strconv.AppendInt(nil, time.Now().UnixNano(), 10)) != nil {
			return
		}
	}
	<-ctx.Done()
}

// age returns how long ago a message with a time was sent.
func age(message string) time.Duration {
	at, _ := strconv.ParseInt(message, 10, 64)
	return time.Since(time.Unix(0, at))
}

func quantile(all []time.Duration, share float64) time.Duration {
	slices.Sort(all)
	return all[int(float64(len(all)-1)*share)]
}

// BenchmarkJoin compares how long viewers who join a session at once take, for each of them,
// when they are many and when they are few: 1 is linear.
func BenchmarkJoin(b *testing.B) {
	const few, many = 20, 80
	p := startProgram(b)
	join := func(count int) time.Duration {
		session := p.echo().ID
		began := time.Now()
		var all sync.WaitGroup
		for range count {
			all.Go(func() {
				v := p.attach(session, 0)
				v.awaitState(func(*wire.State) bool { return true })
				b.Cleanup(func() { _ = v.conn.CloseNow() })
				go func() { _, _, _ = v.conn.Read(context.Background()) }()
			})
		}
		all.Wait()
		return time.Since(began)
	}
	var each, one time.Duration
	for b.Loop() {
		one += join(few) / few
		each += join(many) / many
	}
	b.ReportMetric(float64(each.Microseconds())/float64(b.N)/1000, "ms/viewer")
	b.ReportMetric(float64(each)/float64(one), "many/few")
}

// BenchmarkIdleViewers compares the memory of a viewer who waits, with its browser's end in the
// same process, with that of a bare connection with both ends.
func BenchmarkIdleViewers(b *testing.B) {
	const count = 300
	quiet := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			<-conn.CloseRead(r.Context()).Done()
		}
	}))
	defer quiet.Close()
	p := startProgram(b)
	var bare, viewer int64
	for b.Loop() {
		var conns []*websocket.Conn
		bare += held(func() {
			for range count {
				conn, _, err := websocket.Dial(b.Context(), "ws"+strings.TrimPrefix(quiet.URL, "http"), nil)
				if err != nil {
					b.Fatal(err)
				}
				conns = append(conns, conn)
			}
		})
		session := p.echo().ID
		viewer += held(func() {
			for range count {
				v := p.attach(session, 0)
				v.awaitState(func(*wire.State) bool { return true })
				conns = append(conns, v.conn)
			}
		})
		for _, conn := range conns {
			_ = conn.CloseNow()
		}
	}
	all := float64(b.N) * count * 1024
	b.ReportMetric(float64(bare)/all, "bare-KiB")
	b.ReportMetric(float64(viewer)/all, "viewer-KiB")
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
