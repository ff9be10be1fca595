package emulate

import (
	"net/http"
	"strings"
)

// funASR is FunASR's runtime (github.com/modelscope/FunASR, runtime/docs/websocket_protocol.md
// and runtime/websocket/bin/websocket-server-2pass.cpp). The first pass sends pieces, the
// second one sends each sentence again, with its marks. The server ignores what it cannot
// read, so that a caller waits for ever; here it closes with 1002 and the reason.
func funASR() Emulator {
	return Emulator{
		Name: "funasr", Path: "/", Vars: map[string]string{"mode": "2pass"}, Audio: 16000, Faults: []string{"ERROR"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				converse(w, r, o, []string{"binary"}, func(c *call) error { return (&funTalk{call: c}).run() })
			})
		},
	}
}

// funTalk is one connection to FunASR.
type funTalk struct {
	*call

	mode, name string
	frame      int // bytes of a frame, by chunk_size and chunk_interval
	short      bool
	heard      *utterance // nil while the caller does not speak
	shown      string     // of the sentence, by the first pass
}

func (t *funTalk) run() error {
	for {
		m, err := t.next(0)
		if err != nil {
			return err
		}
		if m.binary {
			err = t.audio(m)
		} else {
			err = t.command(m.payload)
		}
		if err != nil {
			return err
		}
	}
}

func (t *funTalk) command(payload []byte) error {
	o, err := parseObject(payload)
	if err != nil {
		return &hangUp{1002, "no JSON object"}
	}
	speaking, ok := o.at("is_speaking").(bool)
	switch {
	case !ok:
		return &hangUp{1002, "is_speaking is missing"}
	case speaking:
		return t.begin(o)
	case t.heard == nil:
		return &hangUp{1002, "the end without a beginning"}
	}
	return t.end()
}

func (t *funTalk) begin(o object) error {
	sizes, _ := o.at("chunk_size").([]any)
	interval := o.number("chunk_interval")
	t.mode, t.name = o.text("mode"), o.text("wav_name")
	rate := int(o.number("audio_fs"))
	if rate < 0 {
		rate = 16000
	}
	var middle float64
	if len(sizes) == 3 {
		middle = object{"size": sizes[1]}.number("size")
	}
	if middle <= 0 || interval <= 0 || o.missing("wav_name", "wav_format") != "" {
		return &hangUp{1002, "Wrong chunk_size!"}
	}
	if t.mode != "online" && t.mode != "2pass" && t.mode != "offline" {
		return &hangUp{1002, "mode is none of offline, online, 2pass"}
	}
	t.frame = int(60*middle/interval) * rate / 1000 * 2
	t.heard, t.short, t.shown = t.listen(rate, 2), false, ""
	return nil
}

// audio takes a frame; only the last one may be shorter than the others.
func (t *funTalk) audio(m message) error {
	switch {
	case t.heard == nil:
		return &hangUp{1002, "audio before the first message"}
	case len(m.payload) > t.frame || t.short:
		return &hangUp{1002, "a frame is not as long as 60 * chunk_size[1] / chunk_interval"}
	case t.Fault != "":
		return t.sendJSON(map[string]any{"text": "ERROR. Real-time transcription service ONLY SUPPORT PCM stream.", "wav_name": t.name, "is_final": true})
	}
	t.short = len(m.payload) < t.frame
	results, _ := t.hear(t.heard, m.at, m.payload)
	return t.results(results, false)
}

// end tells the last results; the last message is final, and empty when nothing was left.
func (t *funTalk) end() error {
	results := t.finishHearing(t.heard)
	if err := t.results(results, true); err != nil {
		return err
	}
	t.heard = nil
	return nil
}

// results sends what the passes of the mode say. When the speech has ended, the last message
// is final.
func (t *funTalk) results(results []heard, ended bool) error {
	var answers []map[string]any
	for _, r := range results {
		said := r.text
		if t.mode == "2pass" {
			said = strings.ToLower(strings.Trim(r.text, ".?!。？！")) // the first pass sets no marks
		}
		piece := strings.TrimPrefix(said, t.shown)
		if t.shown == "" {
			piece = glue(t.heard.text, piece)
		}
		t.shown = said
		t.tell(t.heard, r)
		if t.mode != "offline" && piece != "" {
			answers = append(answers, t.answer("online", piece))
		}
		if r.final {
			t.shown = ""
		}
		if r.final && t.mode != "online" {
			answers = append(answers, t.answer("offline", r.text))
		}
	}
	if ended && len(answers) == 0 {
		answers = append(answers, map[string]any{"text": "", "wav_name": t.name, "is_final": false})
	}
	for i, answer := range answers {
		if ended && i == len(answers)-1 {
			answer["is_final"] = true
			t.done()
		}
		if err := t.sendJSON(answer); err != nil {
			return err
		}
	}
	return nil
}

func (t *funTalk) answer(pass, text string) map[string]any {
	mode := pass
	if t.mode == "2pass" {
		mode = "2pass-" + pass
	}
	return map[string]any{"mode": mode, "text": text, "wav_name": t.name, "is_final": false}
}
