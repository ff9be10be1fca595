//go:build e2e

package e2e

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// startProxy starts a proxy that connects every name to one address, and refuses names
// that begin with "denied".
func startProxy(t *testing.T, to string) (host string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || strings.HasPrefix(r.Host, "denied") {
			http.Error(w, "not allowed here", http.StatusForbidden)
			return
		}
		out, err := new(net.Dialer).DialContext(r.Context(), "tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = out.Close() }()
		w.WriteHeader(http.StatusOK)
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = in.Close() }()
		go func() {
			_, _ = io.Copy(out, in)
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestPageTellsOfTheEgressProxy(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	proxy := startProxy(t, strings.TrimPrefix(strings.TrimPrefix(g.URL, "ws://"), "http://"))
	s := start(t, t.TempDir(), "--egress-proxy="+proxy)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.ready()
	p.fill("address", "ws://denied.example/chat")
	p.click("connect")
	p.untilText("diagnosis", "The proxy "+proxy+" does not allow a connection to denied.example:80")
	p.untilText("diagnosis", "--egress-no-proxy")
	p.untilText("phases", "Proxy")
	p.shots("egress-refused")
	p.fill("address", "ws://outside.example/none/echo")
	p.click("connect")
	p.untilOpen()
	if problems := p.unexpected("502"); len(problems) > 0 {
		t.Errorf("the console says %v", problems)
	}
	p.visit(s.URL + "/settings")
	p.until(`document.body.textContent.includes("http://` + proxy + `")`)
}
