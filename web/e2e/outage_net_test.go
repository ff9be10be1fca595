//go:build e2e

package e2e

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// wireCutter passes TCP connections on until it is cut.
type wireCutter struct {
	addr, to string
	mu       sync.Mutex // guards all below
	listener net.Listener
	open     map[net.Conn]bool
}

// newWireCutter listens on a port of loopback.
func newWireCutter(tb testing.TB) *wireCutter {
	tb.Helper()
	c := &wireCutter{open: map[net.Conn]bool{}}
	c.addr = c.listen(tb, "127.0.0.1:0")
	tb.Cleanup(c.cut)
	return c
}

func (c *wireCutter) listen(tb testing.TB, addr string) string {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	c.mu.Lock()
	c.listener = listener
	c.mu.Unlock()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go c.pass(conn)
		}
	}()
	return listener.Addr().String()
}

func (c *wireCutter) pass(near net.Conn) {
	far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", c.to)
	if err != nil {
		_ = near.Close()
		return
	}
	c.mu.Lock()
	c.open[near], c.open[far] = true, true
	c.mu.Unlock()
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
	_, _ = io.Copy(near, far)
	_ = near.Close()
}

// cut ends all connections, and admits no others.
func (c *wireCutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.listener.Close()
	for conn := range c.open {
		_ = conn.Close()
	}
	c.open = map[net.Conn]bool{}
}

// join admits connections again.
func (c *wireCutter) join(tb testing.TB) {
	tb.Helper()
	c.listen(tb, c.addr)
}

// told returns all that the page says about the connection, for a comparison.
const told = `(() => {
	const text = (id) => document.querySelector("[data-testid=" + id + "]")?.textContent.trim() ?? ""
	const shown = (id) => { const e = document.getElementById(id); return e && !e.hidden ? (e.disabled ? id + " disabled" : id) : "" }
	return [document.getElementById("phase-word").textContent, ["connect", "cancel", "disconnect"].map(shown).filter(Boolean).join("+"), text("status"), text("banner") === "" ? "no banner" : "banner",
		document.querySelector(".write:not([hidden]) [data-testid=send]").disabled ? "no send" : "send"].join(" | ")
})()`

// untilTold waits until all parts of the page tell the same state.
func (p *page) untilTold(want string) time.Duration {
	p.t.Helper()
	begun := time.Now()
	p.until(told + ` === "` + want + `"`)
	return time.Since(begun)
}

// Each part of the page tells the same, within 2 s of a cut and after it.
func TestEveryPartOfThePageTellsTheSameWhileTheNetworkIsCut(t *testing.T) {
	t.Parallel()
	peer := newEchoPeer(t)
	cutter := newWireCutter(t)
	s := start(t, t.TempDir(), "--public-url=http://"+cutter.addr)
	cutter.to, s.URL = strings.TrimPrefix(s.URL, "http://"), "http://"+cutter.addr
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
	p.untilOpen()
	p.compose("text", "once")
	p.untilTold("Connected | disconnect | CONNECTED | no banner | send")
	cutter.cut()
	if took := p.untilTold("Last seen | disconnect disabled | RECONNECTING… | banner | no send"); took > soon {
		t.Errorf("the page told the cut after %s", took)
	}
	p.until(`document.querySelector("[data-testid=console]").dataset.state === "lost"`)
	p.shots("lost")
	cutter.join(t)
	p.click("try-now")
	if took := p.untilTold("Connected | disconnect | CONNECTED | no banner | send"); took > soon {
		t.Errorf("the page was back after %s", took)
	}
	p.sent(3)
	if n := peer.times("once"); n != 1 {
		t.Errorf("the service heard the message %d times", n)
	}
}

func TestEveryPartOfThePageTellsTheSameAfterDuplexWasKilled(t *testing.T) {
	t.Parallel()
	data, peer := t.TempDir(), newEchoPeer(t)
	s := start(t, data)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
	p.untilOpen()
	p.compose("text", "kept")
	s.signal(syscall.SIGKILL)
	p.untilTold("Last seen | disconnect disabled | RECONNECTING… | banner | no send")
	start(t, data, "--listen="+strings.TrimPrefix(s.URL, "http://"))
	p.until(told + `.startsWith("Ended after | connect | CLOSED") && ` + told + `.endsWith("| no banner | no send")`)
	p.connect()
	p.untilTold("Connected | disconnect | CONNECTED | no banner | send")
	if text := p.editorText(); text != "kept" {
		t.Errorf("the message is now %q", text)
	}
}

// A prompt is shown as sending within a frame, tells its seconds, and becomes a turn once.
func TestPromptIsShownAsSendingUntilDuplexAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
	p.connect()
	p.fill("prompt", "What is a frame?")
	_ = s.cmd.Process.Signal(syscall.SIGSTOP)
	t.Cleanup(func() { _ = s.cmd.Process.Signal(syscall.SIGCONT) })
	frames := p.eval(`(() => {
		document.querySelector("[data-testid=send]").click()
		return document.querySelector("[data-testid=turn-pending][data-fate=sending]")?.textContent ?? "none"
	})()`)
	if !strings.Contains(frames, "What is a frame?") {
		t.Errorf("right after Send the page shows %q", frames)
	}
	p.until(`document.querySelector("[data-testid=turn-pending]") !== null && /sending [2-9] s|waiting for Duplex/.test(document.querySelector("[data-testid=turn-pending]").textContent)`)
	p.shots("prompt-sending")
	_ = s.cmd.Process.Signal(syscall.SIGCONT)
	p.until(`document.querySelector("[data-testid=turn-pending]") === null && document.querySelectorAll("[data-testid=turn]").length === 1`)
	p.until(`document.querySelector("[data-testid=prompt]").value === ""`)
	p.settle()
	if n := p.eval(`document.querySelectorAll("[data-testid=turn]").length`); n != "1" {
		t.Errorf("%s turns of one prompt", n)
	}
}
