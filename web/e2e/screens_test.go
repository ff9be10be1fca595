//go:build e2e

package e2e

import (
	"net/http"
	"strings"

	"duplex/bridge/demo/emulate"
)

// furnish saves the services of a team that has used Duplex for a while.
func (s *server) furnish() {
	s.t.Helper()
	put := func(id, name, folder string) {
		s.call(http.MethodPatch, "/api/services/"+id, object{"name": name, "folder": folder}, nil)
	}
	save := func(name, folder string, body object) {
		body["name"] = name
		var saved service
		s.call(http.MethodPost, "/api/services", body, &saved)
		put(saved.ID, name, folder)
	}
	stream, echo := s.demo("stream", "none").Address, s.demo("echo", "token").Address
	save("Docs assistant", "ModelArts", object{"address": stream + "?interval_ms=28", "dialect": "modelarts-chat", "subprotocols": []string{"duplex.demo"}})
	save("Support bot, test", "ModelArts", object{"address": echo, "dialect": "modelarts-chat", "credential": object{"kind": "token", "token": "MII" + strings.Repeat("x", 1339)}})
	put(s.emulated("vosk", emulate.Options{Answer: shownSpeech}), "Live captions", "Speech")
	put(s.emulated("volcengine-asr", emulate.Options{Answer: shownSpeech, Fault: "55000031"}), "Meeting notes", "Speech")
	put(s.emulated("deepgram-speak", emulate.Options{}), "Narrator", "Speech")
	put(s.emulated("openai-realtime", emulate.Options{
		Answer: "TAP flies direct at 12:40 and arrives at 15:05 local time. Shall I hold a seat?",
		Heard:  "I need to get from Hamburg to Lisbon on Friday, back on Sunday evening.",
	}), "Travel desk", "Voice agents")
}

// screens are the main states of the page, in the order in which a newcomer meets them.
func screens() []scene {
	service := func(s *server, name string) string { return s.URL + "/services/" + s.serviceNamed(name).ID }
	ask := func(p *page, turn int, text string) {
		p.until(`!document.querySelector("[data-testid=prompt]").disabled`)
		p.fill("prompt", text)
		p.until(`!document.querySelector("[data-testid=send]").disabled`)
		p.click("send")
		p.untilTurn(turn, "open")
	}
	return []scene{
		{"01 first visit", func(p *page, s *server) {
			p.visit(s.URL + "/")
			p.startReady()
		}},
		{"01 drawer", func(p *page, _ *server) {
			p.eval(`document.getElementById("drawer-open")?.checkVisibility() && document.getElementById("drawer-open").click()`)
		}},
		{"02 turns", func(p *page, s *server) {
			p.visit(service(s, "Docs assistant"))
			p.connect()
			ask(p, 1, "Explain WebSockets in three sentences.")
			p.untilTurn(1, "done")
			ask(p, 2, "Why does a gateway cut a quiet connection?")
			p.untilTurn(2, "done")
			ask(p, 3, "Write a short runbook for error 1006: who is paged, what to check first, and when to restart.")
			p.until(`document.querySelector('[data-turn="3"] [data-testid=turn-text]')?.textContent.length > 160`)
			p.put("prompt", "Add a line on who to call if the restart does not help.")
		}},
		{"03 messages", func(p *page, _ *server) {
			p.click("tab-messages")
			p.until(`document.querySelectorAll("[data-testid=row]").length > 10`)
			p.eval(`[...document.querySelectorAll("[data-testid=row][data-direction=received]")].at(-9).click() ?? ""`)
			p.until(`document.querySelector("[data-testid=detail-body]")?.textContent.length > 20`)
		}},
		{"06 timing", func(p *page, _ *server) {
			p.click("tab-timing")
			p.until(`document.querySelectorAll("#timing canvas").length === 4`)
		}},
		{"04 speech", func(p *page, s *server) {
			p.visit(service(s, "Live captions"))
			p.connect()
			p.playFile(spoken(p.t, shownSpeech), "1")
			p.until(`document.querySelector("[data-testid=segment-words]")?.textContent.length > 30`)
		}},
		{"05 voice", func(p *page, s *server) {
			p.visit(service(s, "Travel desk"))
			p.connect()
			p.playFile(spoken(p.t, "I need to get from Hamburg to Lisbon on Friday, back on Sunday evening."), "1")
			p.untilTurn(1, "done")
		}},
		{"07a refused", func(p *page, s *server) {
			p.visit(service(s, "Support bot, test"))
			p.click("connect")
			p.untilText("diagnosis", "401")
		}},
		{"07b ended", func(p *page, s *server) {
			p.visit(service(s, "Meeting notes"))
			p.click("connect")
			p.until(`document.querySelector("[data-testid=console]").dataset.state === "closed"`)
			p.until(noticeSeen)
		}},
		{"07b messages", func(p *page, _ *server) {
			p.opensTab("messages")
			p.until(`document.querySelector("[data-testid=row]") !== null`)
		}},
		{"09 new service", func(p *page, s *server) {
			p.visit(s.URL + "/services/new")
			p.startReady()
			p.pastes("address", "wscat -c '"+s.demo("echo", "token").Address+"' -H 'X-Auth-Token: MII"+strings.Repeat("y", 1200)+"'")
			p.until(`document.querySelector("[data-testid=test]").dataset.state !== "" && document.querySelector("[data-testid=test]").textContent.includes("401")`)
		}},
		{"10 history", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.until(`document.querySelector("[data-testid=history]")?.dataset.ready === "1"`)
			p.fill("history-search", "connection")
			p.until(`document.querySelector("[data-testid=found-hit]") !== null`)
		}},
	}
}
