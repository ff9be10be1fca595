//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"
)

// The messages of the page while Duplex or its store is away, or a send has failed.

const lost = "RECONNECTING"

// echoPeer is a service that echoes messages and records them.
type echoPeer struct {
	URL   string
	mu    sync.Mutex // guards heard
	heard []string
}

func newEchoPeer(tb testing.TB) *echoPeer {
	tb.Helper()
	peer := &echoPeer{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		conn.SetReadLimit(1 << 20)
		for {
			kind, payload, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			peer.mu.Lock()
			peer.heard = append(peer.heard, string(payload))
			peer.mu.Unlock()
			if conn.Write(r.Context(), kind, payload) != nil {
				return
			}
		}
	}))
	tb.Cleanup(server.Close)
	peer.URL = "ws" + strings.TrimPrefix(server.URL, "http")
	return peer
}

// times returns how often the peer has received a message.
func (e *echoPeer) times(text string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, heard := range e.heard {
		if heard == text {
			n++
		}
	}
	return n
}

func TestPageSaysThatDuplexIsGoneAndWhatBecomesOfAMessage(t *testing.T) {
	t.Parallel()
	data, peer := t.TempDir(), newEchoPeer(t)
	s := start(t, data)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
	p.untilOpen()
	p.compose("text", "while away")
	s.signal(syscall.SIGKILL)
	p.untilStatus(lost)
	p.until(`/not answering\. [2-9] s/.test(document.querySelector("[data-testid=banner]").textContent)`)
	clock := p.eval(`document.querySelector("[data-testid=elapsed]").textContent`)
	p.focusEditor()
	p.ctrlEnter()
	p.untilText("composer-problem", "Kept here until Duplex answers")
	p.until(`/not answering\. [4-9] s/.test(document.querySelector("[data-testid=banner]").textContent)`)
	if now := p.eval(`document.querySelector("[data-testid=elapsed]").textContent`); now != clock {
		t.Errorf("the clock went on from %s to %s", clock, now)
	}

	start(t, data, "--listen="+strings.TrimPrefix(s.URL, "http://"))
	p.untilStatus(closed)
	if text := p.editorText(); text != "while away" {
		t.Errorf("the message is now %q", text)
	}
	p.focusEditor()
	p.ctrlEnter()
	p.untilText("composer-problem", "Kept here until you are connected")
	p.connect()
	p.until(`document.querySelector("[data-testid=composer-problem]").textContent === ""`)
	p.settle()
	if n := peer.times("while away"); n != 0 {
		t.Errorf("the service heard the message %d times before it was sent", n)
	}
	p.sent(3)
	if n := peer.times("while away"); n != 1 {
		t.Errorf("the service heard the message %d times", n)
	}
}

// ctrlEnter sends from the keyboard.
func (p *page) ctrlEnter() {
	p.t.Helper()
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// A process that hangs closes no socket: the page has to notice by itself.
func TestPageNoticesADuplexThatHangs(t *testing.T) {
	t.Parallel()
	peer := newEchoPeer(t)
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
	p.untilOpen()
	p.compose("text", "into the silence")
	_ = s.cmd.Process.Signal(syscall.SIGSTOP)
	t.Cleanup(func() { _ = s.cmd.Process.Signal(syscall.SIGCONT) })
	p.focusEditor()
	p.ctrlEnter()
	p.until(`document.querySelector("[data-testid=row-unsettled]")?.textContent.includes("into the silence")`)
	p.until(`/Sending|Kept here/.test(document.querySelector("[data-testid=composer-problem]").textContent)`)
	p.untilStatus(lost)
	p.until(`document.querySelector("[data-testid=row-unsettled][data-fate=waiting]") !== null`)
	_ = s.cmd.Process.Signal(syscall.SIGCONT)
	p.untilStatus(connected)
	p.untilCount(3)
	p.until(`document.querySelector("[data-testid=row-unsettled]") === null && document.querySelectorAll("[data-testid=row]").length === 3`)
	p.settle()
	if n := peer.times("into the silence"); n != 1 {
		t.Errorf("the service heard the message %d times", n)
	}
}

// A message that was refused or not answered stays, can be sent again, and is sent once.
func TestMessageThatWasNotSentCanBeTriedAgainAndGoesOutOnce(t *testing.T) {
	t.Parallel()
	peer := newEchoPeer(t)
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	// Uploads reach Duplex or not, and in both cases the page hears nothing of it.
	p.onEveryPage(`(() => {
		const send = XMLHttpRequest.prototype.send
		XMLHttpRequest.prototype.send = function (body) {
			if (window.breaks === undefined) return send.call(this, body)
			const fail = () => { window.failed = (window.failed ?? 0) + 1; this.onerror(new ProgressEvent("error")) }
			if (window.breaks === "before") return void setTimeout(fail)
			this.onload = fail
			send.call(this, body)
		}
	})()`)
	for _, breaks := range []string{"before", "after"} {
		p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
		p.untilOpen()
		p.ready()
		text := strings.Repeat(breaks+" ", 20_000)
		p.eval(fmt.Sprintf(`window.breaks = %q`, breaks))
		p.compose("text", text)
		p.click("send")
		failed := `document.querySelector("[data-testid=row-unsettled][data-fate=failed]")`
		if breaks == "before" {
			p.until(failed + `?.textContent.includes("before before")`)
			p.until(failed + `.textContent.includes("not sent")`)
			p.untilText("composer-problem", "Duplex does not answer")
			if rows := s.rows(p.session(), 1); len(rows) != 0 {
				t.Errorf("%d rows of a message that never left", len(rows))
			}
			p.until(failed + `.querySelector("[data-testid=try-again]") !== null`)
			p.shots("not-sent")
			p.click("try-again") // still nothing
			p.until(`window.failed === 2 && ` + failed + ` !== null`)
			p.eval(`delete window.breaks`)
			p.click("try-again")
		}
		// Its own row confirms it, though the answer was lost.
		p.untilCount(3)
		p.until(`document.querySelector("[data-testid=row-unsettled]") === null`)
		p.settle()
		if n := peer.times(text); n != 1 {
			t.Errorf("%s: the service heard the message %d times", breaks, n)
		}
	}
}

func TestPageNamesItsViewersAndTheEnd(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p, other := browse(t, 1440, 900), browse(t, 1440, 900)
	session := s.open(object{"service": s.demo("close", "none").ID, "params": []object{{"name": "code", "value": "4321"}, {"name": "reason", "value": "no more quota"}, {"name": "after", "value": "1"}}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilOpen()
	other.visit(s.URL + "/sessions/" + session)
	other.untilOpen()
	p.untilText("viewer-count", "2 viewers")
	p.until(`document.querySelector("[data-testid=viewers]").title === "You, You in another window"`)
	p.until(`document.querySelector("[data-testid=overview-viewers]").textContent.includes("You in another window")`)
	s.send(session, "text", []byte("go"))
	p.untilStatus(`CLOSED 4321 “no more quota”`)
	other.untilStatus(`CLOSED 4321 “no more quota”`)
}
