//go:build e2e

package e2e

import (
	"net/http"

	"duplex/bridge/demo/emulate"
)

// shownSpeech is spoken in the pictures.
const shownSpeech = "turn on the light in the kitchen and then open the window of the living room"

// turnScenes shows what a dialect adds to the page.
func turnScenes() []scene {
	again := func(p *page, text string, turns int) {
		p.until(`!document.querySelector("[data-testid=prompt]").disabled`)
		p.fill("prompt", text)
		p.click("send")
		p.untilTurn(turns, "open")
	}
	return []scene{
		{"turns", func(p *page, s *server) {
			p.visit(s.URL + "/sessions/" + s.open(object{"service": s.demo("stream", "none").ID, "params": []object{{"name": "interval_ms", "value": "20"}}}))
			p.untilOpen()
			again(p, "What is a WebSocket?", 1)
			p.untilTurn(1, "done")
			again(p, "Why does a gateway cut a quiet connection?\nAnswer in a list.", 2)
			p.until(`document.querySelector('[data-turn="2"] [data-testid=turn-text]')?.textContent.length > 60`)
			p.put("prompt", "Add a line on who to call if the restart does not help.")
		}},
		{"turns read", func(p *page, s *server) {
			p.untilTurn(2, "done")
			p.eval(`document.querySelector("[data-turn='2'] [data-testid=turn-messages]").click()`)
			p.until(`document.querySelectorAll("[data-turn='2'] [data-testid=turn-row]").length === 5`)
			p.eval(`document.querySelector("[data-testid=turns-find-open]").click()`)
			p.fill("turns-search", "a")
			p.until(`document.querySelector("[data-testid=turns-found]").textContent !== ""`)
		}},
		{"no turns", func(p *page, s *server) {
			session := s.open(object{"service": s.demo("stream", "none").ID, "dialect": ""})
			s.send(session, "text", []byte(`{"prompt": "Explain WebSockets."}`))
			s.awaitReceived(session, 10)
			s.call(http.MethodPost, "/api/sessions/"+session+"/close", object{"code": 1000}, nil)
			s.awaitClosed(session)
			s.call(http.MethodPut, "/api/sessions/"+session+"/dialect", object{"dialect": "openai-realtime"}, nil)
			p.visit(s.URL + "/sessions/" + session + "?view=turns")
			p.until(`document.querySelector("[data-testid=turns-use]") !== null`)
		}},
		{"failed turn", func(p *page, s *server) {
			e, _ := emulate.Find("modelarts-chat")
			p.prompted(s.URL+"/services/"+s.emulated("modelarts-chat", emulate.Options{Fault: e.Faults[0]}), "Why is the sky blue?")
			p.untilTurn(1, "failed")
		}},
		{"turns again", func(p *page, s *server) {
			p.visit(s.URL + "/sessions/" + s.chatting("What is a WebSocket?"))
			p.untilTurn(1, "done")
			p.opensTab("turns")
		}},
		{"turns messages", func(p *page, s *server) {
			p.opensTab("messages")
			p.until(`document.querySelector("[data-testid=row]") !== null`)
		}},
		{"timing", func(p *page, s *server) {
			session := s.asked("What is a WebSocket?", "Who closes it?")
			s.end(session)
			p.visit(s.URL + "/sessions/" + session + "?view=timing")
			p.until(`document.querySelectorAll("#timing canvas").length === 4 && document.querySelectorAll("[data-testid=timing-row]").length > 1`)
		}},
		{"transcript", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: shownSpeech}))
			p.connect()
			p.playFile(spoken(p.t, shownSpeech), "2")
			p.until(`document.querySelector("[data-testid=segment-words]")?.textContent.length > 30`)
		}},
		{"synthesis", func(p *page, s *server) {
			p.prompted(s.URL+"/services/"+s.emulated("deepgram-speak", emulate.Options{}), "There are six flights on Friday. The first leaves at 06:55 and arrives at 11:20.")
			p.untilTurn(1, "done")
			p.until(`Number(document.querySelector(".strip").dataset.position) > 0.6`)
		}},
		{"voice agent", func(p *page, s *server) {
			p.prompted(s.URL+"/services/"+s.emulated("openai-realtime", emulate.Options{Answer: "TAP flies direct at 12:40 and arrives at 15:05 local time. Shall I hold a seat?", Heard: "I need to get from Hamburg to Lisbon on Friday."}),
				"Only direct ones, please.")
			p.untilTurn(1, "done")
			p.playFile(spoken(p.t, "I need to get from Hamburg to Lisbon on Friday."), "2")
			p.untilTurn(2, "done")
			p.until(`document.querySelector("[data-turn='2'] [data-testid=turn-user]")?.textContent.length > 10`)
		}},
		{"error in a message", func(p *page, s *server) {
			e, _ := emulate.Find("openai-realtime")
			p.prompted(s.URL+"/services/"+s.emulated("openai-realtime", emulate.Options{Fault: e.Faults[0]}), "Only direct ones, please.")
			p.untilTurn(1, "failed")
			p.until(`!document.querySelector("[data-testid=session-notice]").hidden`)
		}},
		{"dialect of a service", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.emulated("openai-realtime", emulate.Options{}))
			p.opensTab("auth")
			p.until(`document.querySelector("[data-testid=dialect-sends]")?.checkVisibility()`)
		}},
		{"what a dialect sends", func(p *page, s *server) {
			p.click("dialect-more")
			p.eval(`document.querySelector("[role=menuitem]").click()`)
			p.until(`document.querySelector("[data-testid=dialect-dialog]")?.open`)
		}},
		{"editor of a dialect", func(p *page, s *server) {
			p.click("dialect-edit")
			p.until(`document.querySelector("[data-testid=dialect-yaml] .cm-content")?.textContent.includes("dialect: 1")`)
			p.until(`document.activeElement.classList.contains("cm-content")`)
			p.ctrl("a")
			p.write("dialect: 1\nname: mine\nreceive:\n  envelop: json\n")
			p.click("dialect-save")
			p.until(`document.querySelector("[data-testid=dialect-problems]").children.length > 0`)
		}},
		{"environments", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.until(composerBuilt)
			p.eval(`document.querySelector("[data-testid=dialect-more]").click()`)
			p.eval(`[...document.querySelectorAll("[role=menuitem]")].at(-1).click()`)
			p.until(`document.querySelector("[data-testid=environments]")?.open`)
			p.settle() // its lines are drawn again when the list has come
			p.fill("environment-key", "region")
			p.click("environment-seal")
		}},
	}
}
