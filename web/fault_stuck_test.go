package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

// A viewer that never reads is cut off, holds little memory and delays nobody.
func TestFaultStuckViewer(t *testing.T) {
	t.Parallel()
	const figure, live, stuck, burst = "stuck-viewer", 9, 16, 2000
	lasts := testkit.Pick(time.Second, time.Minute, time.Minute)
	target := startPacer(t, burst, 100, 2<<10)
	p := startProgram(t, "--demo=false", "--log-level", "info")
	session := p.open(object{"address": target}).ID
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ages ages
	var viewers sync.WaitGroup
	for range live {
		v := p.attach(session, 0)
		v.awaitRows(burst)
		v.rows = nil
		viewers.Go(func() { ages.read(ctx, v) })
	}
	<-time.After(lasts / 10)
	ages.take()
	<-time.After(lasts)
	alone := ages.take()

	before := liveHeap()

	// One, beside the nine.
	one := p.stick(t, session)
	if testkit.Pick(false, true, true) {
		awaitCut(t, one)
		<-time.After(lasts - time.Since(one.began))
	}
	beside := ages.take()
	// Many, to see what one of them holds.
	all := []*stuckViewer{one}
	for range stuck {
		all = append(all, p.stick(t, session))
	}
	var heaps []uint64
	measured := sample(200*time.Millisecond, func() { heaps = append(heaps, liveHeap()) })
	awaitCut(t, all...)
	measured()
	slices.Sort(heaps)
	during := heaps[len(heaps)/2]
	var cut time.Duration
	var queued int64
	for _, s := range all {
		cut, queued = max(cut, s.cut.Sub(s.full)), max(queued, s.queued)
	}
	// It comes back where it was, and misses nothing.
	p.attach(session, 0).awaitRows(100)
	cancel()
	viewers.Wait()

	if testkit.Pick(false, true, true) { // other tests beside it would make it longer
		p99 := quantile(alone, 0.99)
		t.Logf("p99 of %d rows %v, beside a stuck viewer %v of %d", len(alone), p99, quantile(beside, 0.99), len(beside))
		rise := quantile(beside, 0.99) - p99
		testkit.AtMost(t, figure, "rise of the others' p99", float64(rise.Microseconds())/1000, max(20, 0.2*float64(p99.Milliseconds())), "ms")
	}
	testkit.AtMost(t, figure, "cut off after its buffers were full", cut.Seconds(), 5, "s")
	testkit.AtMost(t, figure, "heap held for each", (float64(during)-float64(before))/(1<<20)/stuck, 1, "MiB")
	testkit.AtMost(t, figure, "bytes that wait in the socket of one", float64(queued)/(1<<20), 1, "MiB")
}

// startPacer is a target that sends a burst of messages, and then more at a rate. Each begins
// with its time.
func startPacer(t *testing.T, burst, rate, size int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		ctx := conn.CloseRead(r.Context())
		tick := time.NewTicker(time.Second / time.Duration(rate))
		defer tick.Stop()
		padding := strings.Repeat(" ", size)
		for n := 0; ; n++ {
			if n >= burst {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
			}
			if conn.Write(ctx, websocket.MessageText, []byte(strconv.FormatInt(time.Now().UnixNano(), 10)+padding)) != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// ages gathers how old rows are when viewers get them.
type ages struct {
	mu  sync.Mutex // guards all
	all []time.Duration
}

func (a *ages) read(ctx context.Context, v *viewer) {
	for {
		e, err := v.read(ctx)
		if err != nil {
			return
		}
		v.rows = nil // the memory of the test is not to grow
		a.mu.Lock()
		for _, row := range e.Rows {
			if row.Direction == "received" {
				at, _, _ := strings.Cut(row.Preview, " ")
				a.all = append(a.all, age(at))
			}
		}
		a.mu.Unlock()
	}
}

// take returns the ages since the last call.
func (a *ages) take() []time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.all
	a.all = nil
	return slices.Clone(all)
}

// stuckViewer attaches and never reads.
type stuckViewer struct {
	conn             net.Conn
	began, full, cut time.Time // full: since then nothing more fits into the buffers on the way
	last, queued     int64     // bytes that wait at the server, and at most
}

// stick attaches a viewer that never reads. Its receive buffer is small.
func (p *program) stick(t *testing.T, session string) *stuckViewer {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10) })
	}}
	host := strings.TrimPrefix(p.url, "http://")
	conn, err := dialer.DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /api/sessions/%s/attach?after=0 HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", session, host, p.url, wire.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	return &stuckViewer{conn: conn, began: time.Now(), full: time.Now(), last: -1}
}

// awaitCut watches the server's ends of the sockets until all of them are closed.
func awaitCut(t *testing.T, all ...*stuckViewer) {
	t.Helper()
	const within = time.Minute
	open := map[string]*stuckViewer{}
	for _, s := range all {
		if s.cut.IsZero() {
			open[procAddress(t, s.conn.LocalAddr())] = s
		}
	}
	for began := time.Now(); len(open) > 0; <-time.After(20 * time.Millisecond) {
		if time.Since(began) > within {
			t.Errorf("%d viewers that never read are still attached after %v", len(open), within)
			return
		}
		queues := queuesTo(t)
		for address, s := range open {
			switch queued, established := queues[address]; {
			case !established:
				s.cut = time.Now()
				delete(open, address)
			case queued != s.last:
				s.last, s.full = queued, time.Now()
				s.queued = max(s.queued, queued)
			}
		}
	}
}

// procAddress writes an IPv4 address as /proc/net/tcp does.
func procAddress(t *testing.T, address net.Addr) string {
	t.Helper()
	at := netip.MustParseAddrPort(address.String())
	ip := at.Addr().As4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], at.Port())
}

// queuesTo returns how many bytes wait in each established connection to an address of this
// machine, by that address.
func queuesTo(t *testing.T) map[string]int64 {
	t.Helper()
	raw, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Skip("SKIPPED: the queues of sockets (needs Linux)")
	}
	queues := map[string]int64{}
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[3] != "01" {
			continue
		}
		sending, _, _ := strings.Cut(fields[4], ":")
		n, _ := strconv.ParseInt(sending, 16, 64)
		queues[fields[2]] = n
	}
	return queues
}

// memory returns a line of /proc/PID/status in bytes.
func (c *child) memory(line string) int64 {
	c.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.t.Skip("SKIPPED: the memory of a process (needs Linux)")
	}
	found := regexp.MustCompile(`(?m)^` + line + `:\s+(\d+) kB`).FindSubmatch(raw)
	if found == nil {
		return 0 // it has ended
	}
	n, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return n << 10
}

// liveHeap returns the memory that is in use, without garbage.
func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// sample calls f again and again until stop is called.
func sample(every time.Duration, f func()) (stop func()) {
	over := make(chan struct{})
	var task sync.WaitGroup
	task.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f()
			case <-over:
				return
			}
		}
	})
	return func() { close(over); task.Wait() }
}
