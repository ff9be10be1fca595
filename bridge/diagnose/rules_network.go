package diagnose

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"syscall"

	"duplex/bridge/dial"
)

// networkRules explain failures of DNS and TCP, and a target that does not answer.
var networkRules = []rule{
	{"cancelled", when(ActionReconnect, failsWith(context.Canceled))},
	{"dns_failure", when("", unknownName)},
	{"dns_unavailable", when(ActionReconnect, either(fails[*net.DNSError], phase(dial.PhaseDNS)))},
	{"connection_refused", when(ActionReconnect, failsWith(syscall.ECONNREFUSED))},
	{"no_route", when("", failsWith(syscall.EHOSTUNREACH, syscall.ENETUNREACH))},
	{"connect_timeout", when(ActionReconnect, phase(dial.PhaseTCP), timedOut)},
	{"answer_timeout", when(ActionReconnect, phase(dial.PhaseUpgrade), timedOut)},
	{"closed_without_answer", when(ActionReconnect, phase(dial.PhaseUpgrade), failsWith(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE))},
	{"not_http", when("", phase(dial.PhaseUpgrade), fails[*dial.NotHTTPError])},
	{"answer_too_large", when("", phase(dial.PhaseUpgrade), errorSays("server response headers exceeded"))},
	{"network_failure", when(ActionReconnect, always)},
}

// egressRules explain failures of the egress proxy, for targets and IAM.
var egressRules = []rule{
	{"egress_proxy_cancelled", when(ActionReconnect, failsWith(context.Canceled))},
	{"egress_proxy_wants_password", when("", proxyAnswers(401, 407), func(c *clues) bool { return !c.proxy().Authorized })},
	{"egress_proxy_refused_password", when("", proxyAnswers(401, 407))}, // tinyproxy answers 401
	{"egress_proxy_cannot_reach", when(ActionReconnect, func(c *clues) bool { return c.proxy().Status >= 500 })},
	{"egress_proxy_refused", when("", func(c *clues) bool { return c.proxy().Status != 0 })},
	{"egress_proxy_not_http", when("", either(fails[*dial.NotHTTPError], fails[tls.RecordHeaderError]))},
	{"egress_proxy_certificate", when("", fails[*tls.CertificateVerificationError])},
	{"egress_proxy_timeout", when(ActionReconnect, timedOut)},
	{"egress_proxy_unreachable", when(ActionReconnect, always)},
}

// proxy returns the error of the egress proxy; nil if there is none.
func (c *clues) proxy() *dial.ProxyError {
	proxy, _ := errors.AsType[*dial.ProxyError](c.Err)
	return proxy
}

func proxyAnswers(codes ...int) condition {
	return func(c *clues) bool { return slices.Contains(codes, c.proxy().Status) }
}

// direct reports whether the target was dialled without a proxy and could not be reached,
// which may mean that the network needs one.
func (c *clues) direct() bool {
	if !c.failed() || c.Report.Proxy != "" || c.proxy() != nil || errors.Is(c.Err, context.Canceled) {
		return false
	}
	if withoutCredential(c) { // IAM's host
		return fails[*net.DNSError](c) || timedOut(c)
	}
	return phase(dial.PhaseDNS, dial.PhaseTCP)(c) && !dial.IsLocalName(c.url.Hostname())
}

func unknownName(c *clues) bool {
	dns, ok := errors.AsType[*net.DNSError](c.Err)
	return ok && dns.IsNotFound
}
