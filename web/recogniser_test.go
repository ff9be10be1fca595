package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/dialect"
	"duplex/bridge/testkit"
)

// The speech of espeak-ng is paced to a recogniser that listens, whose dialect is one posted
// file. What it hears grows, and is right at the end.
func TestARealRecogniserHearsACommand(t *testing.T) {
	t.Parallel()
	const command = "turn on the light"
	p := startProgram(t)
	p.speakTo(startRecogniser(t))
	wav := speak(t, command)

	res, raw := p.do("POST", "/api/services/house/ask", "audio/wav", bytes.NewReader(wav), func(r *http.Request) {
		r.Header.Set("Accept", "text/event-stream")
	})
	if res.StatusCode != http.StatusOK {
		t.Fatalf("ask: %d %s", res.StatusCode, raw)
	}
	events := readEvents(t, raw)
	if len(events) == 0 || events[len(events)-1].name != "turn" {
		t.Fatalf("the answer has no turn at its end: %s", raw)
	}
	var answer struct{ Turn dialect.Turn }
	if err := json.Unmarshal([]byte(events[len(events)-1].data), &answer); err != nil {
		t.Fatal(err)
	}
	turn := answer.Turn
	if turn.State != dialect.TurnDone || turn.Text.Answer != command {
		t.Errorf("turn is %s with %q, error %v", turn.State, turn.Text.Answer, turn.Error)
	}
	if texts := len(events) - 1; texts < 3 {
		t.Errorf("the text came in %d events: it did not grow: %s", texts, raw)
	}
	t.Logf("word error rate %.2f, first word %.0f ms after the first sound, %.0f ms before the end of %.0f ms of audio",
		wordErrors(command, turn.Text.Answer), float64(turn.FirstTextUS-turn.AudioStartUS)/1e3,
		float64(turn.AudioEndUS-turn.FirstTextUS)/1e3, float64(turn.AudioEndUS-turn.AudioStartUS)/1e3)
	if turn.FirstTextUS <= turn.AudioStartUS || turn.FirstTextUS >= turn.AudioEndUS {
		t.Errorf("the first word came at %d, the audio lasted from %d to %d", turn.FirstTextUS, turn.AudioStartUS, turn.AudioEndUS)
	}
	const other = "close the window"
	if heard := p.ask(speak(t, other)); heard.Text.Answer != other {
		t.Errorf("heard %q, want %q", heard.Text.Answer, other)
	}
}

// A caller that breaks the order of a service that nobody knew before gets the sentence of its
// dialect.
func TestAPostedDialectExplainsAnError(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.speakTo(startRecogniser(t))
	var state struct{ ID string }
	p.call("POST", "/api/sessions", object{"service": "house"}, http.StatusCreated, &state)
	p.send(state.ID, "text", "wrong", `{"op":"begin","rate":16000}`)
	p.awaitTurn(state.ID, func(turn dialect.Turn) bool { return turn.Error != nil && turn.Error.Code == "out_of_order" })
}

// awaitTurn waits for a turn of a session.
func (p *program) awaitTurn(session string, holds func(dialect.Turn) bool) {
	p.t.Helper()
	v := p.attach(session, 0)
	for {
		var list struct{ Turns []dialect.Turn }
		p.call("GET", "/api/sessions/"+session+"/turns", nil, http.StatusOK, &list)
		if slices.ContainsFunc(list.Turns, holds) {
			return
		}
		if _, err := v.next(); err != nil {
			p.t.Fatalf("no such turn in %+v: %v", list.Turns, err)
		}
	}
}

// startRecogniser starts the recogniser of house commands and returns its address.
func startRecogniser(t *testing.T) string {
	t.Helper()
	python := testkit.NeedPython(t, "websockets, pocketsphinx", "apt-get install python3-websockets python3-pocketsphinx pocketsphinx-en-us")
	addr := testkit.FreeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Start(t, addr, python, "../bridge/testdata/recogniser.py", port)
	return "ws://" + addr + "/listen"
}

// speakTo posts the dialect of the recogniser, and a service that speaks it.
func (p *program) speakTo(address string) {
	p.t.Helper()
	source, err := os.ReadFile("../bridge/testdata/recogniser.yaml")
	if err != nil {
		p.t.Fatal(err)
	}
	if res, raw := p.do("POST", "/api/dialects", "application/yaml", bytes.NewReader(source)); res.StatusCode != http.StatusCreated {
		p.t.Fatalf("post dialect: %d %s", res.StatusCode, raw)
	}
	p.call("POST", "/api/services", object{"name": "house", "address": address, "dialect": "house-commands"}, http.StatusCreated, nil)
}

// ask asks the house with speech, and returns the turn.
func (p *program) ask(wav []byte) dialect.Turn {
	p.t.Helper()
	res, raw := p.do("POST", "/api/services/house/ask", "audio/wav", bytes.NewReader(wav))
	var answer struct{ Turn dialect.Turn }
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("ask: %d %s", res.StatusCode, raw)
	}
	return answer.Turn
}

// speak returns a WAV of a text, as espeak-ng speaks it.
func speak(t *testing.T, text string) []byte {
	t.Helper()
	espeak := testkit.Need(t, "espeak-ng", "apt-get install espeak-ng")
	file := filepath.Join(t.TempDir(), "speech.wav")
	if out, err := exec.CommandContext(t.Context(), espeak, "-w", file, text).CombinedOutput(); err != nil {
		t.Fatalf("espeak-ng: %v %s", err, out)
	}
	wav, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return wav
}

// sentEvent is a server-sent event.
type sentEvent struct{ name, data string }

func readEvents(t *testing.T, raw []byte) []sentEvent {
	t.Helper()
	var all []sentEvent
	var e sentEvent
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "data":
			e.data += value
		case "":
			if e.name != "" {
				all = append(all, e)
			}
			e = sentEvent{}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// wordErrors returns the word error rate: the least number of words to insert, delete and
// replace, by the number of words that were said.
func wordErrors(said, heard string) float64 {
	a, b := strings.Fields(said), strings.Fields(heard)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, word := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range b {
			replaced := diagonal
			if word != other {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return float64(row[len(b)]) / float64(len(a))
}
