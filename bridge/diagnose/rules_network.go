package diagnose

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"duplex/bridge/target"
)

// networkRules is about the way to the target: names, TCP, and a target that says
// nothing.
var networkRules = []rule{
	{"cancelled", when(ActionReconnect, failsWith(context.Canceled))},
	{"dns_failure", when("", unknownName)},
	{"dns_unavailable", when(ActionReconnect, either(fails[*net.DNSError], phase(target.PhaseDNS)))},
	{"connection_refused", when(ActionReconnect, failsWith(syscall.ECONNREFUSED))},
	{"no_route", when("", failsWith(syscall.EHOSTUNREACH, syscall.ENETUNREACH))},
	{"connect_timeout", when(ActionReconnect, phase(target.PhaseTCP), timedOut)},
	{"answer_timeout", when(ActionReconnect, phase(target.PhaseUpgrade), timedOut)},
	{"closed_without_answer", when(ActionReconnect, phase(target.PhaseUpgrade), failsWith(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE))},
	{"not_http", when("", phase(target.PhaseUpgrade), fails[*target.NotHTTPError])},
	{"answer_too_large", when("", phase(target.PhaseUpgrade), errorSays("server response headers exceeded"))},
	{"network_failure", when(ActionReconnect, always)},
}

func unknownName(c *clues) bool {
	dns, ok := errors.AsType[*net.DNSError](c.Err)
	return ok && dns.IsNotFound
}
