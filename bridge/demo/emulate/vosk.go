package emulate

import (
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// vosk is vosk-server (github.com/alphacep/vosk-server, websocket/asr_server.py). Each message
// is answered by one; the end is compared as a text. A mistake raises an exception, which
// closes with 1011.
func vosk() Emulator {
	return Emulator{
		Name: "vosk", Path: "/", Audio: 16000, Faults: []string{"1011"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { converse(w, r, o, nil, recogniseVosk) })
		},
	}
}

func recogniseVosk(c *call) error {
	rate := 8000 // the server's default
	u := c.listen(rate, 2)
	for {
		m, err := c.next(0)
		if err != nil {
			return err
		}
		switch {
		case m.binary && c.Fault != "":
			return &hangUp{websocket.StatusInternalError, ""}
		case m.binary:
			u.rate = rate
			results, _ := c.hear(u, m.at, m.payload)
			err = c.answerVosk(u, results)
		case string(m.payload) == `{"eof" : 1}`:
			return c.endVosk(u)
		default:
			config, err := parseObject(m.payload)
			if err != nil || config.at("config") == nil {
				return &hangUp{websocket.StatusInternalError, ""} // the recogniser takes bytes
			}
			if n := config.number("config.sample_rate"); n > 0 {
				rate = int(n)
			}
		}
		if err != nil {
			return err
		}
	}
}

// answerVosk answers one frame: with a result at the end of a sentence, else with the text so
// far. A sentence that ended together with another is told with it.
func (c *call) answerVosk(u *utterance, results []heard) error {
	final, partial := c.tellVosk(u, results)
	if final != "" {
		return c.sendJSON(map[string]any{"result": []any{}, "text": final})
	}
	if partial == "" && u.shown > 0 {
		partial = u.hearing.result(u.told, u.shown, false).text
	}
	return c.sendJSON(map[string]any{"partial": partial})
}

func (c *call) endVosk(u *utterance) error {
	final, _ := c.tellVosk(u, c.finishHearing(u))
	c.done()
	return c.sendJSON(map[string]any{"text": final})
}

// tellVosk notes results, and returns the text of those that are final and the interim one.
func (c *call) tellVosk(u *utterance, results []heard) (final, partial string) {
	var text strings.Builder
	for _, r := range results {
		c.tell(u, r)
		if r.final {
			text.WriteString(glue(text.String(), r.text))
		} else {
			partial = r.text
		}
	}
	return text.String(), partial
}
