package dial

import (
	"context"
	"net"
	"net/http"
	"net/url"
)

// nowhere is a host that no name server knows, RFC 6761 section 6.4. A proxy that lets us
// in fails to reach it; one that does not refuses before it looks.
const nowhere = "duplex-probe.invalid:443"

// Probe connects to each proxy and shows it the user name and the password. The error is a
// *ProxyError. It reaches no target.
func (e *Egress) Probe(ctx context.Context) error {
	if e == nil {
		return nil
	}
	asked := map[string]bool{}
	for _, proxy := range []*url.URL{e.secure, e.plain} {
		if proxy == nil || asked[proxy.String()] {
			continue
		}
		asked[proxy.String()] = true
		if err := probe(ctx, proxy); err != nil {
			return err
		}
	}
	return nil
}

func probe(ctx context.Context, proxy *url.URL) error {
	outcome := &ProxyError{Proxy: proxyHost(proxy), Target: nowhere, Authorized: proxy.User != nil}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", outcome.Proxy)
	if err == nil {
		conn, err = connect(ctx, conn, proxy, outcome)
		_ = conn.Close()
	}
	outcome.Err = err
	if err != nil || outcome.RefusedAuth() {
		return outcome
	}
	return nil
}

// RefusedAuth reports whether the proxy refused the user name and password, or their lack.
func (e *ProxyError) RefusedAuth() bool {
	return e.Status == http.StatusProxyAuthRequired || e.Status == http.StatusUnauthorized && e.Authorized // tinyproxy's answer to wrong ones
}
