//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"duplex/bridge/testkit"
)

// wireCutter passes TCP connections on until it is cut. While gate is locked, their bytes wait.
type wireCutter struct {
	addr, to string
	gate     sync.RWMutex
	mu       sync.Mutex // guards all below
	listener net.Listener
	open     map[net.Conn]bool
}

// newWireCutter listens on loopback.
func newWireCutter(tb testing.TB) *wireCutter {
	tb.Helper()
	c := &wireCutter{open: map[net.Conn]bool{}}
	c.addr = c.listen(tb, testkit.FreeAddr(tb)) // again after an outage
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
	go func() { _, _ = io.Copy(held{far, &c.gate}, near); _ = far.Close() }()
	_, _ = io.Copy(held{near, &c.gate}, far)
	_ = near.Close()
}

// held writes while a gate is open.
type held struct {
	to   io.Writer
	gate *sync.RWMutex
}

func (g held) Write(p []byte) (int, error) {
	g.gate.RLock()
	defer g.gate.RUnlock()
	return g.to.Write(p)
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

// told is all that the page says about the connection, for a comparison. What is red in the
// writer that is shown counts too.
const told = `(() => {
	const text = (id) => document.querySelector("[data-testid=" + id + "]")?.textContent.trim() ?? ""
	const shown = (id) => { const e = document.getElementById(id); return e && !e.hidden ? (e.disabled ? id + " disabled" : id) : "" }
	const banner = /^(?:Duplex|The database) is not \w+/.exec(text("banner"))?.[0] ?? text("banner")
	const write = document.querySelector(".write:not([hidden])")
	const red = write.querySelector("[data-level=error]")?.textContent ?? ""
	return [document.getElementById("phase-word").textContent, ["connect", "cancel", "disconnect"].map(shown).filter(Boolean).join("+"), text("status"), banner || "no banner",
		(write.querySelector("[data-testid=send]").disabled ? "no send" : "send") + (red && ", red: " + red)].join(" | ")
})()`

// What a page tells in each state, in all its parts.
const (
	toldOpen   = "Connected | disconnect | CONNECTED | no banner | send"
	toldLost   = "Last seen | disconnect disabled | RECONNECTING… | Duplex is not answering | no send"
	toldAway   = "Connected | disconnect | CONNECTED | The database is not available | no send"
	toldKilled = "Ended after | connect | CLOSED 1006 | no banner | no send"
)

// soon is the time in which a page has to tell the truth.
const soon = 2 * time.Second

// watchTold stamps each change of what the page tells by the page's own clock, and how long
// the machine did not let the page run until then.
func (p *page) watchTold() {
	p.t.Helper()
	p.eval(`(() => {
		let stalled = 0, ran = Date.now()
		const run = () => { const now = Date.now(); stalled += Math.max(0, now - ran - 100); ran = now }
		setInterval(run, 50)
		window.said = [{at: Date.now(), stalled, told: ` + told + `}]
		new MutationObserver(() => {
			run()
			const now = ` + told + `
			if (now !== said.at(-1).told) said.push({at: ran, stalled, told: now})
		}).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden", "disabled", "data-level"]})
	})()`)
}

// tellsSoon demands that the page tells want within 2 s of something that was done, without
// anybody's press. Time in which the page was not run does not count.
func (p *page) tellsSoon(want string, do func()) {
	p.t.Helper()
	before := time.Now().UnixMilli()
	do()
	done := time.Now().UnixMilli()
	p.untilTold(want)
	var took int64
	text := p.eval(fmt.Sprintf(`(() => {
		const first = said.find(({at, told}) => at >= %[1]d && told === %[2]q)
		return first ? first.at - %[3]d - (first.stalled - (said.findLast(({at}) => at < %[1]d) ?? said[0]).stalled) : "never"
	})()`, before, want, done))
	if _, err := fmt.Sscan(text, &took); err != nil || took > soon.Milliseconds() {
		p.t.Errorf("the page told %q after %s ms: %s", want, text, p.eval(`JSON.stringify(said)`))
	}
	p.t.Logf("%q after %s ms", want, text)
}

// untilTold waits until all parts of the page tell the same state.
func (p *page) untilTold(want string) {
	p.t.Helper()
	p.until(told + ` === "` + want + `"`)
}

// outage is a fault of a server or of the network between it and a page. Each of its methods
// begins one, and returns what ends it.
type outage struct {
	t   *testing.T
	s   *server
	net *wireCutter
}

func (o outage) cut() (end func()) {
	o.net.cut()
	return func() { o.net.join(o.t) }
}

func (o outage) silence() (end func()) {
	o.net.gate.Lock()
	return o.net.gate.Unlock
}

func (o outage) hang() (end func()) {
	goOn := func() { _ = o.s.cmd.Process.Signal(syscall.SIGCONT) }
	o.t.Cleanup(goOn)
	_ = o.s.cmd.Process.Signal(syscall.SIGSTOP)
	return goOn
}

func (o outage) kill() (end func()) {
	o.s.signal(syscall.SIGKILL)
	return func() { start(o.t, o.s.Data, "--public-url=http://"+o.net.addr, "--listen="+o.net.to) }
}

func (o outage) lockStore() (end func()) { return o.s.lockStore(o.t) }

// All parts of the page tell the same within 2 s of each outage, and of its end; a message
// that was kept goes out once. It judges time, so it runs beside no other test.
func TestPageTellsTheTruthWithinTwoSecondsOfEachOutage(t *testing.T) {
	for name, fault := range map[string]struct {
		begin         func(outage) (end func())
		during, after string
	}{
		"network cut":    {begin: outage.cut, during: toldLost, after: toldOpen},
		"network silent": {begin: outage.silence, during: toldLost, after: toldOpen},
		"Duplex hangs":   {begin: outage.hang, during: toldLost, after: toldOpen},
		"Duplex killed":  {begin: outage.kill, during: toldLost, after: toldKilled},
		"database away":  {begin: outage.lockStore, during: toldAway, after: toldOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer, cutter := newEchoPeer(t), newWireCutter(t)
			s := start(t, t.TempDir(), "--public-url=http://"+cutter.addr)
			cutter.to, s.URL = strings.TrimPrefix(s.URL, "http://"), "http://"+cutter.addr
			p := browse(t, 1440, 900)
			p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
			p.untilOpen()
			p.compose("text", "once")
			p.untilTold(toldOpen)
			p.watchTold()
			var end func()
			p.tellsSoon(fault.during, func() { end = fault.begin(outage{t, s, cutter}) })
			p.focusEditor()
			p.ctrlEnter()
			p.until(`document.querySelector("[data-testid=composer-problem]").dataset.level === "error"`)
			p.shots(strings.ReplaceAll("outage-"+name, " ", "-"))
			p.tellsSoon(fault.after, end)
			if fault.after != toldOpen {
				p.connect()
			}
			p.sent(3)
			if n := peer.times("once"); n != 1 {
				t.Errorf("the service heard the message %d times", n)
			}
		})
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
