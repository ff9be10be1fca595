package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

// flooder is a target that sends messages as fast as they are taken.
type flooder struct {
	url  string
	sent atomic.Int64
	stop chan struct{}
	hush chan struct{} // has a token when nothing more is sent
}

func startFlooder(t *testing.T) *flooder {
	t.Helper()
	f := &flooder{stop: make(chan struct{}), hush: make(chan struct{}, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		ctx := conn.CloseRead(r.Context())
		message := bytes.Repeat([]byte("x"), 1<<10)
		for {
			select {
			case <-f.stop:
				f.hush <- struct{}{}
				<-ctx.Done()
				return
			default:
			}
			if conn.Write(ctx, websocket.MessageText, message) != nil {
				f.hush <- struct{}{}
				return
			}
			f.sent.Add(1)
		}
	}))
	t.Cleanup(server.Close)
	f.url = "ws" + strings.TrimPrefix(server.URL, "http")
	return f
}

// Ten targets that send as fast as they can: they are slowed down, not lost, and the memory
// of the program stays bounded.
func TestFaultFlood(t *testing.T) {
	t.Parallel()
	const figure, floods = "flood", 10
	lasts := testkit.Pick(time.Second, time.Minute, time.Minute)
	p := startChildIn(t, []string{"GOMEMLIMIT=400MiB"}, t.TempDir(), "--demo=false", "--log-level", "info")
	baseline := p.memory("VmRSS")
	var all []*flooder
	var ids []string
	for range floods {
		f := startFlooder(t)
		ids = append(ids, p.open(object{"address": f.url}).ID)
		all = append(all, f)
	}
	began := time.Now()
	<-time.After(lasts)
	for _, f := range all {
		close(f.stop)
	}
	var sent, lost int64
	for i, f := range all {
		<-f.hush
		var state wire.State
		eventually(t, time.Minute, "all is stored", func() bool {
			p.call("GET", "/api/sessions/"+ids[i], nil, http.StatusOK, &state)
			return state.Received == f.sent.Load()
		})
		if state.State != "open" {
			t.Errorf("a session is %s: %d %s", state.State, state.CloseCode, state.CloseReason)
		}
		sent += f.sent.Load()
		lost += f.sent.Load() - state.Received
	}
	took := time.Since(began)
	peak := p.memory("VmHWM")
	mib := func(n int64) float64 { return float64(n) / (1 << 20) }
	t.Logf("%d messages stored in %v, memory %.0f MiB at first, %.0f MiB at most", sent, took, mib(baseline), mib(peak))
	testkit.AtLeast(t, figure, "targets that flood", float64(len(all)), floods, "")
	testkit.AtLeast(t, figure, "messages of 1 KiB stored a second", float64(sent)/took.Seconds(), 1000, "")
	testkit.AtMost(t, figure, "messages lost", float64(lost), 0, "")
	if !testkit.Race { // the race detector takes several times the memory
		testkit.AtMost(t, figure, "memory (RSS) above the beginning, for each session", mib(peak-baseline)/floods, 8, "MiB")
		testkit.AtMost(t, figure, "memory (RSS), GOMEMLIMIT=400MiB", mib(peak), 512, "MiB")
	}
}
