//go:build e2e

package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func rowOf(seq int) string { return fmt.Sprintf(`[data-testid=row][data-seq="%d"]`, seq) }

// pressItem presses an entry of the menu of a row.
func (p *page) pressItem(seq int, name string) {
	p.t.Helper()
	p.pressTool(seq, "ellipsis")
	item := fmt.Sprintf(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].find((item) => item.querySelector(".pop-name").textContent === %q)`, name)
	p.until(item + ` !== undefined`)
	p.eval(item + `.click()`)
}

// pressTool presses one of the buttons on the row under the pointer.
func (p *page) pressTool(seq int, name string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector('%s') !== null`, rowOf(seq)))
	p.hover(rowOf(seq))
	p.press(rowOf(seq) + ` [data-testid=row-` + name + `]`)
}

func TestRowsAreCopiedAsTheyPassed(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	session := s.open(object{"address": s.demo("echo", "none").Address})
	p.visit(s.URL + "/sessions/" + session)
	binary := make([]byte, 300_000)
	if _, err := rand.Read(binary); err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		opcode  string
		payload []byte
		want    string
	}{
		{"text", []byte("short \u202e 漢字\n\ttwo lines"), "short \u202e 漢字\n\ttwo lines"},
		{"text", []byte(strings.Repeat("long 漢字 😀 ", 100_000)), strings.Repeat("long 漢字 😀 ", 100_000)},
		{"binary", []byte{0, 0xff, 0x0a}, "00ff0a"},
		{"binary", binary, hex.EncodeToString(binary)},
	} {
		s.send(session, tt.opcode, tt.payload)
		seq := 3 + 2*i
		p.untilCount(seq)
		p.pressTool(seq, "copy")
		p.untilText("toast", fmt.Sprintf("Message #%d copied", seq))
		if got := p.clipboard(); got != tt.want {
			t.Errorf("%d bytes of %s: the clipboard holds %d characters: %.80q", len(tt.payload), tt.opcode, len(got), got)
		}
	}
	p.pressTool(1, "copy") // an event is copied as its facts
	p.untilText("toast", "Message #1 copied")
	if got := p.clipboard(); !strings.HasPrefix(got, "{") {
		t.Errorf("an event is copied as %q", got)
	}
}

func TestRowsAreSentAgainExactly(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	p.visit(s.URL + "/sessions/" + session)
	p.untilOpen()
	p.watchLong()
	large := bytes.Repeat([]byte("0123456789 漢字 plain text\r\n"), 12<<20/30)
	for i, tt := range []struct {
		opcode  string
		payload []byte
	}{{"text", []byte("\ufeffsmall")}, {"binary", []byte{0, 0xff}}, {"text", nil}, {"text", large}, {"binary", large}} {
		s.send(session, tt.opcode, tt.payload)
		seq := 3 + 4*i
		p.untilCount(seq)
		p.long()
		p.pressItem(seq, "Send again") // the received message
		p.untilText("toast", fmt.Sprintf("Sent again as #%d", seq+1))
		p.untilCount(seq + 2)
		p.logLong(t, fmt.Sprintf("send %d bytes again", len(tt.payload)))
		if got := s.echoed(session, tt.opcode); !bytes.Equal(got, tt.payload) {
			t.Errorf("%d bytes came back, %d were sent again", len(got), len(tt.payload))
		}
	}
	p.scrollLog(0)
	p.until(`document.querySelector('` + rowOf(1) + `') !== null`)
	p.settle()
	again := `[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].find((item) => item.textContent.startsWith("Send again"))`
	p.pressTool(1, "ellipsis")
	p.until(again + `?.textContent.includes("Events cannot be sent")`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.click("disconnect")
	p.untilStatus(closed)
	const last = 21
	p.eval(`document.querySelector(".log-pill")?.click()`)
	p.until(`document.querySelector('` + rowOf(last) + `') !== null`)
	p.pressTool(last, "ellipsis")
	p.until(again + `?.getAttribute("aria-disabled") === "true" && ` + again + `.textContent.includes("Connect first")`)
	p.eval(again + `.click()`)
	p.settle()
	if rows := s.rows(session, last); len(rows) != 1 || rows[0].Event != "closed" {
		t.Errorf("a closed session got %+v", rows)
	}
}

func TestLinkOpensItsMessage(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "5000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "3000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(3000)
	p.scrollLog(24 * 1500)
	p.until(`document.querySelector('` + rowOf(1510) + `') !== null`)
	p.pressItem(1510, "Copy the link to this message")
	p.untilText("toast", "Link copied")
	link := p.clipboard()
	if want := s.URL + "/sessions/" + session + "?seq=1510"; link != want {
		t.Errorf("the link is %s, want %s", link, want)
	}
	p.visit(link)
	p.until(`document.querySelector('` + rowOf(1510) + `[aria-selected=true]') !== null && document.querySelector("[data-testid=detail]").dataset.seq === "1510"`)
	p.until(`document.querySelector("[data-testid=detail-body]").innerText.length > 20`)
	for _, seq := range []string{"99999999", "0", "-1", "x", "1e3", ""} {
		p.visit(s.URL + "/sessions/" + session + "?seq=" + seq)
		if seq == "1e3" {
			p.until(`document.querySelector("[data-testid=detail]").dataset.seq === "1000"`)
			continue
		}
		p.untilText("problem", "no such message")
	}
}

func TestNothingMovesTheLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "500"}, {"name": "size", "value": "128"}, {"name": "count", "value": "3000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(300)
	p.scrollLog(2400)
	p.until(`!document.querySelector(".log-pill").hidden`)
	places := `[...document.querySelectorAll("[data-testid=row]")].slice(0, 10).map((row) => row.dataset.seq + " " + row.getBoundingClientRect().top + " " + [...row.children].slice(0, 6).map((cell) => cell.getBoundingClientRect().left).join(",")).join("|")`
	before := p.eval(places)
	p.hover(rowOf(105))
	if now := p.eval(places); now != before {
		t.Errorf("hovering moved\n%s\nto\n%s", before, now)
	}
	p.rightClick(rowOf(106))
	p.until(`document.querySelectorAll("[data-testid=menu] [role=menuitem]").length === 5`)
	p.settle()
	if now := p.eval(places); now != before {
		t.Errorf("the menu moved\n%s\nto\n%s", before, now)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=menu]") === null && document.activeElement.classList.contains("log-list")`)
	if now := p.eval(places); now != before {
		t.Errorf("closing the menu moved\n%s\nto\n%s", before, now)
	}
	if p.eval(`document.querySelector("[data-testid=detail]").dataset.seq`) != "" {
		t.Error("a menu opened its row")
	}
}

func TestRowsByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.compose("json", `{"key": "board"}`)
	p.sent(3)
	p.until(`document.querySelector("[data-testid=log]").dataset.shown === "3"`) // End is the last row that has come, not the last that is known of
	p.eval(`document.querySelector(".log-list").focus()`)
	p.do(chromedp.KeyEvent(kb.End))
	p.until(`document.querySelector(".log-row.active")?.dataset.seq === "3"`)
	p.do(chromedp.KeyEvent("c"))
	p.untilText("toast", "Message #3 copied")
	if got := p.clipboard(); got != `{"key": "board"}` {
		t.Errorf("C copied %q", got)
	}
	p.do(chromedp.KeyEvent("l"))
	p.untilText("toast", "Link copied")
	p.key("F10", 121, 8)
	p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
	p.do(chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.Enter)) // Send again
	p.untilCount(5)
	p.until(`document.activeElement.classList.contains("log-list")`)
	p.key("ContextMenu", 93, 0)
	p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
	p.do(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter)) // the last but one
	p.until(`document.querySelector("[data-testid=saved-dialog]")?.open`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.untilText("toast", "is saved")
	var list struct {
		Messages []struct {
			Name, Type string
			Size       int
		}
	}
	s.call(http.MethodGet, "/api/services/"+s.demo("echo", "none").ID+"/messages", nil, &list)
	if len(list.Messages) != 1 || list.Messages[0].Name != "Message #3" || list.Messages[0].Type != "json" || list.Messages[0].Size != 16 {
		t.Errorf("saved: %+v", list.Messages)
	}
	p.do(chromedp.KeyEvent("?"))
	p.untilText("shortcuts", "save it for later")
}
