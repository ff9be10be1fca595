//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo/emulate"
)

// emulated saves a service that speaks a dialect to its emulator, and returns its id.
func (s *server) emulated(dialect string, options emulate.Options) string {
	s.t.Helper()
	e, found := emulate.Find(dialect)
	if !found {
		s.t.Fatalf("no emulator of %s", dialect)
	}
	peer := httptest.NewServer(e.New(options))
	s.t.Cleanup(peer.Close)
	var saved struct{ ID string }
	status, raw := s.call(http.MethodPost, "/api/services", object{
		"name": fmt.Sprintf("%s %d", dialect, len(s.services())), "address": "ws" + strings.TrimPrefix(peer.URL, "http") + e.Path, "dialect": dialect,
		"credential": object{"kind": "dialect", "vars": e.Vars, "secrets": e.Secrets},
	}, &saved)
	if status != http.StatusCreated {
		s.t.Fatalf("save %s: %d %s", dialect, status, raw)
	}
	return saved.ID
}

// prompted opens a service and sends it a text by its dialect.
func (p *page) prompted(url, text string) {
	p.t.Helper()
	p.visit(url)
	p.click("connect")
	p.untilOpen()
	p.fill("prompt", text)
	p.click("send")
}

// untilTurn waits until a turn has a state.
func (p *page) untilTurn(n int, state string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector('[data-testid=turn][data-turn="%d"]')?.dataset.state === %q`, n, state))
}

func (p *page) turnText(n int) string {
	p.t.Helper()
	text := fmt.Sprintf(`document.querySelector('[data-turn="%d"] [data-testid=turn-text]')`, n)
	p.until(text + ` !== null`) // the script of spoken turns comes with the first
	return p.eval(text + `.textContent`)
}

func TestPromptBecomesATurnThatGrows(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const answer = "First line.\nSecond line, with a word or two — 完成。"
	id := s.emulated("modelarts-chat", emulate.Options{Answer: answer})
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+id, "Say it\nin two lines.")
	p.until(`document.querySelector("[data-testid=turn-text]")?.textContent.length > 3`)
	if p.eval(`document.querySelector("#tabs [aria-selected=true]").dataset.tab`) != "turns" {
		t.Error("a session with a dialect does not open in turns")
	}
	p.untilTurn(1, "done")
	if got := p.turnText(1); got != answer {
		t.Errorf("the turn reads %q", got)
	}
	if got := p.eval(`document.querySelector("[data-testid=prompt]").value`); got != "" {
		t.Errorf("the prompt still holds %q", got)
	}
	p.click("turn-head")
	p.until(`document.querySelector(".turn-whole").textContent.includes("in two lines.")`)
	p.fill("prompt", "Again")
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.untilTurn(2, "done")
	p.press(`[data-turn="2"] [data-testid=turn-messages]`)
	p.until(`document.querySelectorAll("[data-turn='2'] [data-testid=turn-row]").length === 5`)
	p.click("turn-show-all")
	p.until(`document.querySelectorAll("[data-turn='2'] [data-testid=turn-row]").length > 10`)
	p.doublePress(`[data-turn="2"] [data-testid=turn-row]:nth-child(3)`)
	p.until(`document.querySelector("#tabs [aria-selected=true]").dataset.tab === "messages"`)
	p.until(`document.querySelector("[data-testid=row][aria-selected=true]") !== null`)
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

func TestDialectIsChosenForARecordedSession(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.open(object{"service": s.demo("stream", "none").ID, "dialect": ""})
	s.send(session, "text", []byte(`{"prompt": "Explain WebSockets in three sentences."}`))
	s.awaitReceived(session, 10)
	s.call(http.MethodPost, "/api/sessions/"+session+"/close", object{"code": 1000}, nil)
	s.awaitClosed(session)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + session + "?view=messages")
	p.until(`document.querySelector("[data-testid=row][data-direction=received]") !== null`)
	p.until(`[...document.querySelector("[data-testid=dialect]").options].some((o) => o.value === "modelarts-chat")`)
	p.choose("dialect", "modelarts-chat")
	p.until(`[...document.querySelectorAll("[data-testid=row] .log-label")].some((label) => label.textContent === "chat.completion.chunk")`)
	p.click("tab-turns")
	p.until(`document.querySelector("[data-testid=turn-text]")?.textContent.includes("WebSocket")`)
	p.visit(s.URL + "/sessions/" + session)
	p.until(`document.querySelector("[data-testid=turn-text]")?.textContent.includes("WebSocket")`)
	if got := p.eval(`document.querySelector("[data-testid=dialect]").value`); got != "modelarts-chat" {
		t.Errorf("after the reload the dialect is %q", got)
	}
}

func TestPromptAboveALimitIsRefusedWithItsName(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("huawei-sis-tts", emulate.Options{}))
	p.connect()
	p.put("prompt", strings.Repeat("字", 8100))
	p.untilText("prompt-problem", "8,100 of the 10,000 characters")
	if p.is(`document.querySelector("[data-testid=send]").disabled`) {
		t.Error("a warning forbids to send")
	}
	p.put("prompt", strings.Repeat("字", 10_001))
	p.untilText("prompt-problem", "The service takes 10,000 in one text.")
	if !p.is(`document.querySelector("[data-testid=send]").disabled`) {
		t.Error("a text above the limit can be sent")
	}
	p.click("disconnect")
	p.until(`document.querySelector("[data-testid=console]").dataset.state === "closed"`)
	p.put("prompt", "kept")
	p.untilText("prompt-problem", "Kept here until you are connected")
	if got := p.eval(`document.querySelector("[data-testid=prompt]").value`); got != "kept" {
		t.Errorf("the prompt holds %q", got)
	}
}

func TestDialectWithAMistakeIsShownAtItsPlace(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.until(composerBuilt)
	p.click("dialect-more")
	p.eval(`[...document.querySelectorAll("[role=menuitem]")].find((item) => item.textContent.includes("New dialect")).click()`)
	p.until(`document.querySelector("[data-testid=dialect-yaml] .cm-content")?.textContent.includes("my-service")`)
	p.press("[data-testid=dialect-yaml] .cm-content")
	p.ctrl("a")
	p.write("dialect: 1\nname: mine\nreceive:\n  envelop: json\n")
	p.click("dialect-save")
	p.untilText("dialect-problems", "Line 4, column 3")
	p.untilText("dialect-problems", "envelope")
	if n := p.eval(`document.querySelectorAll("[data-testid=dialect-editor][open]").length`); n != "1" {
		t.Error("the editor closed over a mistake")
	}
	p.press("[data-testid=dialect-yaml] .cm-content")
	p.ctrl("a")
	p.write("dialect: 1\nname: mine\ntitle: {en: Mine}\nreceive:\n  envelope: json\n  label: '$.type'\n")
	p.click("dialect-save")
	p.until(`[...document.querySelector("[data-testid=dialect]").options].some((o) => o.value === "mine")`)
}

func TestEnvironmentGivesItsValuesToTheHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.until(composerBuilt)
	p.click("dialect-more")
	p.eval(`[...document.querySelectorAll("[role=menuitem]")].find((item) => item.textContent.includes("Environments")).click()`)
	p.until(`document.querySelector("[data-testid=environments]")?.open`)
	p.fill("environment-name", "staging")
	p.fill("environment-key", "region")
	p.fill("environment-value", "north-4")
	p.click("environment-save")
	p.until(`[...document.querySelector("[data-testid=environment]").options].some((o) => o.value === "staging")`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.fill("address", "wss://service.example/{{region}}/chat")
	p.click("tab-auth")
	p.click("resolve")
	p.untilText("address-note", "region")
	p.choose("environment", "staging")
	p.click("tab-auth")
	p.click("resolve")
	p.untilText("resolved", "wss://service.example/north-4/chat")
}

// A prompt larger than the viewer's socket takes is sent whole, and the page stays connected.
func TestLongPromptIsSentWhole(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("modelarts-chat", emulate.Options{Answer: "Short."}))
	p.connect()
	p.put("prompt", strings.Repeat("a long \"line\"\n", 100_000))
	p.click("send")
	p.untilTurn(1, "done")
	if got := p.turnText(1); got != "Short." {
		t.Errorf("the turn reads %q", got)
	}
	p.until(`document.querySelector("[data-testid=prompt]").value === ""`)
	p.fill("prompt", "Again")
	p.click("send")
	p.untilTurn(2, "done")
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}
