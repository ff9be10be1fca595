package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/demo/emulate"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
)

const (
	servedAnswer = "Stays silent. 网关保持沉默。 It is \"done\"."
	servedHeard  = "who is silent?"
	servedPrompt = "Say \"hello\".\n再说一遍。"
)

// wavOf returns a WAV file of 16 kHz with made-up speech.
func wavOf(length time.Duration) []byte {
	const rate = 16_000
	samples := emulate.Voice("a sentence that somebody says to a service", rate)[:int(length.Seconds()*rate)]
	data, _ := speech.Encode("s16le", samples) // the encoding is known
	return append(speech.WAVHeader(rate, 1, int64(len(data))), data...)
}

// askService asks a service with a body and returns the answer; no session when the service
// refused the handshake.
func (p *program) askService(t *testing.T, name, kind string, body []byte) (turn dialect.Turn, session string) {
	t.Helper()
	res, raw := p.do("POST", "/api/services/"+name+"/ask?timeout=30", kind, bytes.NewReader(body))
	var answer struct {
		Session string
		Turn    dialect.Turn
	}
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusBadGateway {
		t.Fatalf("ask: %d %s", res.StatusCode, raw)
	}
	return answer.Turn, answer.Session
}

// serveEmulated starts an emulated service and saves it under the name of its dialect.
func (p *program) serveEmulated(t *testing.T, e emulate.Emulator, name string, o emulate.Options) *emulate.Record {
	t.Helper()
	o.Record = &emulate.Record{}
	o.Answer, o.Heard, o.Word = servedAnswer, servedHeard, 25*time.Millisecond
	server := httptest.NewServer(e.New(o))
	t.Cleanup(server.Close)
	p.call("POST", "/api/services", object{
		"name": name, "address": "ws" + strings.TrimPrefix(server.URL, "http") + e.Path, "dialect": e.Name,
		"credential": object{"kind": "dialect", "vars": e.Vars, "secrets": e.Secrets},
	}, http.StatusCreated, nil)
	return o.Record
}

// Every built-in dialect is asked over HTTP, by text and by speech.
func TestAskSpeaksWithEveryService(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for _, e := range emulate.All() {
		record := p.serveEmulated(t, e, e.Name, emulate.Options{Interval: time.Millisecond})
		if e.Text {
			body, err := json.Marshal(object{"text": servedPrompt})
			if err != nil {
				t.Fatal(err)
			}
			turn, session := p.askService(t, e.Name, "application/json", body)
			p.compareAnswer(t, e.Name+" by text", session, turn, record)
		}
		if e.Audio > 0 {
			turn, session := p.askService(t, e.Name, "audio/wav", wavOf(430*time.Millisecond))
			p.compareAnswer(t, e.Name+" by speech", session, turn, record)
		}
	}
}

// compareAnswer compares a turn with the newest one of the service's record that has an answer:
// audio that comes late, as on a busy machine, begins another.
func (p *program) compareAnswer(t *testing.T, what, session string, turn dialect.Turn, record *emulate.Record) {
	t.Helper()
	turns := slices.DeleteFunc(record.Turns(), func(t emulate.Turn) bool { return t.Text == "" && len(t.Audio) == 0 })
	if turn.State != dialect.TurnDone || len(turns) == 0 {
		t.Errorf("%s: the turn is %s: %+v", what, turn.State, turn.Error)
		return
	}
	want := turns[len(turns)-1]
	if turn.Text.Answer != want.Text || turn.Text.User != want.User {
		t.Errorf("%s: the answer is %q after %q, not %q after %q", what, turn.Text.Answer, turn.Text.User, want.Text, want.User)
	}
	if len(want.Audio) == 0 {
		return
	}
	res, wav := p.do("GET", "/api/sessions/"+session+"/turns/"+jsonOf(turn.N)+"/audio?stream=answer", "", nil)
	clip, err := speech.ReadWAV(bytes.NewReader(wav), 64<<20)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%s: the audio is no WAV: %d %v", what, res.StatusCode, err)
		return
	}
	if data, _ := speech.Encode("s16le", clip.Samples); !bytes.Equal(data, want.Audio) {
		t.Errorf("%s: the audio has %d bytes, %d were spoken", what, len(data), len(want.Audio))
	}
}

func jsonOf(v any) string {
	raw, _ := json.Marshal(v) //nolint:errchkjson // a number
	return string(raw)
}

// Every error that an emulated service can give is the turn's, with the sentence of its dialect.
func TestAskTellsTheErrorsOfServices(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for _, e := range emulate.All() {
		d, known := dialect.Builtin(e.Name)
		if !known {
			t.Fatalf("no dialect %s", e.Name)
		}
		for _, fault := range e.Faults {
			name := e.Name + "." + strings.ToLower(fault)
			p.serveEmulated(t, e, name, emulate.Options{Fault: fault})
			kind, body := "audio/wav", wavOf(430*time.Millisecond)
			if e.Text {
				kind, body = "application/json", []byte(`{"text":"hello"}`)
			}
			turn, session := p.askService(t, name, kind, body)
			if session == "" { // refused before the session began
				continue
			}
			if turn.State != dialect.TurnFailed || turn.Error == nil {
				t.Errorf("%s: the turn is %s", name, turn.State)
				continue
			}
			var state struct {
				Diagnosis struct{ Cause, Fix string }
			}
			p.call("GET", "/api/sessions/"+session, nil, http.StatusOK, &state)
			sentence, explained := d.Explain(turn.Error.Code, turn.Error.Message)
			if !explained {
				t.Errorf("%s: no sentence for %s %s", name, turn.Error.Code, turn.Error.Message)
			}
			if cause := sentence.Cause["en"]; explained && !strings.Contains(state.Diagnosis.Cause, cause) {
				t.Errorf("%s: the diagnosis %q lacks %q", name, state.Diagnosis.Cause, cause)
			}
		}
	}
}

// The services of the demo answer as they are saved.
func TestDemoServicesHearAndSpeak(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for _, endpoint := range []string{"stream", "synthesis", "agent"} {
		turn, _ := p.askService(t, p.demo(endpoint, demoKind(endpoint)).ID, "application/json", []byte(`{"text":"Good morning"}`))
		if turn.State != dialect.TurnDone || turn.Text.Answer == "" && turn.Audio == nil {
			t.Errorf("%s: the turn is %s with %+v", endpoint, turn.State, turn.Error)
		}
	}
	for _, endpoint := range []string{"recognition", "agent"} {
		turn, _ := p.askService(t, p.demo(endpoint, demoKind(endpoint)).ID, "audio/wav", wavOf(1500*time.Millisecond))
		if turn.State != dialect.TurnDone || turn.Text.Answer == "" {
			t.Errorf("%s: the turn is %s with %+v", endpoint, turn.State, turn.Error)
		}
	}
}

func demoKind(endpoint string) string {
	if endpoint == "stream" {
		return "none"
	}
	return "dialect"
}
