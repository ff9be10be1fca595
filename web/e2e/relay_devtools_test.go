//go:build e2e

package e2e

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// The DevTools of Chromium are a service as others are: driven through a relay, they show the
// frames of a page that itself uses a relay.
func TestDevToolsPassARelay(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	host, path := startDevTools(t)
	var devtools service
	body := object{"name": "DevTools", "address": "ws://" + host + "/"}
	if status, raw := s.call(http.MethodPost, "/api/services", body, &devtools); status != http.StatusCreated {
		t.Fatalf("save: %d %s", status, raw)
	}
	relay := "ws" + strings.TrimPrefix(s.URL, "http") + "/relay/"
	at, stop := remote.NewAllocator(t.Context(), relay+devtools.ID+path, remote.NoModifyURL)
	defer stop()
	tab, cancel := chromedp.NewContext(at)
	defer cancel()
	ctx, late := context.WithTimeout(tab, 30*time.Second)
	defer late()
	var mu sync.Mutex // guards frames
	var frames []string
	err := chromedp.Listen(ctx, func(event any) {
		if e, is := event.(*network.EventWebSocketFrameReceived); is {
			mu.Lock()
			defer mu.Unlock()
			frames = append(frames, string(e.Response.PayloadData))
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	}
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Navigate(s.URL+"/history"))
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new Promise((done) => {
		const socket = new WebSocket("`+relay+s.demo("echo", "none").ID+`")
		socket.onopen = () => socket.send("seen by DevTools")
		socket.onmessage = ({data}) => { done(data); socket.close() }
		socket.onerror = () => done("refused")
	})`, chromedp.EvalAwaitPromise))
	if err != nil || got != "seen by DevTools" {
		t.Errorf("the page got %q: %v", got, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(strings.Join(frames, "\n"), "seen by DevTools") {
		t.Errorf("DevTools saw %q", frames)
	}
}

// startDevTools starts a Chromium of the test's own, whose DevTools have a socket in place of
// a pipe, and returns its host and path.
func startDevTools(t *testing.T) (host, path string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "devtools-") //nolint:usetesting // the last process of Chromium may outlive the test by a moment
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(chromiumProgram(t), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir="+profile, "about:blank")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Debian's program is a script that starts another
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = os.RemoveAll(profile)
	})
	for late := time.After(20 * time.Second); ; {
		said, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		if port, path, whole := strings.Cut(strings.TrimSpace(string(said)), "\n"); whole {
			return "127.0.0.1:" + port, path
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-late:
			t.Fatal("Chromium does not say where its DevTools are")
		}
	}
}
