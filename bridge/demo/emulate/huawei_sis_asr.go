package emulate

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// Limits of real-time recognition (support.huaweicloud.com: api-sis, sis_faq).
const (
	sisIdle       = 20 * time.Second // without data
	sisRate       = 16_000
	sisLeastFrame = 320 // bytes, at 16 kHz
	sisMostFrame  = 65_536
	sisAhead      = 2 * time.Second // of real time, before it counts as too fast
)

// sisTrace is the trace id of all answers.
const sisTrace = "567e8537-a89c-13c3-a882-826321939651"

// huaweiSISASR is Huawei Cloud's real-time speech recognition (RASR): START with the
// configuration, binary frames after the START of the answer, END
// (support.huaweicloud.com/api-sis: sis_03_0032 and the pages after it).
func huaweiSISASR() Emulator {
	return Emulator{
		Name: "huawei-sis-asr", Path: "/v1/" + sisProject + "/rasr/continue-stream",
		Vars: map[string]string{"project_id": sisProject}, Secrets: map[string]string{"token": Key},
		Audio: sisRate, Faults: []string{"SIS.0303"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return sisGate(func(w http.ResponseWriter, r *http.Request) {
				mode, found := strings.CutPrefix(r.URL.Path, "/v1/"+sisProject+"/rasr/")
				if !found || mode != "continue-stream" && mode != "sentence-stream" && mode != "short-stream" {
					refuse(w, http.StatusNotFound, apigNotFound())
					return
				}
				converse(w, r, o, nil, (&recogniser{}).run)
			})
		},
	}
}

const sisProject = "0a7d5f1c368b4e9d"

// sisGate refuses a handshake without the token.
func sisGate(admitted http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if admitToken(w, r) {
			admitted(w, r)
		}
	})
}

func apigNotFound() apigFault {
	return apigFault{"APIG.0101", "The API does not exist or has not been published in the environment"}
}

// sisError is the error of a session, which goes on after an ERROR and ends after a
// FATAL_ERROR.
type sisError struct {
	fatal         bool
	code, message string
}

// Error implements error.
func (f *sisError) Error() string { return f.code + " " + f.message }

func sisInvalid(format string, args ...any) error {
	return &sisError{code: "SIS.0032", message: fmt.Sprintf(format, args...)}
}

// recogniser is the state of one connection.
type recogniser struct {
	started bool
	interim bool
	hearing *hearing
	pace    pace
}

// run answers messages until the caller goes, or the service gives up.
func (s *recogniser) run(c *call) error {
	for {
		m, err := c.next(sisIdle)
		switch {
		case errors.Is(err, errLate):
			err = &sisError{fatal: true, code: "SIS.0304", message: "audio wait timeout"}
		case err != nil:
			return err
		case m.binary:
			err = s.audio(c, m)
		default:
			err = s.command(c, m)
		}
		if err := sisReport(c, err); err != nil {
			return err
		}
	}
}

// sisReport sends a fault to the caller; other errors are returned.
func sisReport(c *call, err error) error {
	fault, ok := errors.AsType[*sisError](err)
	if !ok {
		return err
	}
	kind := "ERROR"
	if fault.fatal {
		kind = "FATAL_ERROR"
	}
	message := map[string]any{"resp_type": kind, "trace_id": sisTrace, "error_code": fault.code, "error_msg": fault.message}
	if err := c.sendJSON(message); err != nil {
		return err
	}
	if fault.fatal {
		return &hangUp{code: websocket.StatusNormalClosure}
	}
	return nil
}

func (s *recogniser) command(c *call, m message) error {
	o, err := parseObject(m.payload)
	if err != nil {
		return sisInvalid("the message is no JSON object")
	}
	switch command := o.text("command"); {
	case command == "START" && !s.started:
		return s.start(c, o)
	case command == "END" && s.started:
		return s.end(c, o)
	case command == "START", command == "END":
		return sisInvalid("'command' %s is out of order", command)
	default:
		return sisInvalid("'command' is invalid")
	}
}

// start checks the configuration, and that the caller waits for the answer.
func (s *recogniser) start(c *call, o object) error {
	config := o.object("config")
	format := config.text("audio_format")
	switch {
	case o.foreign("command", "config") != "":
		return sisInvalid("'%s' is unknown", o.foreign("command", "config"))
	case config.foreign(sisConfig()...) != "":
		return sisInvalid("'%s' is unknown", config.foreign(sisConfig()...))
	case format != "pcm16k16bit":
		return &sisError{code: "SIS.0301", message: "'audio_format' does not match the model"}
	case !strings.Contains(config.text("property"), "_16k_"):
		return &sisError{code: "SIS.0301", message: "'property' does not match the audio format"}
	}
	const setUp = 20 * time.Millisecond
	if err := c.pause(setUp); err != nil {
		return err
	}
	if len(c.inbox) > 0 {
		return sisInvalid("data came before the START of the answer")
	}
	*s = recogniser{started: true, interim: config.text("interim_results") == "yes", hearing: newHearing(c.Options, c.Answer)}
	return c.sendJSON(map[string]any{"resp_type": "START", "trace_id": sisTrace})
}

// sisConfig returns the names in the configuration of START.
func sisConfig() []string {
	return []string{
		"audio_format", "property", "add_punc", "vad_head", "vad_tail", "max_seconds", "interim_results",
		"vocabulary_id", "digit_norm", "need_word_info",
	}
}

func (s *recogniser) audio(c *call, m message) error {
	length := lengthOf(len(m.payload), sisRate)
	switch ahead := s.pace.add(m.at, length); {
	case !s.started:
		return sisInvalid("audio came outside START and END")
	case len(m.payload) < sisLeastFrame || len(m.payload) > sisMostFrame:
		return sisInvalid("a frame has %d bytes, not %d to %d", len(m.payload), sisLeastFrame, sisMostFrame)
	case ahead > sisAhead:
		return sisInvalid("the audio comes faster than real time")
	case c.Fault != "":
		return &sisError{fatal: true, code: c.Fault, message: "the engine cannot be reached"}
	}
	c.Record.frame(m.at, m.payload)
	return s.tell(c, s.hearing.add(length))
}

// end sends what is left and ends the recognition; a caller may START again.
func (s *recogniser) end(c *call, o object) error {
	if o.foreign("command", "cancel") != "" {
		return sisInvalid("'%s' is unknown", o.foreign("command", "cancel"))
	}
	s.started = false
	c.Record.mark(s.pace.last)
	if cancel, _ := o["cancel"].(bool); !cancel {
		if err := s.tell(c, s.hearing.end()); err != nil {
			return err
		}
	}
	c.done()
	return c.sendJSON(map[string]any{"resp_type": "END", "trace_id": sisTrace, "reason": "NORMAL"})
}

// tell sends results; interim ones only where they were asked for.
func (s *recogniser) tell(c *call, results []heard) error {
	for _, r := range results {
		if !r.final && !s.interim {
			continue
		}
		if r.final {
			c.wroteSegment(r)
		} else {
			c.wrote("")
		}
		err := c.sendJSON(map[string]any{
			"resp_type": "RESULT", "trace_id": sisTrace,
			"segments": []any{map[string]any{
				"start_time": r.start.Milliseconds(), "end_time": r.end.Milliseconds(), "is_final": r.final,
				"result": map[string]any{"text": r.text, "score": 0.9},
			}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
