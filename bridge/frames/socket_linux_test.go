package frames

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sys/unix"

	"duplex/bridge/testkit"
)

// pair returns both ends of a connection: ours, and the peer's socket.
func pair(t *testing.T, l limits) (*Link, *net.TCPConn) {
	t.Helper()
	peers := make(chan *net.TCPConn, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := Accept(w, r, websocket.AcceptOptions{}, 0)
		if err != nil {
			t.Error(err)
			return
		}
		tcp, _ := beneath(conn.Conn).(*net.TCPConn)
		peers <- tcp
		<-t.Context().Done()
	}))
	server.Start()
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	var tcp net.Conn
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			tcp = NewSocket(conn)
		}
		return tcp, err
	}
	var stream *Stream
	ws, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := transport.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			body, _ := response.Body.(io.ReadWriteCloser)
			stream = NewStream(body, tcp, true)
			response.Body = stream
			return response, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn := stream.Open(ws, false, 0)
	conn.unwatch()
	conn.watch(l)
	t.Cleanup(func() { conn.Cut(); _ = conn.CloseNow() })
	return conn, <-peers
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// vanish makes the system drop every packet to a socket before TCP sees it.
func vanish(t *testing.T, tcp *net.TCPConn) {
	t.Helper()
	control(tcp, func(fd int) {
		drop := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
		if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &drop[0]}); err != nil {
			t.Skipf("SKIPPED: no packet can be dropped here: %v", err)
		}
	})
}

// soon holds the limits of the short form of these tests.
var soon = limits{
	keepAlive: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 2},
	unacked:   2 * time.Second, look: 500 * time.Millisecond,
}

// A peer with lost packets is found because it does not acknowledge: a keep-alive probe on a
// quiet connection, and a ping on others.
func TestVanishedPeerIsFound(t *testing.T) {
	t.Parallel()
	l, limit := soon, 30*time.Second
	if testkit.Full() {
		l, limit = defaultLimits, 90*time.Second
	}
	for name, every := range map[string]time.Duration{"quiet": 0, "pinged": l.keepAlive.Idle * 4 / 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, peer := pair(t, l)
			vanish(t, peer)
			start := time.Now()
			go func() {
				for every > 0 {
					ctx, cancel := context.WithTimeout(t.Context(), every)
					err := conn.AwaitPong(ctx)
					cancel()
					if !errors.Is(err, context.DeadlineExceeded) {
						return
					}
				}
			}()
			_, _, err := conn.ReadMessage()
			if took := time.Since(start); !errors.Is(err, syscall.ETIMEDOUT) || took > limit {
				t.Errorf("found after %v: %v", took, err)
			} else {
				t.Logf("found after %v", took)
			}
		})
	}
}

// A peer that acknowledges and does not read for longer than any limit gets all bytes when it
// reads again.
func TestBusyPeerIsNotTakenForAVanishedOne(t *testing.T) {
	t.Parallel()
	l, busy := soon, 3*soon.unacked
	if testkit.Full() {
		l, busy = defaultLimits, 75*time.Second
	}
	conn, peer := pair(t, l)
	const size = 32 << 20
	wrote := make(chan error, 1)
	go func() { wrote <- conn.Write(websocket.MessageBinary, make([]byte, size)) }()
	ready := time.NewTimer(busy)
	defer ready.Stop()
	select {
	case err := <-wrote:
		t.Fatalf("written while the peer reads nothing: %v", err)
	case <-ready.C:
	}
	got := make(chan int64, 1)
	go func() {
		n, _ := io.CopyN(io.Discard, peer, size)
		got <- n
	}()
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	if n := <-got; n != size {
		t.Errorf("the peer got %d bytes", n)
	}
}

// A ping that would block is left out.
func TestPingOfABusyPeerIsLeftOut(t *testing.T) {
	t.Parallel()
	conn, peer := pair(t, defaultLimits)
	for block := make([]byte, 16<<10); writable(conn.Conn); {
		_ = conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = conn.Conn.Write(block)
	}
	_ = conn.SetWriteDeadline(time.Time{})
	_, before := conn.Moved()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := conn.AwaitPong(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("pinged: %v", err)
	}
	if _, after := conn.Moved(); after != before {
		t.Errorf("%d bytes of a ping were written", after-before)
	}
	if _, err := io.CopyN(io.Discard, peer, 1<<20); err != nil { // it is still open
		t.Error(err)
	}
}

func TestSocketsHaveTheLimits(t *testing.T) {
	t.Parallel()
	conn, _ := pair(t, defaultLimits)
	tcp, _ := beneath(conn.Conn).(*net.TCPConn)
	got := map[string]int{}
	control(tcp, func(fd int) {
		for name, option := range map[string]int{
			"idle": unix.TCP_KEEPIDLE, "interval": unix.TCP_KEEPINTVL, "count": unix.TCP_KEEPCNT, "unacked": unix.TCP_USER_TIMEOUT,
		} {
			got[name], _ = unix.GetsockoptInt(fd, unix.IPPROTO_TCP, option)
		}
		got["keep alive"], _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	})
	for name, want := range map[string]int{"keep alive": 1, "idle": 15, "interval": 15, "count": 4, "unacked": 60_000} {
		if got[name] != want {
			t.Errorf("%s is %d, want %d", name, got[name], want)
		}
	}
	_ = conn.CloseNow()
	if conn.looking != nil {
		t.Error("a closed connection is looked at")
	}
}
