package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// swallowing fills the queue of a listener at a loopback address, so that the kernel
// drops every further SYN to this port, and returns the port.
func swallowing(t *testing.T, addr string, port int) int {
	t.Helper()
	at := netip.MustParseAddr(addr)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: at.As4(), Port: port}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	bound, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		t.Fatalf("bound to %T", name)
	}
	for range 64 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(addr, strconv.Itoa(bound.Port)))
		cancel()
		if err != nil {
			return bound.Port
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue does not fill")
	return 0
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestADeadAddressCostsAQuarterOfASecond dials names of which the first addresses
// swallow SYNs, refuse, or are refused by the policy.
func TestADeadAddressCostsAQuarterOfASecond(t *testing.T) {
	tests := []struct {
		name   string
		before []string // addresses in front of the one that works
		dead   []string // those of them that swallow SYNs
		within time.Duration
	}{
		{"one dead", []string{"127.0.0.2"}, []string{"127.0.0.2"}, 4 * time.Second},
		{"three dead", []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"}, []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"}, 4 * time.Second},
		{"one refuses", []string{"127.0.0.2"}, nil, 4 * time.Second},
		{"IPv6 refuses", []string{"::1"}, nil, 4 * time.Second},
		{"dead and denied", []string{"127.0.0.2", "169.254.169.254"}, []string{"127.0.0.2"}, 4 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := serve(t, echo(nil))
			port := portOf(t, address)
			for _, dead := range test.dead {
				swallowing(t, dead, port)
			}
			var answer []netip.Addr
			for _, addr := range test.before {
				answer = append(answer, netip.MustParseAddr(addr))
			}
			dialer := local()
			dialer.Resolver = &turns{answers: [][]netip.Addr{append(answer, netip.MustParseAddr("127.0.0.1"))}}
			began := time.Now()
			_, report := open(t, dialer, Request{URL: mustParse(t, strings.Replace(address, "127.0.0.1", "two.example", 1))})
			if took := time.Since(began); took > test.within {
				t.Errorf("connected after %v, want at most %v", took, test.within)
			}
			if wait := time.Duration(len(test.dead)) * attemptDelay; report.Phases.TCP < wait || report.Phases.DNS > report.Phases.TCP+time.Second {
				t.Errorf("phases %+v, want TCP to take %v at least", report.Phases, wait)
			}
			if want := net.JoinHostPort("127.0.0.1", strconv.Itoa(port)); report.RemoteAddr != want {
				t.Errorf("connected to %s, want %s", report.RemoteAddr, want)
			}
		})
	}
}

// TestLosersHaveEnded: all other attempts have ended when connectFirst returns.
func TestLosersHaveEnded(t *testing.T) {
	address := serve(t, echo(nil))
	var ended atomic.Bool
	dialer := local()
	dialer.control = func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		if strings.HasPrefix(address, "127.0.0.2:") {
			<-ctx.Done() // the other one has won
			ended.Store(true)
		}
		return nil
	}
	conn, err := dialer.connectFirst(t.Context(), []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")}, uint16(portOf(t, address)), dialer.Policy.CheckAddr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := conn.RemoteAddr().String(); !strings.HasPrefix(got, "127.0.0.1:") || !ended.Load() {
		t.Errorf("connected to %s, the other attempt ended: %v", got, ended.Load())
	}
}

func TestInterleavedFamilies(t *testing.T) {
	parse := func(texts ...string) []netip.Addr {
		var out []netip.Addr
		for _, text := range texts {
			out = append(out, netip.MustParseAddr(text))
		}
		return out
	}
	equal := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	for _, test := range []struct{ in, want []netip.Addr }{
		{parse("10.0.0.1"), parse("10.0.0.1")},
		{parse("10.0.0.1", "10.0.0.2", "::1", "::2"), parse("10.0.0.1", "::1", "10.0.0.2", "::2")},
		{parse("::1", "::2", "::3", "10.0.0.1"), parse("::1", "10.0.0.1", "::2", "::3")},
		{parse("::ffff:10.0.0.1", "10.0.0.2", "::1"), parse("::ffff:10.0.0.1", "::1", "10.0.0.2")},
	} {
		if diff := cmp.Diff(test.want, interleaved(test.in), equal); diff != "" {
			t.Errorf("%v:\n%s", test.in, diff)
		}
	}
}
