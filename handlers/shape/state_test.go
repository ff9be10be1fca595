package shape

import (
	"testing"

	"duplex/bridge"
	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/handlers/reply"
	"duplex/views/text"
)

// The error of a turn is shown until the session has ended, when its ending has it.
func TestErrorOfATurnIsShownWhileItsSessionCloses(t *testing.T) {
	words, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := dialect.Builtin("vosk")
	notice := diagnose.Reported(&dial.Report{}, diagnose.ServiceError{Code: "7", Words: "no model"}, nil)
	r := Reader{
		Words: words, condition: func() reply.Condition { return reply.Condition{} },
		dialect: func(*bridge.Info) *dialect.Dialect { return d },
	}
	for state, shown := range map[bridge.State]bool{bridge.Open: true, bridge.Closing: true, bridge.Closed: false} {
		info := bridge.Info{Record: bridge.Record{Dialect: "vosk"}, State: state, Speech: &bridge.SpeechInfo{Dialect: d, Notice: &notice}}
		if got := r.State(&info).Diagnosis; (got != nil) != shown {
			t.Errorf("%s: %+v", state, got)
		}
	}
}
