package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	keysFloor = 30 * time.Second // between two fetches, whatever comes
	keysAge   = time.Hour        // after that keys are fetched again, so that withdrawn ones go
	keysLimit = 1 << 20          // of an answer, in bytes
	askTime   = 10 * time.Second // for one request to a provider
)

// newClient returns the client that asks providers and reads keys: addresses that
// the operator set, and never anybody else's. It follows no redirects. The proxy leads
// to what is not this machine; nil, and no URL of it, is no proxy.
func newClient(proxy func(*http.Request) (*url.URL, error)) *http.Client {
	dialer := &net.Dialer{Timeout: askTime}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err == nil && IsLocal(host) && net.ParseIP(host) == nil {
				address = net.JoinHostPort("127.0.0.1", port) // whatever a name server says of it
			}
			return dialer.DialContext(ctx, network, address)
		},
		Proxy: proxy, OnProxyConnectResponse: refusedByProxy,
		TLSHandshakeTimeout: askTime, ResponseHeaderTimeout: askTime, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	return &http.Client{
		Transport: transport, Timeout: askTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// refusedByProxy names the proxy that does not let a connection through.
func refusedByProxy(_ context.Context, proxy *url.URL, request *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return fmt.Errorf("the proxy %s answers %s to CONNECT %s", proxy.Host, response.Status, request.Host)
}

// keySet is the public keys at an address. A key that it does not have makes it
// look again, but never more than once in keysFloor: anybody can forge a token that
// names an unknown key, and must not make requests with it.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu    sync.Mutex // guards all below
	keys  []jose.JSONWebKey
	read  time.Time // when they were
	tried time.Time
}

// verify checks a signature by one of the algorithms and returns what was signed.
func (k *keySet) verify(ctx context.Context, raw string, algorithms []jose.SignatureAlgorithm) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Header
	keys := k.find(header)
	if len(keys) == 0 || k.old() {
		if err := k.refresh(ctx); err != nil && len(keys) == 0 {
			return nil, err
		}
		keys = k.find(header)
	}
	for i := range keys {
		if payload, err := signed.Verify(&keys[i]); err == nil {
			return payload, nil
		}
	}
	return nil, errors.New("no key of the issuer fits the signature")
}

// find returns the keys that a token may be signed with.
func (k *keySet) find(h jose.Header) []jose.JSONWebKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	var found []jose.JSONWebKey
	for _, key := range k.keys {
		if (h.KeyID == "" || key.KeyID == h.KeyID) && (key.Algorithm == "" || key.Algorithm == h.Algorithm) {
			found = append(found, key)
		}
	}
	return found
}

func (k *keySet) old() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now().Sub(k.read) > keysAge
}

// refresh reads the keys, unless that was tried a moment ago. Who comes meanwhile
// waits for the same answer.
func (k *keySet) refresh(ctx context.Context) error {
	_, err, _ := k.flight.Do("", func() (any, error) {
		if !k.due() {
			return nil, nil
		}
		keys, err := k.fetch(context.WithoutCancel(ctx))
		if err != nil {
			return nil, refuse(RefusedUnreachable, fmt.Errorf("read keys: %w", err))
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.keys, k.read = keys, k.now()
		return nil, nil
	})
	return err
}

func (k *keySet) due() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Sub(k.tried) < keysFloor {
		return false
	}
	k.tried = k.now()
	return true
}

// fetch reads the key set and keeps what can verify a signature.
func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	raw, err := get(ctx, k.client, k.url)
	if err != nil {
		return nil, err
	}
	return parseKeys(raw)
}

// parseKeys reads the public keys of a JSON Web Key Set. Those of a kind that is not
// known are left out (RFC 7517 section 5).
func parseKeys(raw []byte) ([]jose.JSONWebKey, error) {
	set, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(set["keys"], &list); err != nil {
		return nil, fmt.Errorf("read the list of keys: %w", err)
	}
	var keys []jose.JSONWebKey
	for _, raw := range list {
		var key jose.JSONWebKey
		if _, err := parseObject(raw); err != nil || key.UnmarshalJSON(raw) != nil {
			continue
		}
		if key.Valid() && key.IsPublic() && (key.Use == "" || key.Use == "sig") { // a shared key verifies nothing
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// get reads the whole of a short answer.
func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil) //nolint:gosec // the operator's, or the provider's that the operator named
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req) //nolint:gosec // the same
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, keysLimit+1))
	if err == nil && len(raw) > keysLimit {
		err = fmt.Errorf("%s answers with more than %d bytes", address, keysLimit)
	}
	return raw, err
}

// IsSafeURL reports whether who may come in can be asked at this address: nobody on
// the way can alter the answer.
func IsSafeURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && IsLocal(u.Hostname()) && !strings.Contains(u.Host, "@")
}
