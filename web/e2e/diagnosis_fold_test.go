//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo"
)

const (
	panelShown = `!document.querySelector("[data-testid=diagnosis]").hidden`
	lineShown  = `!document.querySelector("[data-testid=diagnosis-folded]").hidden`
)

func blankless(text string) string { return strings.Join(strings.Fields(text), "") }

// A diagnosis that was read gives the page back, and can be had again.
func TestDiagnosisOfAFailedConnectFoldsToALine(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.ready()
	p.fill("address", demoHost(s)+"/v1/infers/nothing/ws")
	p.click("connect")
	p.until(panelShown)
	cause := p.eval(`document.querySelector("[data-testid=cause] h2").textContent`)
	for i, fold := range []func(){
		func() { p.do(chromedp.KeyEvent(kb.Escape)) },
		func() { p.click("diagnosis-fold") },
	} {
		fold()
		p.until(lineShown + ` && !(` + panelShown + `)`)
		if line := p.eval(`document.querySelector("[data-testid=diagnosis-folded]").textContent`); blankless(line) != blankless(cause) {
			t.Errorf("the line says %q, the panel said %q", line, cause)
		}
		if i == 0 {
			p.shots("diagnosis-folded")
		}
		p.click("diagnosis-folded")
		p.until(panelShown + ` && !(` + lineShown + `)`)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(lineShown)
	p.fill("address", s.demo("echo", "none").Address)
	p.connect() // and it goes by itself
	p.until(`!(` + lineShown + `) && !(` + panelShown + `)`)
}

// The session that was there before a failed connect is there again behind the line.
func TestFoldedDiagnosisShowsTheSessionBefore(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "text", []byte("before"))
	s.awaitReceived(session, 1)
	s.end(session)
	p.visit(s.URL + "/sessions/" + session)
	p.untilStatus(closed)
	p.fill("address", demoHost(s)+"/v1/infers/nothing/ws")
	p.click("connect")
	p.until(panelShown)
	p.eval(`(() => { // the session's answer takes a moment
		const { fetch } = window
		window.fetch = async (...asked) => {
			if (String(asked[0]).endsWith("` + session + `")) await new Promise((done) => setTimeout(done, 300))
			return fetch(...asked)
		}
	})()`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(lineShown + ` && document.querySelector('` + rowOf(3) + `') !== null`)
	p.openRow(3) // nothing lies over it
	p.click("diagnosis-folded")
	p.until(panelShown)
}

func TestDiagnosisOfAnEndedSessionFoldsToALine(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	var saved service
	s.call(http.MethodPost, "/api/services", object{"name": "crashes", "address": s.demo("close", "none").Address, "params": []object{
		{"name": "code", "value": "1011"}, {"name": "reason", "value": "the model crashed"}, {"name": "after", "value": "1"},
	}}, &saved)
	p.visit(s.URL + "/services/" + saved.ID)
	p.ready()
	p.connect()
	p.compose("text", "go")
	p.sent(2)
	p.until(`!document.querySelector("#notice").hidden && document.querySelector("#notice [data-testid=fix]") !== null`)
	p.eval(`document.querySelector("[data-testid=connect]").focus()`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=notice-folded]")?.textContent.includes("the model crashed")`)
	p.shots("notice-folded")
	p.click("notice-folded")
	p.until(`document.querySelector("#notice [data-testid=fix]") !== null`)
	p.click("notice-fold")
	p.until(`document.querySelector("[data-testid=notice-folded]") !== null`)
	p.click("connect")
	p.untilOpen()
	p.untilText("session-notice", "The session before this one ended: “the model crashed”")
	p.visit(s.URL + p.eval(`location.pathname`))
	p.untilText("session-notice", "The session before this one ended: “the model crashed”")
	p.click("notice-fold") // and it does not come back
	p.until(`document.querySelector("#notice").hidden`)
	p.visit(s.URL + p.eval(`location.pathname`))
	p.untilOpen()
	p.ready()
	p.settle()
	p.compose("text", "again")
	p.until(`document.querySelector("#notice").hidden`)
}

// A refused secret is replaced in place: what is pasted is used for the connection, goes to
// the server sealed as any other, and is not left in the page.
func TestRefusedTokenIsReplacedWhereItIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.refusedToken())
	p.ready()
	p.click("connect")
	p.until(panelShown)
	p.untilText("cause", "decrypt token fail")
	p.until(`document.activeElement.dataset.testid === "paste-secret" && document.querySelector("[data-testid=paste-connect]").disabled`)
	p.do(chromedp.SendKeys(id("paste-secret"), demo.Bearer))
	p.click("paste-connect")
	p.until(`document.querySelector("[data-testid=console]").dataset.state === "failed" && ` + panelShown) // another wrong one
	p.until(`document.querySelector("[data-testid=paste-secret]").value === ""`)
	p.do(chromedp.SendKeys(id("paste-secret"), demo.Token))
	p.click("paste-connect")
	p.untilOpen()
	p.until(`!(` + panelShown + `)`)
	if p.is(`document.body.innerText.includes("` + demo.Token + `") || Object.values(localStorage).concat(Object.values(sessionStorage)).some((kept) => kept.includes("` + demo.Token + `"))`) {
		t.Error("the page keeps the token")
	}
}
