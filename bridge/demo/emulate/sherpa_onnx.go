package emulate

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/http"

	"github.com/coder/websocket"
)

// sherpaONNX is sherpa-onnx-online-websocket-server (github.com/k2-fsa/sherpa-onnx,
// online-websocket-server-impl.cc). It takes samples as 32-bit floats and reports no error: it
// hears nonsense in other bytes. Here such bytes close with 1003, so that a test sees it.
func sherpaONNX() Emulator {
	return Emulator{
		Name: "sherpa-onnx", Path: "/", Audio: 16000, Faults: []string{"503"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if o.Fault == "503" {
					w.Header().Set("Hint", "The server is overloaded. Please retry later.")
					http.Error(w, "The server is busy. Please retry later.", http.StatusServiceUnavailable)
					return
				}
				converse(w, r, o, nil, recogniseSherpa)
			})
		},
	}
}

func recogniseSherpa(c *call) error {
	u := c.listen(16000, 4)
	for {
		m, err := c.next(0)
		if err != nil {
			return err
		}
		if !m.binary {
			if string(m.payload) != "Done" {
				continue // the server ignores other texts
			}
			if err := c.tellSherpa(u, c.finishHearing(u), true); err != nil {
				return err
			}
			c.done()
			if err := c.send(websocket.MessageText, []byte("Done!")); err != nil {
				return err
			}
			u = c.listen(16000, 4)
			continue
		}
		if !floats(m.payload) {
			return &hangUp{websocket.StatusUnsupportedData, "samples are 32-bit floats from -1 to 1"}
		}
		results, _ := c.hear(u, m.at, m.payload)
		if err := c.tellSherpa(u, results, false); err != nil {
			return err
		}
	}
}

func (c *call) tellSherpa(u *utterance, results []heard, ended bool) error {
	for i, r := range results {
		c.tell(u, r)
		last := ended && i == len(results)-1
		text := fmt.Sprintf(`{ "text": %q, "tokens": [], "timestamps": [], "ys_probs": [], "lm_probs": [], "context_scores": [], `+
			`"segment": %d, "words": [], "start_time": %.2f, "is_final": %t, "is_eof": %t}`, " "+r.text, r.index, r.start.Seconds(), r.final, last)
		if err := c.send(websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// floats reports whether bytes are samples from -1 to 1 as 32-bit floats.
func floats(audio []byte) bool {
	for ; len(audio) >= 4; audio = audio[4:] {
		sample := math.Float32frombits(binary.LittleEndian.Uint32(audio))
		if !(sample >= -1 && sample <= 1) || sample != 0 && math.Abs(float64(sample)) < 1e-6 {
			return false
		}
	}
	return len(audio) == 0
}
