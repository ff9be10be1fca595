package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// attemptDelay is how long an attempt to connect runs alone before the next address
// is tried beside it: the Connection Attempt Delay of RFC 8305 section 5.
const attemptDelay = 250 * time.Millisecond

// outcome is the end of the attempt to connect to one of several addresses.
type outcome struct {
	index int
	conn  net.Conn
	err   error
}

// first connects to one of the addresses, as RFC 8305 section 5 ("Happy Eyeballs")
// describes: the next address is tried when the one before has failed, or beside it
// after attemptDelay. The first connection wins, the other attempts are ended before
// it returns. Each address is judged. The error is that of the first
// address that failed otherwise than by policy, else the policy's about the first.
func (d *Dialer) first(ctx context.Context, addrs []netip.Addr, port uint16, judge judge) (net.Conn, error) {
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
				return nil, worst(errs)
			}
		case <-delay.C:
		}
	}
}

// worst returns the first error that is not the policy's, else the first of all.
func worst(errs []error) error {
	for _, err := range errs {
		if _, blocked := errors.AsType[*BlockedError](err); !blocked {
			return err
		}
	}
	return errs[0]
}

// interleaved puts the addresses into the order in which they are tried: the resolver's
// within each family, the families in turns, the one of the first address first
// (RFC 8305 section 4).
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
