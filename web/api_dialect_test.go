package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
	"duplex/bridge/wire"
)

// echoDialect is a dialect of a service that answers with all that it is sent.
const echoDialect = `dialect: 1
name: our-echo
title: {en: Our echo, zh: 回声}
in:
  text: {send: [{text: '{"say":{{text|json}}}'}, {text: '{"end":"text"}'}], mark: 1}
  audio: {rate: 16000, encoding: s16le, ms: 100, pace: 1, frame: {binary: [chunk]}, end: [{text: '{"end":"speech"}', mark: true}]}
receive:
  envelope: json
  label: "$.say"
  gist: "$.say"
  text: {stream: answer, path: "$.say", mode: append, join: ""}
  audio: {binary: true, encoding: s16le, rate: 16000}
  done: {"$.end": "*"}
  expect_close: [1000, 1001]
cancel: [{text: '{"stop":"answer"}'}]
`

// speechWAV returns a WAV file with a tone of 440 Hz.
func speechWAV(rate, ms int) []byte {
	samples := make([]byte, 0, 2*rate*ms/1000)
	for i := range rate * ms / 1000 {
		samples = binary.LittleEndian.AppendUint16(samples, uint16(int16(8000*math.Sin(2*math.Pi*440*float64(i)/float64(rate)))))
	}
	return append(speech.WAVHeader(rate, 1, int64(len(samples))), samples...)
}

// savesDialect saves a dialect.
func (p *program) savesDialect(yaml string) {
	p.t.Helper()
	res, raw := p.do("POST", "/api/dialects", "application/yaml", strings.NewReader(yaml))
	if res.StatusCode != http.StatusCreated {
		p.t.Fatalf("%d %s", res.StatusCode, raw)
	}
}

// answer is the answer of a question.
type answer struct {
	Session string
	Turn    dialect.Turn
	Notes   []string
}

func (p *program) turns(session, query string) []dialect.Turn {
	p.t.Helper()
	var list struct{ Turns []dialect.Turn }
	p.call("GET", "/api/sessions/"+session+"/turns"+query, nil, http.StatusOK, &list)
	return list.Turns
}

// A mistake is named with its place, and nothing changes.
func TestDialectWithAMistakeChangesNothing(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	wrong := strings.Replace(echoDialect, "envelope: json", "envelop: json", 1)
	res, raw := p.do("PUT", "/api/dialects/our-echo", "application/yaml", strings.NewReader(wrong))
	var refusal struct{ Error wire.Error }
	if err := json.Unmarshal(raw, &refusal); err != nil || res.StatusCode != http.StatusBadRequest {
		t.Fatalf("%d %s", res.StatusCode, raw)
	}
	line := 1 + strings.Count(wrong[:strings.Index(wrong, "envelop:")], "\n")
	if e := refusal.Error; e.Code != "bad_dialect" || len(e.Problems) == 0 || e.Problems[0].Line != line || e.Problems[0].Column != 3 || e.Problems[0].Nearest != "envelope" {
		t.Errorf("%s", raw)
	}
	var kept struct{ YAML string }
	if p.call("GET", "/api/dialects/our-echo", nil, http.StatusOK, &kept); kept.YAML != echoDialect {
		t.Errorf("kept is\n%s", kept.YAML)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"PUT", "/api/dialects/openai-realtime", echoDialect, 409, "dialect_builtin"},
		{"DELETE", "/api/dialects/openai-realtime", "", 409, "dialect_builtin"},
		{"POST", "/api/dialects", strings.Replace(echoDialect, "our-echo", "openai-realtime", 1), 409, "dialect_taken"},
		{"PUT", "/api/dialects/our-echo", strings.Replace(echoDialect, "our-echo", "other", 1), 400, "bad_value"},
		{"POST", "/api/dialects", strings.Repeat("#", dialect.MaxSource+1), 413, "request_too_large"},
	} {
		if res, raw := p.do(c.method, c.path, "application/yaml", strings.NewReader(c.body)); res.StatusCode != c.status || codeOf(string(raw)) != c.code {
			t.Errorf("%s %s: %d %s", c.method, c.path, res.StatusCode, raw)
		}
	}
}

// A session's dialect can come with the request, in JSON.
func TestDialectOfARequestIsNotListed(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	own := object{
		"dialect": 1, "name": "mine", "in": object{"text": object{"send": []object{{"text": `{{text}}`}}}},
		"receive": object{"envelope": "text", "text": object{"path": "@text", "mode": "append"}, "done": object{"silence": "100ms"}},
	}
	opened := p.open(object{"address": p.demo("echo", "none").Address, "dialect": own})
	if !strings.HasPrefix(opened.Dialect, "inline-") || !opened.TakesText {
		t.Fatalf("%+v", opened)
	}
	var asked answer
	p.call("POST", "/api/sessions/"+opened.ID+"/ask", object{"text": "hello"}, http.StatusOK, &asked)
	if asked.Turn.State != dialect.TurnDone || asked.Turn.Text.Answer != "hello" {
		t.Errorf("%+v", asked.Turn)
	}
	var list struct{ Dialects []struct{ Name string } }
	p.call("GET", "/api/dialects", nil, http.StatusOK, &list)
	for _, d := range list.Dialects {
		if strings.HasPrefix(d.Name, "inline-") {
			t.Errorf("%s is listed", d.Name)
		}
	}
	if wrong := p.refused("POST", "/api/sessions", object{"address": "ws://127.0.0.1:1", "dialect": object{"dialect": 2}}, http.StatusBadRequest); wrong.Code != "bad_dialect" {
		t.Errorf("%+v", wrong)
	}
}

// One call asks and answers with the finished turn.
func TestQuestionIsAnsweredWithItsTurn(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	p.call("POST", "/api/services", object{"name": "spoken", "address": p.demo("echo", "none").Address, "dialect": "our-echo"}, http.StatusCreated, nil)
	var asked answer
	p.call("POST", "/api/services/spoken/ask", object{"text": `say "it" {{ now }}`}, http.StatusOK, &asked)
	turn := asked.Turn
	if turn.State != dialect.TurnDone || turn.Text.Answer != `say "it" {{ now }}` || turn.Request != `say "it" {{ now }}` || turn.MarkUS == 0 || turn.FirstTextUS == 0 || turn.DoneUS < turn.FirstTextUS {
		t.Errorf("%+v", turn)
	}
	var closed wire.State
	until(t, "the session is closed", func() bool {
		p.call("GET", "/api/sessions/"+asked.Session, nil, http.StatusOK, &closed)
		return closed.State == "closed"
	})
	if closed.CloseCode != 1000 || closed.Dialect != "our-echo" || closed.DialectTitle != "Our echo" {
		t.Errorf("%+v", closed)
	}
	res, raw := p.do("POST", "/api/services/spoken/ask", "audio/wav", bytes.NewReader(speechWAV(44100, 300)))
	var spoken answer
	if err := json.Unmarshal(raw, &spoken); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", res.StatusCode, raw)
	}
	if spoken.Turn.State != dialect.TurnDone || spoken.Turn.Audio == nil || spoken.Turn.Audio.UserMS < 290 || len(spoken.Notes) != 1 || !strings.Contains(spoken.Notes[0], "44.1 kHz") {
		t.Errorf("%s", raw)
	}
	if refused := p.refused("POST", "/api/services/spoken/ask?timeout=0", object{"text": "a"}, http.StatusBadRequest); refused.Field != "timeout" {
		t.Errorf("%+v", refused)
	}
	echo := p.demo("echo", "none").ID
	if refused := p.refused("POST", "/api/services/"+echo+"/ask", object{"text": "a"}, http.StatusConflict); refused.Code != "no_dialect" {
		t.Errorf("%+v", refused)
	}
}

// With server-sent events the answer comes as it grows.
func TestQuestionIsAnsweredByEvents(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	session := p.open(object{"address": p.demo("echo", "none").Address, "dialect": "our-echo"})
	ask := func(kind, body string) (names []string, text string, audio []byte, last answer) {
		res, raw := p.do("POST", "/api/sessions/"+session.ID+"/ask", kind, strings.NewReader(body), func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") })
		if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Fatalf("%d %s: %s", res.StatusCode, got, raw)
		}
		for event := range strings.SplitSeq(strings.TrimSpace(string(raw)), "\n\n") {
			head, data, _ := strings.Cut(event, "\ndata: ")
			name := strings.TrimPrefix(head, "event: ")
			names = append(names, name)
			var fields struct {
				wire.TextUpdate
				Base64 []byte
			}
			if err := json.Unmarshal([]byte(data), &fields); err != nil {
				t.Fatal(err)
			}
			switch name {
			case "text":
				text = text[:fields.Keep] + fields.Text
			case "audio":
				audio = append(audio, fields.Base64...)
			case "turn":
				if err := json.Unmarshal([]byte(data), &last); err != nil {
					t.Fatal(err)
				}
			}
		}
		return names, text, audio, last
	}
	names, text, _, last := ask("application/json", `{"text":"hello"}`)
	if text != "hello" || names[len(names)-1] != "turn" || last.Session != session.ID || last.Turn.Text.Answer != "hello" {
		t.Errorf("%v %q %+v", names, text, last)
	}
	want := speechWAV(16000, 300)
	_, _, audio, last := ask("audio/wav", string(want))
	if last.Turn.State != dialect.TurnDone || len(audio) < 44 || !bytes.Equal(audio[44:], want[44:]) {
		t.Errorf("%d bytes of audio, want %d; %+v", len(audio), len(want), last.Turn)
	}
}

// A dialect that is chosen afterwards gives the same turns as a session that speaks it, and the
// same again after a restart and after a change of the dialect.
func TestTurnsAreThoseOfTheLog(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProgram(t, "--data", data)
	p.savesDialect(echoDialect)
	address := p.demo("echo", "none").Address
	live := p.open(object{"address": address, "dialect": "our-echo"})
	for _, text := range []string{"stays", "silent"} {
		p.call("POST", "/api/sessions/"+live.ID+"/ask", object{"text": text}, http.StatusOK, nil)
	}
	during := p.turns(live.ID, "")
	if len(during) != 2 || during[1].Text.Answer != "silent" {
		t.Fatalf("%+v", during)
	}
	same := func(when string, got []dialect.Turn) {
		t.Helper()
		if diff := cmp.Diff(during, got); diff != "" {
			t.Errorf("%s (-live):\n%s", when, diff)
		}
	}
	plain := p.open(object{"address": address})
	for _, m := range p.rows(live.ID, "direction=sent").Messages {
		p.send(plain.ID, "text", "", m.Preview)
	}
	until(t, "all is answered", func() bool { return len(p.rows(plain.ID, "direction=received").Messages) == 4 })
	p.call("PUT", "/api/sessions/"+plain.ID+"/dialect", object{"dialect": "our-echo"}, http.StatusOK, nil)
	if after := p.turns(plain.ID, ""); len(after) != 2 || after[0].Text.Answer != "stays" || after[1].State != dialect.TurnDone {
		t.Errorf("%+v", after)
	}
	rows := p.rows(plain.ID, "direction=received").Messages
	if rows[0].Label != "stays" || rows[0].Gist != "stays" {
		t.Errorf("%+v", rows[0])
	}
	for _, id := range []string{live.ID, plain.ID} {
		p.call("POST", "/api/sessions/"+id+"/close", object{"code": 1000}, http.StatusOK, nil)
	}
	until(t, "the turns are stored", func() bool { return len(p.turns(live.ID, "")) == 2 })
	same("ended", p.turns(live.ID, ""))
	p.stop()
	p = startProgram(t, "--data", data)
	same("after a restart", p.turns(live.ID, ""))
	changed := strings.Replace(echoDialect, `done: {"$.end": "*"}`, `done: {"$.end": nothing}`, 1)
	for _, yaml := range []string{changed, echoDialect} {
		if res, raw := p.do("PUT", "/api/dialects/our-echo", "application/yaml", strings.NewReader(yaml)); res.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", res.StatusCode, raw)
		}
		if yaml == changed {
			if got := p.turns(live.ID, ""); len(got) > 0 && got[len(got)-1].State == dialect.TurnDone {
				t.Errorf("by the changed dialect: %+v", got)
			}
		}
	}
	p.stop()
	p = startProgram(t, "--data", data)
	same("after a change and back", p.turns(live.ID, ""))
	if generic := p.turns(live.ID, "?dialect="); len(generic) == 0 || !generic[0].Guessed && generic[0].Text.Answer != "" {
		t.Errorf("by the generic reading: %+v", generic)
	}
}

// The viewer's socket carries turns, texts as changes, the progress of speech and prompts.
func TestViewerIsToldTurns(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	session := p.open(object{"address": p.demo("echo", "none").Address, "dialect": "our-echo"})
	v := p.attach(session.ID, 0)
	v.awaitState(func(s *wire.State) bool {
		return s.Ready && s.TakesText && s.TakesAudio != nil && s.TakesAudio.Rate == 16000
	})
	v.say(wire.ViewerEvent{Type: wire.TypePrompt, ClientID: "p1", Text: "good 😀"})
	text, sent := "", false
	v.await(func(e wire.ServerEvent) bool {
		sent = sent || e.Type == wire.TypeSent && e.ClientID == "p1" && e.Seq > 0
		for _, u := range e.Turns {
			for _, change := range u.Texts {
				text = text[:min(len(text), change.Keep)] + change.Text
			}
			if u.Turn.State == dialect.TurnDone {
				return sent
			}
		}
		return false
	})
	if text != "good 😀" {
		t.Errorf("the text is %q", text)
	}
	if res, raw := p.do("POST", "/api/sessions/"+session.ID+"/audio?pace=1", "audio/wav", bytes.NewReader(speechWAV(8000, 500))); res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", res.StatusCode, raw)
	}
	var states []string
	v.await(func(e wire.ServerEvent) bool {
		if e.Playing != nil {
			states = append(states, e.Playing.State)
		}
		return e.Playing != nil && e.Playing.State == string(bridge.PlayDone)
	})
	if states[0] != string(bridge.PlayRunning) {
		t.Errorf("%v", states)
	}
	v.say(wire.ViewerEvent{Type: wire.TypeMicrophone, Rate: 16000, On: true})
	for range 5 {
		if err := v.conn.Write(t.Context(), websocket.MessageBinary, speechWAV(16000, 100)[44:]); err != nil {
			t.Fatal(err)
		}
	}
	v.say(wire.ViewerEvent{Type: wire.TypeMicrophone})
	v.await(func(e wire.ServerEvent) bool {
		for _, u := range e.Turns {
			if u.Turn.N == 3 && u.Turn.State == dialect.TurnDone && u.Turn.Audio != nil && u.Turn.Audio.AnswerMS >= 400 {
				return true
			}
		}
		return false
	})
}

// The audio of an open turn comes while it is spoken.
func TestAudioOfAnOpenTurnIsFollowed(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	session := p.open(object{"address": p.demo("echo", "none").Address, "dialect": "our-echo"})
	if res, raw := p.do("POST", "/api/sessions/"+session.ID+"/audio?pace=1", "audio/wav", bytes.NewReader(speechWAV(16000, 1500))); res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", res.StatusCode, raw)
	}
	until(t, "the turn begins", func() bool { return len(p.turns(session.ID, "")) == 1 })
	began := time.Now()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/api/sessions/"+session.ID+"/turns/1/audio?stream=user&follow=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	first := make([]byte, 1000)
	if _, err := io.ReadFull(res.Body, first); err != nil || time.Since(began) > time.Second {
		t.Fatalf("%v after %s", err, time.Since(began))
	}
	rest, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Concat(first, rest), speechWAV(16000, 1500); !bytes.Equal(got[44:], want[44:]) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
	answered, raw := p.do("GET", "/api/sessions/"+session.ID+"/export?format=wav", "", nil)
	clip, err := speech.ReadWAV(bytes.NewReader(raw), 64<<20)
	if err != nil || answered.Header.Get("Content-Type") != "audio/wav" {
		t.Fatalf("%v: %s", err, raw[:min(len(raw), 300)])
	}
	var loud [2]int
	for i, sample := range clip.Samples {
		if sample > 1000 || sample < -1000 {
			loud[i%2]++
		}
	}
	if clip.Channels != 2 || clip.Length() < 1400*time.Millisecond || loud[0] < 20000 || loud[1] < 20000 {
		t.Errorf("%d channels, %s, %v loud samples", clip.Channels, clip.Length(), loud)
	}
}

// Text that came in several messages is found in its turn, and is in the exports.
func TestSearchFindsJoinedText(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(strings.Replace(echoDialect, `'{"say":{{text|json}}}'}, `, `'{"say":"stays "}'}, {text: '{"say":"silent"}'}, `, 1))
	session := p.open(object{"address": p.demo("echo", "none").Address, "dialect": "our-echo"})
	p.call("POST", "/api/sessions/"+session.ID+"/ask", object{"text": "x"}, http.StatusOK, nil)
	type hit struct {
		N       int
		Snippet wire.Snippet
	}
	var found struct {
		Sessions []struct {
			Session wire.State
			Turns   []hit
		}
	}
	until(t, "the turn is found", func() bool {
		p.call("GET", "/api/search?q=stays+silent", nil, http.StatusOK, &found)
		return len(found.Sessions) == 1
	})
	if s := found.Sessions[0]; s.Session.ID != session.ID || len(s.Turns) != 1 || s.Turns[0].N != 1 || s.Turns[0].Snippet.Match != "stays silent" {
		t.Errorf("%+v", found)
	}
	var page struct{ Turns []hit }
	if p.call("GET", "/api/sessions/"+session.ID+"/messages?q=stays+silent", nil, http.StatusOK, &page); len(page.Turns) != 1 {
		t.Errorf("%+v", page)
	}
	for format, want := range map[string]string{"txt": "# answer:\n    stays silent", "har": `"answer":"stays silent"`, "jsonl&turns=1": `{"turn":{"n":1,`} {
		if _, raw := p.do("GET", "/api/sessions/"+session.ID+"/export?format="+format, "", nil); !strings.Contains(string(raw), want) {
			t.Errorf("%s:\n%s", format, raw)
		}
	}
}

// A recorded relay of a program's own client has the turns of its service's dialect.
func TestRecordedRelayHasTurns(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	p.call("POST", "/api/services", object{"name": "taped", "address": p.demo("echo", "none").Address, "dialect": "our-echo", "record_relay": true}, http.StatusCreated, nil)
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/relay/taped", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{`{"say":"stays "}`, `{"say":"silent"}`, `{"end":"text"}`} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(m)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
	var found struct {
		Sessions []struct{ Session wire.State }
	}
	until(t, "its turn is found", func() bool {
		p.call("GET", "/api/search?q=stays+silent", nil, http.StatusOK, &found)
		return len(found.Sessions) == 1
	})
	turns := p.turns(found.Sessions[0].Session.ID, "")
	if len(turns) != 1 || turns[0].State != dialect.TurnDone || turns[0].Text.Answer != "stays silent" {
		t.Errorf("%+v", turns)
	}
}
