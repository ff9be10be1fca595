package emulate

import (
	"net/http"

	"github.com/coder/websocket"
)

// modelArtsLargest is the largest message of an old service (v1), in bytes.
const modelArtsLargest = 12 << 20

// modelArtsText is a container that answers each text message with one text message.
func modelArtsText() Emulator {
	return Emulator{
		Name: "modelarts-text", Path: "/v1/infers/e1f4-0a7d",
		Secrets: map[string]string{"token": Key}, Text: true, Faults: []string{"1011"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if admitToken(w, r) {
					converse(w, r, o, nil, answerTexts)
				}
			})
		},
	}
}

// answerTexts gives the same answer to every text.
func answerTexts(c *call) error {
	for {
		m, err := c.next(0)
		switch {
		case err != nil:
			return err
		case m.binary:
			return &hangUp{websocket.StatusUnsupportedData, "the service takes text"}
		case len(m.payload) > modelArtsLargest:
			return &hangUp{websocket.StatusMessageTooBig, "the request is larger than 12 MB"}
		case c.Fault != "":
			return &hangUp{websocket.StatusInternalError, "backend timeout"}
		}
		c.Record.mark(m.at)
		if err := c.pause(c.Interval); err != nil {
			return err
		}
		c.wrote(c.Answer)
		c.done()
		if err := c.send(websocket.MessageText, []byte(c.Answer)); err != nil {
			return err
		}
	}
}
