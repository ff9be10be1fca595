package handlers_test

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/handlers"
)

// A handshake from another site, or for a name that is not ours, is refused before
// anything is done for it. The session does not exist, so a handshake that passes learns
// it on the socket.
func TestSocketsAreForTheConsolesOwnPages(t *testing.T) {
	c := start(t)
	host := strings.TrimPrefix(c.url, "http://")
	_, port, _ := strings.Cut(host, ":")
	tests := []struct {
		name, origin, host string
		want               int
	}{
		{"own", c.url, host, http.StatusSwitchingProtocols},
		{"missing", "", host, http.StatusForbidden},
		{"null", "null", host, http.StatusForbidden},
		{"other site", "http://evil.example", host, http.StatusForbidden},
		{"other scheme", "https://" + host, host, http.StatusForbidden},
		{"other port", "http://127.0.0.1:1", host, http.StatusForbidden},
		{"looks alike", c.url + ".evil.example", host, http.StatusForbidden},
		{"rebound name", "http://evil.example:" + port, "evil.example:" + port, http.StatusMisdirectedRequest},
		{"own origin, other host", c.url, "evil.example:" + port, http.StatusMisdirectedRequest},
		{"own origin, other port in host", c.url, "127.0.0.1:1", http.StatusMisdirectedRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for path, want := range map[string]int{"/api/sessions/x/attach": tt.want, "/relay/x/": relayed(tt.want)} {
				if tt.origin == "" && strings.HasPrefix(path, "/relay/") {
					want = http.StatusNotFound // a program: every browser sends an Origin
				}
				if got := handshake(c, path, tt.origin, tt.host); got != want {
					t.Errorf("%s: %d, want %d", path, got, want)
				}
			}
		})
	}
	if c.dials.Load() != 0 {
		t.Error("a target was dialled")
	}
}

// relayed returns the status that the relay of an unknown service answers where a
// viewer's socket answers status.
func relayed(status int) int {
	if status == http.StatusSwitchingProtocols {
		return http.StatusNotFound
	}
	return status
}

// handshake sends one and returns the status.
func handshake(c *console, path, origin, host string) int {
	c.t.Helper()
	res, err := new(http.Transport).RoundTrip(handshakeRequest(c, path, origin, host))
	if err != nil {
		c.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func handshakeRequest(c *console, path, origin, host string) *http.Request {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Host = host
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "duplex.v1",
	} {
		req.Header.Set(name, value)
	}
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	return req
}

func TestAttachNeedsItsSubprotocol(t *testing.T) {
	c := start(t)
	req := handshakeRequest(c, "/api/sessions/x/attach", c.url, strings.TrimPrefix(c.url, "http://"))
	req.Header.Set("Sec-WebSocket-Protocol", "other")
	res, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestRequestsOfStrangersAreRefused(t *testing.T) {
	c := start(t)
	tests := []struct {
		name, method, path string
		edit               func(*http.Request)
		status             int
	}{
		{"host of the API", "GET", "/api/services", func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"host of a page", "GET", "/", func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"host of an asset", "GET", "/assets/app.js", func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"health needs no host", "GET", "/healthz", func(r *http.Request) { r.Host = "evil.example" }, 200},
		{"metrics under another name", "GET", "/metrics", func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"metrics under another name, port or not", "GET", "/metrics", func(r *http.Request) { r.Host = "127.0.0.1.evil.example:8080" }, 421},
		{"metrics under a broken name", "GET", "/metrics", func(r *http.Request) { r.Host = "a@b" }, 421},
		{"metrics by an address", "GET", "/metrics", func(r *http.Request) { r.Host = "10.1.2.3:8080" }, 200},
		{"metrics by another address", "GET", "/metrics", func(r *http.Request) { r.Host = "[2001:db8::1]" }, 200},
		{"metrics by a container's name", "GET", "/metrics", func(r *http.Request) { r.Host = "duplex:8080" }, 200},
		{"forwarded", "GET", "/api/services", header("X-Forwarded-For", "192.0.2.1"), 403},
		{"forwarded page", "GET", "/", header("Via", "1.1 proxy"), 403},
		{"another site's form", "POST", "/api/services", header("Sec-Fetch-Site", "cross-site"), 403},
		{"another site's origin", "DELETE", "/api/services/one", header("Origin", "http://evil.example"), 403},
		{"own page", "DELETE", "/api/services/one", header("Origin", c.url), 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if res, body := c.request(tt.method, tt.path, "{}", tt.edit); res.StatusCode != tt.status {
				t.Errorf("%d %s", res.StatusCode, body)
			}
		})
	}
}

func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	c := start(t)
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/services/new", "/services/one", "/history", "/settings", "/nothing", "/api/services", "/api/nothing", "/healthz"} {
		res, body := c.request(http.MethodGet, path, "")
		csp := res.Header.Get("Content-Security-Policy")
		for _, part := range []string{
			"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
			"object-src 'none'", "require-trusted-types-for 'script'", "style-src 'self' 'nonce-",
			"img-src 'self' data: blob:;", "media-src blob:;",
		} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: %s is not in %q", path, part, csp)
			}
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		_, nonce, _ := strings.Cut(csp, "'nonce-")
		nonce, _, _ = strings.Cut(nonce, "'")
		if nonces[nonce] || len(nonce) < 20 {
			t.Errorf("%s: nonce %q", path, nonce)
		}
		nonces[nonce] = true
		if strings.Contains(path, "services/") && !strings.Contains(body, nonce) {
			t.Errorf("%s: the page does not know its nonce", path)
		}
	}
}

func TestPanicIsAnsweredWithoutDetails(t *testing.T) {
	c := start(t)
	c.memoryStore.panics = true
	res, body := c.request(http.MethodGet, "/api/services", "")
	if code, _ := fault(t, body); res.StatusCode != http.StatusInternalServerError || code != "internal" || strings.Contains(body, "secret detail") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestCausesAreNotShown(t *testing.T) {
	c := start(t)
	c.memoryStore.broken = errors.New("disk on fire")
	for _, path := range []string{"/api/services", "/history"} {
		if res, body := c.request(http.MethodGet, path, ""); res.StatusCode != http.StatusInternalServerError || strings.Contains(body, "disk") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	if res, body := c.request(http.MethodGet, "/readyz", ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestPagesWithoutAssetsSayHowToBuildThem(t *testing.T) {
	c := start(t, func(o *handlers.Options) { o.Assets = nil })
	for _, path := range []string{"/", "/history", "/services/new", "/assets/app.js"} {
		res, body := c.request(http.MethodGet, path, "")
		if res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make static") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	if res, body := c.request(http.MethodGet, "/api/services", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the API needs no assets: %d %s", res.StatusCode, body)
	}
}

func TestMissingPageIsAPage(t *testing.T) {
	c := start(t)
	for _, path := range []string{"/nothing", "/services/two", "/sessions/x"} {
		res, body := c.request(http.MethodGet, path, "")
		if res.StatusCode != http.StatusNotFound || !strings.Contains(body, `data-testid="problem"`) {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestLeaseSaysWhoIsAsking(t *testing.T) {
	_, body := start(t).request(http.MethodGet, "/api/lease", "")
	if want := `{"expires_at":null,"person":{"id":"local","name":"local","role":"admin"},"renew_in_ms":null}`; strings.TrimSpace(body) != want {
		t.Errorf("got %s", body)
	}
}

func TestMethodNotAllowedNamesThoseThatAre(t *testing.T) {
	res, _ := start(t).request(http.MethodPost, "/api/services/one", "")
	if got := res.Header.Get("Allow"); got != "GET, PUT, PATCH, DELETE" {
		t.Errorf("Allow: %q", got)
	}
}

func TestReadyNamesTheStoreThatIsAway(t *testing.T) {
	store := &reach{away: bridge.ErrStoreAway}
	c := start(t, func(o *handlers.Options) {
		o.Hub = bridge.NewHub(bridge.HubOptions{Recorder: store, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	})
	if res, body := c.request(http.MethodGet, "/readyz", ""); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, `"store_unavailable"`) {
		t.Errorf("away: %d %s", res.StatusCode, body)
	}
	store.away = nil
	if res, body := c.request(http.MethodGet, "/readyz", ""); res.StatusCode != http.StatusOK {
		t.Errorf("back: %d %s", res.StatusCode, body)
	}
}

func TestReadyEndsWithTheDrain(t *testing.T) {
	var o handlers.Options
	c := start(t, func(own *handlers.Options) { o = *own })
	if res, body := c.request(http.MethodGet, "/readyz", ""); res.StatusCode != http.StatusOK {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if err := o.Hub.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res, body := c.request(http.MethodGet, "/readyz", ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	res, body := c.request(http.MethodPost, "/api/sessions", `{"service":"one"}`)
	if code, _ := fault(t, body); res.StatusCode != http.StatusServiceUnavailable || code != "draining" {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, _ := c.request(http.MethodGet, "/healthz", ""); res.StatusCode != http.StatusOK {
		t.Errorf("draining is alive, and says %d", res.StatusCode)
	}
}

func TestLogLinesHoldRoutesAndNoQueries(t *testing.T) {
	var lines lockedBuilder
	c := start(t, func(o *handlers.Options) { o.Log = lines.logger() })
	c.request(http.MethodGet, "/api/services/secret-name?token=secret-query", "")
	got := lines.String()
	if !strings.Contains(got, "route=/api/services/{service}") || strings.Contains(got, "secret-") {
		t.Errorf("log:\n%s", got)
	}
}
