//go:build e2e

package e2e

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"duplex/bridge/wire"
)

// States of a session as the page shows them.
const (
	connected = "CONNECTED"
	closed    = "CLOSED"
)

// composerBuilt is true once the console's script has built the composer.
const composerBuilt = `document.querySelector("[data-testid=composer]")?.dataset.type !== undefined`

// compose chooses a type and puts text into the composer, as a paste would.
func (p *page) compose(kind, text string) {
	p.t.Helper()
	p.choose("composer-type", kind)
	p.ready()
	p.press("[data-testid=composer] .cm-content")
	p.ctrl("a")
	p.write(text)
}

// attachFile chooses a file in the binary composer.
func (p *page) attachFile(path string) {
	p.t.Helper()
	p.choose("composer-type", "binary")
	p.until(`document.querySelector("[data-testid=file]") !== null`)
	p.do(chromedp.SetUploadFiles(id("file"), []string{path}))
}

// sent presses Send and waits until the log has n messages.
func (p *page) sent(n int) {
	p.t.Helper()
	p.until(`!document.querySelector("[data-testid=send]").disabled`)
	p.click("send")
	p.untilCount(n)
}

func (p *page) untilCount(n int) {
	p.t.Helper()
	p.until(fmt.Sprintf(`Number(document.querySelector("[data-testid=log]").dataset.count) >= %d`, n))
}

func (p *page) connect() {
	p.t.Helper()
	p.click("connect")
	p.untilOpen()
}

// untilStatus waits for a status that begins with word: DISCONNECTED is not CONNECTED.
func (p *page) untilStatus(word string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=status]")?.textContent.trim().startsWith(%q)`, word))
}

func (p *page) session() string {
	p.t.Helper()
	return strings.TrimPrefix(p.eval("location.pathname"), "/sessions/")
}

func TestEveryKindOfCredentialConnectsAndEchoes(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	file := filepath.Join(t.TempDir(), "payload.bin")
	binary := make([]byte, 100_000)
	if _, err := rand.Read(binary); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, binary, 0o600); err != nil {
		t.Fatal(err)
	}
	texts := []struct{ kind, text string }{
		{"text", "plain text — 你好, мир, ok"},
		{"json", "{\"big\": 12345678901234567890, \"a\": [1.0, 1e400]}"},
		{"xml", "<?xml version=\"1.0\"?>\n<a b=\"c\">text<!-- c --></a>"},
		{"html", "<p onclick=\"alert(1)\">hello <b>there</b></p>"},
	}
	kinds := 0
	for _, v := range s.services() {
		if v.Demo != "echo" {
			continue
		}
		kinds++
		t.Run(v.Credential.Kind, func(t *testing.T) {
			p.t = t
			p.visit(s.URL + "/services/" + v.ID)
			p.connect()
			p.untilCount(1)
			want := map[string]bool{string(binary): true}
			for i, m := range texts {
				p.compose(m.kind, m.text)
				p.sent(3 + 2*i)
				want[m.text] = true
			}
			p.attachFile(file)
			p.sent(3 + 2*len(texts))
			for _, row := range s.rows(p.session(), 0) {
				if row.Direction != "received" {
					continue
				}
				body := string(s.body(p.session(), row.Seq))
				if !want[body] {
					t.Errorf("an echo of %d bytes was never sent: %.80q", len(body), body)
				}
				delete(want, body)
			}
			if len(want) > 0 {
				t.Errorf("%d messages have no echo", len(want))
			}
			p.click("disconnect")
			p.untilStatus(closed)
		})
	}
	p.t = t
	if kinds != 14 {
		t.Errorf("%d kinds were tried", kinds)
	}
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

func TestReloadInTheMiddleOfAStreamMissesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	stream := s.demo("stream", "none")
	s.call(http.MethodPost, "/api/services", object{
		"name": "long stream", "address": stream.Address, "params": []object{{"name": "tokens", "value": "120"}, {"name": "interval_ms", "value": "10"}},
	}, nil)
	var id string
	for _, v := range s.services() {
		if v.Name == "long stream" {
			id = v.ID
		}
	}
	p.visit(s.URL + "/services/" + id)
	p.connect()
	p.compose("json", `{"prompt": "tell me about WebSocket"}`)
	p.sent(10)
	before := p.eval(`document.querySelector("[data-testid=log]").dataset.count`)
	p.do(chromedp.Reload())
	p.untilStatus(connected)
	session := p.session()
	s.awaitReceived(session, 120)
	var state wire.State
	s.call(http.MethodGet, "/api/sessions/"+session, nil, &state)
	p.untilCount(int(state.LastSeq))
	t.Logf("reloaded at %s of %d messages", before, state.LastSeq)
	seen := p.allRows()
	for seq := int64(1); seq <= state.LastSeq; seq++ {
		if !seen[fmt.Sprint(seq)] {
			t.Errorf("row %d is not in the log", seq)
		}
	}
	p.untilText("viewer-count", "1 viewer") // the socket of the page before the reload is gone
}

// allRows scrolls through the log and gathers the seqs of the rows it shows.
func (p *page) allRows() map[string]bool {
	p.t.Helper()
	ctx := p.ctx
	seqs, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`(async () => {
		const log = document.querySelector("[data-testid=log]")
		const scroller = [...log.querySelectorAll("*")].find((e) => e.scrollHeight > e.clientHeight + 10 && /auto|scroll/.test(getComputedStyle(e).overflowY)) ?? log
		const seen = new Set()
		for (let top = 0; ; top += scroller.clientHeight / 2) {
			scroller.scrollTop = top
			await new Promise((done) => setTimeout(done, 60))
			for (const row of log.querySelectorAll("[data-testid=row]")) if (row.dataset.seq) seen.add(row.dataset.seq)
			if (top > scroller.scrollHeight) return [...seen]
		}
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, seq := range seqs {
		seen[seq] = true
	}
	return seen
}

func TestWrongSecretShowsWhatToDo(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
	for _, tt := range []struct{ kind, field, wrong, want string }{
		{"aksk", "secret_key", secrets["aksk.secret_key"], "signature is wrong"},
		{"app_code", "app_code", secrets["app_code.app_code"], "AppCode"},
		{"token", "token", secrets["token.token"], "token"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			p.t = t
			p.visit(s.URL + "/services/" + s.demo("echo", tt.kind).ID)
			p.click("tab-auth")
			p.replaceSecret(tt.field, tt.wrong)
			p.click("connect")
			p.untilText("diagnosis", "401")
			said := p.eval(`document.querySelector("[data-testid=diagnosis]").innerText`)
			if !strings.Contains(said, tt.want) || p.eval(`document.querySelector("[data-testid=action]") !== null`) != "true" {
				t.Errorf("the diagnosis says:\n%s", said)
			}
		})
	}
}

// replaceSecret types a new value for a kept secret.
func (p *page) replaceSecret(field, value string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=auth-%[1]s], [data-testid=auth-%[1]s-replace]") !== null`, field))
	p.eval(fmt.Sprintf(`document.querySelector("[data-testid=auth-%s-replace]")?.click() ?? ""`, field))
	p.do(chromedp.Focus(id("auth-"+field)), chromedp.SendKeys(id("auth-"+field), value))
}

func TestTwelveMegabytesThroughThePage(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	binary := make([]byte, 12<<20)
	if _, err := rand.Read(binary); err != nil {
		t.Fatal(err)
	}
	text := []byte(strings.Repeat("0123456789abcdef 中文 — text\n", 12<<20/34))
	for i, payload := range [][]byte{binary, text} {
		file := filepath.Join(t.TempDir(), "big")
		if err := os.WriteFile(file, payload, 0o600); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			p.attachFile(file)
		} else {
			p.pasteFromFile(s, text)
		}
		p.sent(3 + 2*i)
		row := s.rows(p.session(), int64(2+2*i))[0]
		if row.Direction != "received" || !bytes.Equal(s.body(p.session(), row.Seq), payload) {
			t.Errorf("%s of %d bytes came back as %s of %d", row.Direction, len(payload), row.Opcode, row.Size)
		}
	}
}

// pasteFromFile pastes a long text into the composer.
func (p *page) pasteFromFile(_ *server, text []byte) {
	p.t.Helper()
	p.compose("text", "x")
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	unit := string(text[:bytes.IndexByte(text, '\n')+1])
	p.eval(fmt.Sprintf(`(() => {
		const data = new DataTransfer()
		data.setData("text/plain", %q.repeat(%d))
		const target = document.querySelector("[data-testid=composer] .cm-content")
		return target.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))
	})()`, unit, len(text)/len(unit)))
}
