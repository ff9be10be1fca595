package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// attemptDelay is the Connection Attempt Delay of RFC 8305 section 5: the time before the
// next address is tried in parallel.
const attemptDelay = 250 * time.Millisecond

// outcome is the result of connecting to one of several addresses.
type outcome struct {
	index int
	conn  net.Conn
	err   error
}

// connectFirst connects to one of the addresses as RFC 8305 section 5 ("Happy Eyeballs")
// describes: the next address is tried when the last has failed, or in parallel after
// attemptDelay. The first connection wins; the other attempts have ended when it returns.
// Each address is judged. The error is that of the first address that the policy allowed, or
// else the policy's error for the first address.
func (d *Dialer) connectFirst(ctx context.Context, addrs []netip.Addr, port uint16, judge judge) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	addrs = interleaved(addrs)
	ended := make(chan outcome, len(addrs))
	errs := make([]error, len(addrs))
	begun, running := 0, 0
	defer func() {
		cancel()
		for range running {
			if late := <-ended; late.conn != nil {
				_ = late.conn.Close()
			}
		}
	}()
	delay := time.NewTimer(attemptDelay)
	defer delay.Stop()
	for {
		if begun < len(addrs) {
			index := begun
			begun, running = begun+1, running+1
			go func() {
				conn, err := d.connect(ctx, netip.AddrPortFrom(addrs[index], port), judge)
				ended <- outcome{index, conn, err}
			}()
			delay.Reset(attemptDelay)
		}
		select {
		case o := <-ended:
			running--
			if o.err == nil {
				return o.conn, nil
			}
			errs[o.index] = o.err
			if running == 0 && begun == len(addrs) {
				return nil, pickError(errs)
			}
		case <-delay.C:
		}
	}
}

// pickError returns the first error that is not the policy's, or else the first.
func pickError(errs []error) error {
	for _, err := range errs {
		if _, blocked := errors.AsType[*BlockedError](err); !blocked {
			return err
		}
	}
	return errs[0]
}

// interleaved sorts the addresses for connecting (RFC 8305 section 4): the families
// alternate, beginning with that of the first address, and keep the resolver's order.
func interleaved(addrs []netip.Addr) []netip.Addr {
	var families [2][]netip.Addr
	for _, addr := range addrs {
		family := 0
		if addr.Unmap().Is4() != addrs[0].Unmap().Is4() {
			family = 1
		}
		families[family] = append(families[family], addr)
	}
	out := make([]netip.Addr, 0, len(addrs))
	for i := range addrs {
		for _, family := range families {
			if i < len(family) {
				out = append(out, family[i])
			}
		}
	}
	return out
}
