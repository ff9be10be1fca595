// Package jwt verifies signed tokens: it fetches the keys of an issuer, checks signature,
// issuer, audience and times, and parses the claims.
package jwt

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/loopback"
)

// RequestTimeout bounds one request to an issuer.
const RequestTimeout = 10 * time.Second

const maxAnswer = 1 << 20 // of an issuer, in bytes

// NewClient returns the client for requests to issuers, at addresses that the operator
// set. It follows no redirects. The function proxy returns the egress proxy, as in
// http.Transport; it may be nil.
func NewClient(proxy func(*http.Request) (*url.URL, error)) *http.Client {
	dialer := &net.Dialer{Timeout: RequestTimeout}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err == nil && loopback.IsName(host) && net.ParseIP(host) == nil {
				address = net.JoinHostPort("127.0.0.1", port) // a name server could resolve it elsewhere
			}
			return dialer.DialContext(ctx, network, address)
		},
		Proxy: proxy, OnProxyConnectResponse: checkConnect,
		TLSHandshakeTimeout: RequestTimeout, ResponseHeaderTimeout: RequestTimeout, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	return &http.Client{
		Transport: transport, Timeout: RequestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkConnect names the proxy that refuses a CONNECT.
func checkConnect(_ context.Context, proxy *url.URL, request *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return fmt.Errorf("the proxy %s answers %s to CONNECT %s", proxy.Host, response.Status, request.Host)
}

// Get returns the body of an answer with status 200, of at most 1 MiB.
func Get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(raw) > maxAnswer {
		err = fmt.Errorf("%s answers with more than %d bytes", address, maxAnswer)
	}
	return raw, err
}

// IsSafeURL reports whether an issuer can be asked at this address: https, or http on this
// machine, so that nobody on the way can alter the answer.
func IsSafeURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback.IsName(u.Hostname()) && !strings.Contains(u.Host, "@")
}
