package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"duplex/bridge/frames"
)

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// candidates returns the addresses of a host. It resolves the name once, so that the judged
// addresses are those that are connected to. No address is an error.
func (d *Dialer) candidates(ctx context.Context, host string, a *attempt) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	var resolver Resolver = net.DefaultResolver
	if d.Resolver != nil {
		resolver = d.Resolver
	}
	var addrs []netip.Addr
	err := a.time(PhaseDNS, func(p *Phases) *time.Duration { return &p.DNS }, func() (err error) {
		addrs, err = resolver.LookupNetIP(ctx, "ip", host)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("resolve host: %w", err)
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("resolve host: %w", &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true})
	}
	return addrs, nil
}

// reach connects to the host of u over TCP: through its egress proxy, or directly to one of
// its addresses that the policy allows.
func (d *Dialer) reach(ctx context.Context, u *url.URL, a *attempt) (net.Conn, error) {
	if proxy := d.Egress.Proxy(u); proxy != nil {
		return d.tunnel(ctx, proxy, u, a)
	}
	a.note(func(r *Report) { r.ProxyExempt = d.Egress.Exempts(u) })
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	host, port := hostPort(u)
	addrs, err := d.candidates(ctx, host, a)
	if err != nil {
		return nil, err
	}
	a.noteResolved(unmapped(addrs))
	conn, err := d.connectAny(ctx, addrs, port, d.Policy.CheckAddr, a)
	if err != nil {
		return nil, d.logBlocked(ctx, u, err, a)
	}
	a.noteConnected(conn)
	return conn, nil
}

// logBlocked logs an error of the policy and sets its phase. It returns err.
func (d *Dialer) logBlocked(ctx context.Context, u *url.URL, err error, a *attempt) error {
	if blocked, ok := errors.AsType[*BlockedError](err); ok {
		a.blame(PhasePolicy)
		d.log().WarnContext(ctx, "target refused by policy", "host", u.Host, "reason", string(blocked.Reason))
		return blocked
	}
	return err
}

// connectAny connects to one of the addresses that judge allows, as phase TCP.
func (d *Dialer) connectAny(ctx context.Context, addrs []netip.Addr, port uint16, judge judge, a *attempt) (conn net.Conn, err error) {
	err = a.time(PhaseTCP, func(p *Phases) *time.Duration { return &p.TCP }, func() error {
		conn, err = d.connectFirst(ctx, addrs, port, judge)
		return err
	})
	if err != nil {
		return nil, err
	}
	return frames.NewSocket(conn), nil
}

func (d *Dialer) connect(ctx context.Context, to netip.AddrPort, judge judge) (net.Conn, error) {
	dialer := net.Dialer{ControlContext: d.guard(judge)}
	return dialer.DialContext(ctx, "tcp", to.String())
}

// judge returns an error for an address that must not be connected to.
type judge func(netip.AddrPort) error

// guard judges the address that the kernel is about to connect to, so that no later step can
// replace it.
func (d *Dialer) guard(judge judge) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, network, address string, c syscall.RawConn) error {
		if network != "tcp4" && network != "tcp6" {
			return &BlockedError{ReasonNetwork}
		}
		addr, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("guard: %w", err)
		}
		if err := judge(addr); err != nil {
			return err
		}
		if d.control != nil {
			return d.control(ctx, network, address, c)
		}
		return nil
	}
}

func unmapped(addrs []netip.Addr) []netip.Addr {
	out := slices.Clone(addrs)
	for i := range out {
		out[i] = out[i].Unmap()
	}
	return out
}
