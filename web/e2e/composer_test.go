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
	"github.com/chromedp/chromedp/kb"
)

// focusEditor focuses the editor without a press, which would scroll in a long message.
func (p *page) focusEditor() {
	p.t.Helper()
	p.eval(`document.querySelector("[data-testid=composer] .cm-content").focus()`)
}

func (p *page) editorText() string {
	p.t.Helper()
	return p.eval(`document.querySelector("[data-testid=composer] .cm-content").innerText`)
}

// echoed returns the newest received message and checks its opcode.
func (s *server) echoed(session, opcode string) []byte {
	s.t.Helper()
	rows := s.rows(session, 0)
	last := rows[len(rows)-1]
	if last.Direction != "received" || string(last.Opcode) != opcode {
		s.t.Errorf("the newest row is %s %s, want received %s", last.Direction, last.Opcode, opcode)
	}
	return s.body(session, last.Seq)
}

// file writes a file to be dropped or chosen.
func file(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestLongPasteIsAttachedEditedAndSent(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.watchLong()
	for i, unit := range []string{"0123456789abcdef plain text\n", "0123456789 中文 — 😀\n", `{"one": "line"}, `} {
		p.compose("text", "x")
		p.focusEditor()
		p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		n := 12 << 20 / len(unit)
		took := p.paste(fmt.Sprintf("%q.repeat(%d)", unit, n))
		p.untilText("attached", "Edit as text")
		p.logLong(t, fmt.Sprintf("paste of %d bytes of %q, of which the browser took %s ms", n*len(unit), unit, took))
		if preview := p.eval(`document.querySelector("[data-testid=attached-preview]").textContent`); !strings.HasPrefix(preview, strings.TrimSpace(unit)[:10]) {
			t.Errorf("the preview is %q", preview)
		}
		p.sent(3 + 4*i)
		p.logLong(t, "send what is attached")
		if got := s.echoed(p.session(), "text"); string(got) != strings.Repeat(unit, n) {
			t.Errorf("%d bytes came back, %d were pasted", len(got), n*len(unit))
		}
		p.click("attached-edit")
		p.until(`document.querySelector("[data-testid=attached]").hidden && document.querySelector("[data-testid=composer] .cm-content").innerText.length > 100`)
		p.logLong(t, "edit as text")
		p.demandNoBlank(t)
		p.do(chromedp.KeyEvent(kb.Home, chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent("!"))
		p.logLong(t, "type a letter")
		p.sent(5 + 4*i)
		p.logLong(t, "send what is edited")
		if got := s.echoed(p.session(), "text"); string(got) != "!"+strings.Repeat(unit, n) {
			t.Errorf("%d bytes came back, %d were written", len(got), n*len(unit)+1)
		}
		p.focusEditor()
		p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Delete))
		p.untilText("composer-size", "0 B")
		p.logLong(t, "delete all")
	}
}

// demandNoBlank scrolls through the editor and demands text at every place.
func (p *page) demandNoBlank(t *testing.T) {
	t.Helper()
	for _, percent := range []int{10, 50, 90, 100, 0} {
		p.eval(fmt.Sprintf(`(() => { const s = document.querySelector("[data-testid=composer] .cm-scroller"); s.scrollTop = (s.scrollHeight - s.clientHeight) * %d / 100 })()`, percent))
		p.settle()
		if p.eval(`(() => {
			const s = document.querySelector("[data-testid=composer] .cm-scroller").getBoundingClientRect()
			return [...document.querySelectorAll("[data-testid=composer] .cm-line")].some((line) => { const r = line.getBoundingClientRect(); return r.bottom > s.top && r.top < s.bottom && line.textContent.trim() !== "" })
		})()`) != "true" {
			t.Errorf("at %d %% the editor is blank", percent)
		}
	}
}

func TestLongPasteLosesNothingOfWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.compose("text", "before|behind")
	p.focusEditor()
	p.do(chromedp.KeyEvent(kb.Home))
	for range "before|" {
		p.do(chromedp.KeyEvent(kb.ArrowRight))
	}
	const pasted = `"line\n".repeat(300000)`
	p.paste(pasted)
	p.untilText("attached", "1.5 MB text")
	p.click("attached-remove")
	p.until(`document.querySelector("[data-testid=attached]").hidden`)
	if text := p.editorText(); text != "before|behind" {
		t.Errorf("after removing what was attached: %q", text)
	}
	p.paste(pasted)
	p.untilText("attached", "1.5 MB text")
	p.sent(3)
	want := "before|" + strings.Repeat("line\n", 300000) + "behind"
	if got := string(s.echoed(p.session(), "text")); got != want {
		t.Errorf("%d bytes came back, %d were written", len(got), len(want))
	}
	p.click("attached-edit")
	p.until(`document.querySelector("[data-testid=attached]").hidden && document.querySelector("[data-testid=composer] .cm-content").innerText.includes("line")`)
	p.focusEditor()
	p.do(chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.paste(pasted) // into a text that is long already
	p.untilText("composer-size", "3.0 MB")
	p.do(chromedp.KeyEvent("."))
	p.sent(5)
	if got := string(s.echoed(p.session(), "text")); got != want+strings.Repeat("line\n", 300000)+"." {
		t.Errorf("%d bytes came back", len(got))
	}
}

func TestLargeFileIsDroppedCancelledAndSent(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.watchLong()
	content := make([]byte, 64<<20)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	path := file(t, "sixty-four.bin", content)
	p.compose("text", "waiting")
	p.drop("[data-testid=composer]", path)
	p.until(`document.querySelector("[data-testid=composer-type]").value === "binary"`)
	p.untilText("composer", "sixty-four.bin")
	p.logLong(t, "drop 64 MiB")
	p.slow(4 << 20)
	p.click("send")
	p.until(`!document.querySelector("[data-testid=cancel-send]").hidden && document.querySelector("[data-testid=progress]").value > 0`)
	p.untilText("composer-problem", "Sending:")
	p.click("cancel-send")
	p.untilText("composer-problem", "Nothing sent")
	p.slow(0)
	if focused := p.focused(); focused != "send" {
		t.Errorf("after Cancel the focus is at %s", focused)
	}
	if rows := s.rows(p.session(), 1); len(rows) > 0 {
		t.Errorf("a cancelled message is in the log: %+v", rows)
	}
	p.untilText("composer", "sixty-four.bin")
	p.long()
	p.sent(3)
	p.logLong(t, "send 64 MiB")
	if got := s.echoed(p.session(), "binary"); !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back", len(got))
	}
}

// A cancel after the last byte was sent is reported as too late.
func TestLateCancelIsSaid(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.eval(`XMLHttpRequest.prototype.abort = function () { this.onabort() }`) // the bytes go on
	p.drop("[data-testid=composer]", file(t, "late.bin", make([]byte, 8<<20)))
	p.untilText("composer", "late.bin")
	p.slow(4 << 20)
	p.click("send")
	p.until(`!document.querySelector("[data-testid=cancel-send]").hidden`)
	p.click("cancel-send")
	p.untilText("composer-problem", "Nothing sent")
	p.slow(0)
	p.untilText("composer-problem", "Too late to cancel")
}

func TestFilesAreDroppedAsWhatTheyAre(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.watchLong()
	large := []byte(strings.Repeat("Zeile äöü 漢字\r\n", 600_000))
	for i, tt := range []struct {
		name    string
		content []byte
		opcode  string
		shown   string
	}{
		{"small.json", []byte("\xef\xbb\xbf{\"a\": 1}\r\n"), "text", "cm-content"},
		{"large.txt", large, "text", "attached"},
		{"broken.txt", append(bytes.Clone(large), 0xff), "binary", "broken.txt"},
		{"zeros", make([]byte, 2000), "binary", "zeros"},
		{"empty", nil, "text", "cm-content"},
	} {
		p.compose("text", "x")
		p.drop("[data-testid=log]", file(t, tt.name, tt.content)) // anywhere on the page
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=composer-size]").textContent === %q`, sizeOf(len(tt.content))))
		if shown := p.eval(`document.querySelector("[data-testid=composer-surface], .composer-surface").innerHTML`); !strings.Contains(shown, tt.shown) {
			t.Errorf("%s is shown as %.200s", tt.name, shown)
		}
		p.logLong(t, "drop "+tt.name)
		p.sent(3 + 2*i)
		if got := s.echoed(p.session(), tt.opcode); !bytes.Equal(got, tt.content) {
			t.Errorf("%s: %d bytes came back", tt.name, len(got))
		}
		if p.eval(`document.querySelector("[data-testid=attached-remove]")?.click() ?? ""`); tt.name == "large.txt" && p.editorText() != "x" {
			t.Errorf("behind what was attached stands %q", p.editorText())
		}
	}
	p.choose("composer-type", "binary")
	p.do(chromedp.SetUploadFiles(id("file"), []string{file(t, "chosen.txt", large)}))
	p.click("send-as-text")
	p.untilText("attached", "chosen.txt")
	p.sent(13)
	if got := s.echoed(p.session(), "text"); !bytes.Equal(got, large) {
		t.Errorf("as text %d bytes came back", len(got))
	}
	p.drop("[data-testid=composer]", file(t, "too-large", make([]byte, 64<<20+1)))
	p.untilText("composer-problem", "Too large")
	if p.eval(`document.querySelector("[data-testid=send]").disabled`) != "true" {
		t.Error("a file that is too large can be sent")
	}
	p.choose("composer-type", "text")
	p.click("attached-remove")
	p.drop("[data-testid=composer]", t.TempDir())
	p.untilText("composer-problem", "a folder cannot be sent")
}

// sizeOf formats a number of bytes as the page does.
func sizeOf(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 999_950:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}

func TestLimitWarnsBeforeItRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	var saved service
	s.call(http.MethodPost, "/api/services", object{
		"name": "small", "address": s.demo("echo", "none").Address, "limits": object{"max_message_bytes": 1000},
	}, &saved)
	p.visit(s.URL + "/services/" + saved.ID)
	p.connect()
	p.ready()
	for _, tt := range []struct {
		text, class, size, problem string
		disabled                   bool
	}{
		{strings.Repeat("x", 700), "", "700 B", "", false},
		{strings.Repeat("漢", 270), "near", "810 B of 1.0 kB", "", false},
		{strings.Repeat("😀", 250), "near", "1.0 kB of 1.0 kB", "", false},
		{strings.Repeat("😀", 250) + "x", "over", "1,001 B of 1.0 kB", "Too large: 1,001 B, the limit is 1.0 kB.", true},
	} {
		p.compose("text", tt.text)
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=composer-size]").textContent === %q`, tt.size))
		got := p.eval(`[document.querySelector("[data-testid=composer-size]").className, document.querySelector("[data-testid=composer-problem]").textContent, document.querySelector("[data-testid=send]").disabled].join("|")`)
		if !strings.Contains(got, tt.class) || !strings.HasSuffix(got, fmt.Sprintf("|%s|%v", tt.problem, tt.disabled)) {
			t.Errorf("%s: %s", tt.size, got)
		}
	}
}

func TestMistakesInAMessageAreMarked(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	for _, tt := range []struct{ kind, text, problem, marked string }{
		{"json", "{\n  \"a\": 1,\n  \"b\" 2\n}", "Line 3, column 7: add a colon.", "2"},
		{"xml", "<a>\n  <b>1 &nbsp; 2</b>\n</a>", "Line 2, column 8: &nbsp; is not defined.", "&"},
		{"xml", "<a>\n  <b>\n</a>", "Line 3, column 1: </b> is expected.", "<"},
		{"html", "<ul>\n  <li>one\n  <li><b>two\n</ul>", "Line 4, column 1: </b> is missing.", "<"},
	} {
		p.compose(tt.kind, tt.text)
		p.untilText("composer-problem", tt.problem)
		p.until(fmt.Sprintf(`document.querySelector(".composer-fault")?.textContent === %q && document.querySelectorAll(".composer-fault").length === 1`, tt.marked))
		if p.eval(`document.querySelector("[data-testid=send]").disabled`) != "false" {
			t.Errorf("%s with a mistake cannot be sent as it is", tt.kind)
		}
	}
	for kind, text := range map[string]string{"json": `[1]`, "xml": "<a>&amp;</a>", "html": "<p>one<p>two", "text": "<a>{"} {
		p.compose(kind, text)
		p.settle()
		p.until(`document.querySelector(".composer-fault") === null && document.querySelector("[data-testid=composer-problem]").textContent === ""`)
	}
}

func TestMessagesAreColouredAndFoldedByKeys(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	for kind, text := range map[string]string{
		"json": "{\n  \"a\": [\n    1\n  ]\n}", "xml": "<a>\n  <b c=\"d\">\n    e\n  </b>\n</a>", "html": "<div>\n  <p class=\"d\">\n    e\n  </p>\n</div>",
	} {
		p.compose(kind, text)
		p.until(`document.querySelectorAll("[data-testid=composer] .composer-fold").length >= 2`)
		p.until(`new Set([...document.querySelectorAll("[data-testid=composer] .cm-line span")].map((s) => getComputedStyle(s).color)).size >= 2`)
		p.do(chromedp.KeyEvent(kb.Home, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		p.key("{", 219, 2|8) // as a keyboard says Shift+[
		p.until(`document.querySelector("[data-testid=composer] .cm-foldPlaceholder") !== null`)
		p.key("}", 221, 2|8)
		p.until(`document.querySelector("[data-testid=composer] .cm-foldPlaceholder") === null`)
	}
}

func TestSentMessagesAreCalledBackWithTheirType(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.connect()
	p.ready()
	p.compose("xml", "<a/>")
	p.sent(3)
	p.choose("composer-type", "binary")
	p.click("binary-hex")
	p.do(chromedp.SendKeys(id("binary-hex-text"), "01 ff"))
	p.sent(5)
	p.compose("json", "[1]")
	p.sent(7)
	p.compose("text", "a draft")
	state := `[document.querySelector("[data-testid=composer-type]").value, document.querySelector("[data-testid=composer] .composer-binary").hidden ? document.querySelector("[data-testid=composer] .cm-content").innerText : document.querySelector("[data-testid=binary-hex-text]").value].join(" ")`
	for _, step := range []struct{ key, want string }{
		{kb.ArrowUp, "json [1]"},
		{kb.ArrowUp, "binary 01 ff"},
		{kb.ArrowUp, "xml <a/>"},
		{kb.ArrowUp, "xml <a/>"},
		{kb.ArrowDown, "binary 01 ff"},
		{kb.ArrowDown, "json [1]"},
		{kb.ArrowDown, "text a draft"},
		{kb.ArrowDown, "text a draft"},
	} {
		p.do(chromedp.KeyEvent(step.key, chromedp.KeyModifiers(chromedp.ModifierAlt)))
		p.until(fmt.Sprintf(`%s === %q`, state, step.want))
	}
}

// The box is as high as its text, up to 40 % of the window, and the end of the log stays.
func TestComposerIsAsHighAsItsTextAndTheLogStaysAtItsEnd(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("ticker", "none").ID)
	p.connect()
	p.ready()
	p.untilCount(60)
	const height = `document.querySelector("[data-testid=composer] .write:not([hidden])").offsetHeight`
	const atEnd = `(() => {
		const rows = [...document.querySelectorAll("[data-testid=row]")].filter((row) => row.checkVisibility())
		const last = rows.at(-1).getBoundingClientRect()
		return last.bottom <= document.querySelector("[data-testid=composer]").getBoundingClientRect().top + 1 && Number(document.querySelector("[data-testid=log]").dataset.count) - Number(rows.at(-1).dataset.seq) <= 3
	})()`
	p.compose("text", "one line")
	p.until(height + ` > 50 && ` + height + ` < 90`)
	p.compose("text", strings.TrimSuffix(strings.Repeat("line\n", 8), "\n"))
	p.until(height + ` > 160 && ` + height + ` < 230`)
	p.until(atEnd)
	p.compose("text", strings.Repeat("line\n", 200))
	p.until(height + ` > 300 && ` + height + ` <= 900 * 0.4 + 50`)
	p.until(atEnd)
	p.focusEditor()
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Delete))
	p.until(height + ` < 90`)
	p.until(atEnd)
}

// Raw shows the message that the prompt becomes, and the prompt gets its text back.
func TestPromptBecomesARawMessageAndComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
	p.connect()
	p.ready()
	p.fill("prompt", `Say "hi"`)
	p.click("prompt-sends")
	p.untilText("send-preview", `{"prompt":"Say \"hi\""}`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.click("mode-raw")
	p.until(`document.querySelector("[data-testid=composer] .cm-content").innerText === ` + "`" + `{"prompt":"Say \\"hi\\""}` + "`" + ` && document.querySelector("[data-testid=composer-type]").value === "json"`)
	p.compose("json", `{"prompt": "Say more", "max": 3}`)
	p.click("mode-prompt")
	p.until(`document.querySelector("[data-testid=prompt]")?.value === "Say more"`)
	p.click("mode-raw") // the edited message is still there
	p.until(`document.querySelector("[data-testid=composer] .cm-content").innerText.includes("max")`)
	p.compose("json", `{"prompt": `)
	p.click("mode-prompt")
	p.untilText("composer-problem", "No prompt can be read from this message")
	p.click("mode-prompt") // leaves it
	p.until(`document.querySelector("[data-testid=prompt]")?.value === "Say more"`)
}

// UTF-8 cannot hold half of a surrogate pair: the page says before a send that it is
// replaced.
func TestHalfOfASurrogatePairIsToldBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"service": s.demo("echo", "none").ID})
	p.visit(s.URL + "/sessions/" + session)
	p.untilOpen()
	p.ready()
	insert := func(kind, script string) {
		p.compose(kind, "x")
		p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		p.eval(fmt.Sprintf(`(() => {
			const data = new DataTransfer()
			data.setData("text/plain", %s)
			document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))
		})()`, script))
	}
	for i, c := range []struct{ kind, script, told, sent string }{
		{"text", `"a\ud83db"`, "Character 2 is half of a pair (U+D83D). It is sent as U+FFFD.", "a\ufffdb"},
		{"json", `"{\"a\": \"\ude00\",\n\"b\": \"\ud83d\"}"`, "2 characters are halves of pairs, the first is character 8 (U+DE00). Each is sent as U+FFFD.", "{\"a\": \"\ufffd\",\n\"b\": \"\ufffd\"}"},
		{"text", `"😀 whole"`, "", "😀 whole"},
		{"text", `"long ".repeat(250000) + "\ud83d"`, "Character 1250001 is half of a pair (U+D83D). It is sent as U+FFFD.", strings.Repeat("long ", 250_000) + "\ufffd"},
	} {
		insert(c.kind, c.script)
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=composer-problem]").textContent === %q && !document.querySelector("[data-testid=send]").disabled`, c.told))
		p.sent(3 + 2*i)
		if got := string(s.body(session, int64(2+2*i))); got != c.sent {
			t.Errorf("%s was sent as %d bytes: %.40q", c.script, len(got), got)
		}
	}
}
