package emulate

import (
	"errors"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

const (
	rttsMostChars = 10_000
	pieceOfVoice  = 100 * time.Millisecond // of audio in one message of an answer
)

// huaweiSISTTS is Huawei Cloud's real-time speech synthesis (RTTS): one START with the text
// for each connection, binary audio, END (support.huaweicloud.com/api-sis: sis_03_0115,
// sis_03_0118 and the pages after it).
func huaweiSISTTS() Emulator {
	return Emulator{
		Name: "huawei-sis-tts", Path: "/v1/" + sisProject + "/rtts",
		Vars: map[string]string{"project_id": sisProject}, Secrets: map[string]string{"token": Key},
		Text: true, Voice: sisRate, Faults: []string{"SIS.0303"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return sisGate(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/"+sisProject+"/rtts" {
					refuse(w, http.StatusNotFound, apigNotFound())
					return
				}
				converse(w, r, o, nil, synthesise)
			})
		},
	}
}

// synthesise speaks the text of the first message.
func synthesise(c *call) error {
	for spoken := false; ; {
		m, err := c.next(sisIdle)
		switch {
		case errors.Is(err, errLate):
			err = &sisError{fatal: true, code: "SIS.0304", message: "wait voice timeout"}
		case err != nil:
			return err
		case spoken:
			err = &sisError{fatal: true, code: "SIS.0032", message: "a connection takes one request"}
		default:
			spoken = true
			err = speakOnce(c, m)
		}
		if err := sisReport(c, err); err != nil {
			return err
		}
	}
}

func speakOnce(c *call, m message) error {
	o, err := parseObject(m.payload)
	config, text := o.object("config"), o.text("text")
	known := []string{"audio_format", "sample_rate", "property", "speed", "pitch", "volume", "subtitle"}
	switch {
	case err != nil || m.binary:
		return sisInvalid("the message is no JSON object in a text message")
	case o.text("command") != "START":
		return sisInvalid("'command' is invalid")
	case text == "" || utf8.RuneCountInString(text) > rttsMostChars:
		return sisInvalid("'text' must have 1 to %d characters", rttsMostChars)
	case o.foreign("command", "text", "config") != "" || config.foreign(known...) != "":
		return sisInvalid("'%s%s' is unknown", o.foreign("command", "text", "config"), config.foreign(known...))
	case config.text("property") == "":
		return sisInvalid("'property' is required")
	case config.text("audio_format") != "pcm" || config.text("sample_rate") != "16000":
		return sisInvalid("'audio_format' or 'sample_rate' is invalid")
	case c.Fault != "":
		return &sisError{fatal: true, code: c.Fault, message: "the engine cannot be reached"}
	}
	c.Record.mark(m.at)
	if err := c.sendJSON(map[string]any{"resp_type": "START", "trace_id": sisTrace}); err != nil {
		return err
	}
	for piece := range c.voice(text, sisRate) {
		c.spoke(piece)
		if err := c.send(websocket.MessageBinary, piece); err != nil {
			return err
		}
		if err := c.pause(c.Interval); err != nil {
			return err
		}
	}
	c.done()
	return c.sendJSON(map[string]any{"resp_type": "END", "trace_id": sisTrace})
}

// voice speaks a text and returns the audio in pieces.
func (c *call) voice(text string, rate int) func(yield func([]byte) bool) {
	size := 2 * int(pieceOfVoice.Seconds()*float64(rate))
	return slices.Chunk(littleEndian(c.Voice(text, rate)), size)
}
