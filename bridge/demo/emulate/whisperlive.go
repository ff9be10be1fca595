package emulate

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

// whisperLive is WhisperLive (github.com/collabora/WhisperLive, server.py and backend/base.py).
// Each answer has a window of the last segments. The server stops at END_OF_AUDIO without
// another answer, so a caller waits for the last segment before.
func whisperLive() Emulator {
	return Emulator{
		Name: "whisperlive", Path: "/", Vars: map[string]string{"model": "small", "language": "en"},
		Audio: 16000, Faults: []string{"WAIT", "ERROR"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { converse(w, r, o, nil, recogniseWhisper) })
		},
	}
}

const (
	whisperWindow  = 10 // segments, besides the one that is not complete
	whisperSession = 600 * time.Second
	whisperSettle  = 300 * time.Millisecond // after the audio, until the last segment is complete
)

func recogniseWhisper(c *call) error {
	m, err := c.next(0)
	if err != nil {
		return err
	}
	options, err := parseObject(m.payload)
	if m.binary || err != nil || options.missing("uid", "task", "model") != "" || !isUUID(options.text("uid"), true) {
		return &hangUp{code: websocket.StatusNormalClosure} // the server logs the mistake and closes
	}
	uid := options.text("uid")
	switch c.Fault {
	case "WAIT":
		return c.refuseCall(map[string]any{"uid": uid, "status": "WAIT", "message": 4.5}, websocket.StatusNormalClosure, "")
	case "ERROR":
		return c.refuseCall(map[string]any{"uid": uid, "status": "ERROR", "message": "Failed to load model: small"}, websocket.StatusNormalClosure, "")
	}
	if err := c.sendJSON(map[string]any{"uid": uid, "message": "SERVER_READY", "backend": "faster_whisper"}); err != nil {
		return err
	}
	return (&whisper{call: c, uid: uid, heard: c.listen(16000, 4)}).run()
}

// whisper is one session of WhisperLive.
type whisper struct {
	*call

	uid      string
	heard    *utterance
	complete []map[string]any // segments
	settled  bool
}

func (w *whisper) run() error {
	began := time.Now()
	for {
		left := whisperSession - time.Duration(float64(time.Since(began))/w.Scale)
		if left <= 0 {
			return w.refuseCall(map[string]any{"uid": w.uid, "message": "DISCONNECT"}, websocket.StatusNormalClosure, "")
		}
		wait := left
		if w.heard.shown > 0 || !w.settled && !w.heard.pace.start.IsZero() {
			wait = min(left, time.Duration(float64(whisperSettle)/w.Scale))
		}
		m, err := w.next(wait)
		switch {
		case errors.Is(err, errLate):
			err = w.settle()
		case err == nil && string(m.payload) == "END_OF_AUDIO":
			return nil
		case err == nil && (!m.binary || !floats(m.payload)):
			return nil // the server logs the mistake and closes
		case err == nil:
			w.settled = false
			results, _ := w.hear(w.heard, m.at, m.payload)
			err = w.tellWindow(results)
		}
		if err != nil {
			return err
		}
	}
}

// settle tells the last segment, when no audio comes any more.
func (w *whisper) settle() error {
	if w.settled || w.heard.pace.start.IsZero() {
		return nil
	}
	w.settled = true
	err := w.tellWindow(w.finishHearing(w.heard))
	w.done()
	return err
}

func (w *whisper) tellWindow(results []heard) error {
	for _, r := range results {
		start := r.start
		if !r.final {
			start += r.end / 50 // it moves with each pass until the segment is complete
		}
		segment := map[string]any{
			"start": fmt.Sprintf("%.3f", start.Seconds()), "end": fmt.Sprintf("%.3f", r.end.Seconds()), "text": " " + r.text, "completed": r.final,
		}
		w.tell(w.heard, r)
		window := w.complete[max(0, len(w.complete)-whisperWindow):]
		if r.final {
			w.complete = append(w.complete, segment)
			window = w.complete[max(0, len(w.complete)-whisperWindow):]
		} else {
			window = append(slices.Clip(window), segment)
		}
		if err := w.sendJSON(map[string]any{"uid": w.uid, "segments": window}); err != nil {
			return err
		}
	}
	return nil
}
