package dialect

import (
	"errors"
	"os"
	"testing"
	"time"
)

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// problemsIn returns the problems of an error of Parse.
func problemsIn(t *testing.T, err error) []Problem {
	t.Helper()
	failed, is := errors.AsType[*SyntaxError](err)
	if !is || len(failed.Problems) == 0 {
		t.Fatalf("the error is %v", err)
	}
	return failed.Problems
}

// parse reads a dialect that has no mistake.
func parse(t *testing.T, source string) *Dialect {
	t.Helper()
	d, err := Parse([]byte(source))
	if err != nil {
		for _, p := range problemsIn(t, err) {
			t.Error(p)
		}
		t.FailNow()
	}
	return d
}

func TestEveryKeyIsRead(t *testing.T) {
	d := parse(t, string(readFile(t, "testdata/every_key.yaml")))
	for name, set := range map[string]bool{
		"title": d.Title["zh"] != "", "source": d.Source.Checked == "2026-11-29" && d.Source.Until == "", "recognise": len(d.Recognise.Messages) == 1,
		"vars":    len(d.Vars) == 3 && d.Vars[0].Name == "language" && d.Vars[0].Default == "en" && !d.Vars[0].Required && d.Vars[1].Default == "16000" && d.Vars[2].Required,
		"secrets": len(d.Secrets) == 2 && d.Secrets[1].Optional, "session": len(d.session) == 2, "counters": d.counters["seq"] == 1,
		"mint": d.Mint.Body != nil && len(d.Mint.Take) == 3 && d.Mint.Headers[0].Name == "Authorization", "sign": len(d.Sign.Let) == 2 && len(d.Sign.QueryAfter) == 2,
		"handshake": len(d.Handshake.Subprotocols) == 2, "open": len(d.Open) == 3 && d.Open[1].Within == 5*time.Second,
		"audio": d.Audio.Frame == 100*time.Millisecond && d.Audio.MarkEnd && len(d.Audio.End) == 2 && d.Audio.First != nil && d.Audio.Last != nil,
		"text":  len(d.Text.Send) == 2 && d.Text.Mark == 0, "layout": len(d.Receive.Layout) == 5, "text rules": len(d.Receive.Text) == 4 && d.Receive.Text[2].Mode == TextKeyed,
		"audio rules": len(d.Receive.Audio) == 2 && d.Receive.Audio[1].Field == "body", "done": len(d.Receive.Done.Match) == 1 && d.Receive.Done.Silence == 2*time.Second && d.Receive.Done.Close[0] == 1000,
		"error": len(d.Receive.Errors) == 1 && !d.Receive.Errors[0].Fatal, "usage": len(d.Receive.Usage) == 2, "keepalive": d.Keepalive.Every == 4*time.Second && d.Keepalive.When == WhenIdleSent,
		"reply": len(d.Replies) == 1, "finish": len(d.Finish) == 1, "ignore": len(d.Ignore) == 1, "errors": d.Errors["4008"].Cause["en"] == "Slow." && d.Errors["SIS.0304"].Fix["en"] != "",
		"limits": d.Limits == Limits{
			Message: 12 << 20, FrameMin: 320, FrameMax: 64 << 10, Rate: 1, Idle: 20 * time.Second, IdleCountsAudio: true, Gap: 6 * time.Second, Audio: time.Minute,
			Session: 5 * time.Hour, Request: 40 * time.Second, Chars: 10000,
		},
		"bytes": len(d.Bytes()) > 0 && len(d.Sum()) == 64,
	} {
		if !set {
			t.Errorf("%s is not as in the file", name)
		}
	}
}

// A step of the file may wait and capture at once; the mark counts those of the file.
func TestMarkIsTheIndexOfAMessage(t *testing.T) {
	for send, mark := range map[string]int{
		`[{text: "{{text}} {{v}}"}, {wait: {$.a: 1}, capture: {b: $.b}}, {text: "{{v}}"}, {text: c}], mark: 2`: 3,
		`[{text: "{{text}} {{v}}"}, {text: b}], mark: 0`:                                                       0,
		`[{text: "{{text}} {{v}}"}, {text: b}]`:                                                                1,
		`[{text: "{{text}} {{v}}", mark: true}, {text: b}]`:                                                    0,
		`[{text: "{{text}} {{v}}", mark: true}, {text: b}], mark: 0`:                                           0,
		`[{text: "{{text}}"}, {wait: {$.a: 1}}]`:                                                               0,
	} {
		if got := parse(t, "dialect: 1\nname: x\nvars: {v: 1}\nin: {text: {send: "+send+"}}\n").Text.Mark; got != mark {
			t.Errorf("%s: the mark is %d, want %d", send, got, mark)
		}
	}
}

func TestBuiltinsAreRead(t *testing.T) {
	if len(Builtins()) == 0 {
		t.Error("no built-in dialect")
	}
}
