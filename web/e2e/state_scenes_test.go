//go:build e2e

package e2e

import (
	"fmt"
	"syscall"
)

// breakSends lets all that a page sends hang, or fail while window.sendsFail is set.
const breakSends = `(() => {
	const never = () => (window.sendsFail ? Promise.reject(new TypeError("cut")) : new Promise(() => {}))
	const real = window.fetch
	window.fetch = (url, options) => ((options?.method ?? "GET") === "GET" ? real(url, options) : never())
	XMLHttpRequest.prototype.send = function () { if (window.sendsFail) setTimeout(() => this.onerror(new ProgressEvent("error"))) }
	WebSocket.prototype.send = () => {}
})()`

// stateScenes are the states of the page's parts when it is not busy with a stream.
func stateScenes() []scene {
	// menu opens the menu of an entry of the side list on a page.
	menu := func(p *page, url, entry string) {
		p.visit(url)
		p.until(entry + `?.querySelector(".more") != null`)
		p.opensSideList()
		p.eval(entry + `.querySelector(".more").click()`)
		p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
	}
	presses := func(p *page, item int) {
		p.eval(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].at(%d).click()`, item))
	}
	toasted := func(p *page) {
		p.until(`document.querySelector("[data-testid=toast-action]") !== null`)
		p.hover("#toast > span") // it stays
	}
	// away is a server of its own, for a scene that takes it away.
	away := func(p *page) *server {
		s := start(p.t, p.t.TempDir())
		s.furnish()
		p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
		p.connect()
		p.compose("json", `{"hello": "world"}`)
		p.sent(3)
		return s
	}
	return []scene{
		{"11 connecting", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", mute(s.t)+"/v1/infers/nothing/ws")
			p.click("connect")
			p.until(`document.querySelector("[data-testid=live-steps] [data-state=started]") !== null`)
			p.until(`/[6-9] (s|秒)/.test(document.querySelector(".phase").textContent)`)
		}},
		{"11 quiet", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.connect()
			p.until(`document.querySelector("[data-testid=send-example]").checkVisibility()`)
		}},
		{"11 sending", func(p *page, _ *server) {
			p.compose("json", `{"hello": "world"}`)
			p.sent(3)
			p.eval(breakSends)
			p.compose("json", `{"hello": "again"}`)
			p.click("send")
			p.until(`document.querySelector("[data-testid=row-unsettled][data-fate=sending]") !== null`)
		}},
		{"11 sending a prompt", func(p *page, s *server) {
			p.prompted(s.URL+"/services/"+s.demo("stream", "none").ID, "What is a WebSocket?")
			p.untilTurn(1, "done")
			p.eval(breakSends)
			p.fill("prompt", "Who closes it?")
			p.click("send")
			p.until(`/sending [2-9] s/.test(document.querySelector("[data-testid=turn-pending]").textContent)`)
		}},
		{"11 prompt not sent", func(p *page, s *server) {
			p.prompted(s.URL+"/services/"+s.demo("stream", "none").ID, "What is a WebSocket?")
			p.untilTurn(1, "done")
			p.eval(breakSends)
			p.eval(`window.sendsFail = true`)
			p.writeLongPrompt("Who closes it? ") // no socket takes it
			p.click("send")
			p.until(`document.querySelector("[data-testid=turn-pending][data-fate=failed]") !== null`)
		}},
		{"11 loading", func(p *page, s *server) {
			session := s.chatted("What is a WebSocket?")
			p.onEveryPage(fmt.Sprintf(`(() => {
				const real = window.fetch
				window.fetch = (url, options) => (String(url).includes("%s/turns") ? new Promise(() => {}) : real(url, options))
			})()`, session))
			p.visit(s.URL + "/sessions/" + session + "?view=turns")
			p.until(`document.querySelector("[data-testid=turns-cancel]") !== null`)
		}},
		{"11 menu of a session", func(p *page, s *server) {
			session := s.said("none", "news")
			p.visit(s.URL + "/history")
			p.until(entryOf(session) + ` !== null`)
			s.send(session, "text", []byte("more news"))
			p.until(sessionLink(session) + `.querySelector(".unread") !== null`)
			menu(p, s.URL+"/history", entryOf(session))
		}},
		{"11 toast", func(p *page, _ *server) {
			presses(p, -1) // Disconnect
			toasted(p)
		}},
		{"11 menu of a service", func(p *page, s *server) {
			docs := s.serviceNamed("Docs assistant").ID
			menu(p, s.URL+"/services/"+docs, entryOf(docs))
		}},
		{"11 menu of a folder", func(p *page, s *server) {
			menu(p, s.URL+"/history", `document.querySelector('[data-folder="Speech"]')`)
		}},
		{"11 folders", func(p *page, s *server) {
			docs := s.serviceNamed("Narrator").ID
			menu(p, s.URL+"/services/"+docs, entryOf(docs))
			presses(p, 5) // Move to folder…
			p.until(`document.querySelector("[data-testid=move]")?.open`)
		}},
		{"11 undo", func(p *page, _ *server) {
			p.eval(`document.querySelector("[data-testid=move] .choice[aria-current=false]").click()`)
			toasted(p)
		}},
		{"11 undone", func(p *page, _ *server) {
			p.eval(`document.querySelector("[data-testid=toast-action]").click()`)
			toasted(p)
		}},
		{"11 store away", func(p *page, _ *server) {
			s := away(p)
			p.t.Cleanup(s.lockStore(p.t))
			p.until(`document.querySelector("[data-testid=banner]").textContent !== ""`)
		}},
		{"11 lost", func(p *page, _ *server) {
			s := away(p)
			p.compose("text", "while away")
			s.signal(syscall.SIGKILL)
			p.until(`/[4-9] s|[4-9] 秒/.test(document.querySelector("[data-testid=banner]").textContent)`)
			p.focusEditor()
			p.ctrlEnter()
			p.until(`document.querySelector("[data-testid=composer-problem]").textContent !== ""`)
		}},
	}
}
