package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

func TestViewerComesBackWhereItWas(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.open(object{"service": p.demo("ticker", "none").ID, "params": []object{
		{"name": "rate", "value": "500"}, {"name": "size", "value": "64"}, {"name": "count", "value": "400"},
	}})
	var after int64
	for range 3 {
		v := p.attach(s.ID, after)
		first, err := v.next()
		if err != nil || first.Type != "state" || first.State.ID != s.ID {
			t.Fatalf("the first event is %+v, %v", first, err)
		}
		v.awaitRows(after + 50)
		after = v.after
		_ = v.conn.CloseNow()
	}
	v := p.attach(s.ID, after)
	v.awaitRows(401)
	v.awaitState(func(s *wire.State) bool { return s.Received >= 400 }) // counters follow, though nothing else changes
}

func TestEachViewerIsToldInTheirOwnLanguage(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.open(object{"service": p.demo("close", "none").ID})
	english := p.attach(s.ID, 0)
	chinese := p.attach(s.ID, 0, func(h http.Header) { h.Set("Accept-Language", "zh-CN,zh;q=0.9") })
	p.send(s.ID, "text", "c", "the demo closes after this")
	for want, v := range map[string]*viewer{
		"“the model crashed” (closed with 1011). The service failed on its side.": english,
		"“the model crashed”（以 1011 关闭）。 服务自身出错。":                                 chinese,
	} {
		v.awaitState(func(s *wire.State) bool { return s.Diagnosis != nil })
		if v.state.Diagnosis.Cause != want {
			t.Errorf("%q, want %q", v.state.Diagnosis.Cause, want)
		}
	}
	chinese.say(wire.ViewerEvent{Type: "send", ClientID: "d", Opcode: "text", Text: "too late"})
	chinese.await(func(e wire.ServerEvent) bool {
		return e.Type == "refused" && strings.HasPrefix(e.Error.Message, "会话已结束")
	})
}

func TestViewersSeeEachOther(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	one := p.attach(s.ID, 0)
	two := p.attach(s.ID, 0)
	one.awaitState(func(s *wire.State) bool { return len(s.Viewers) == 2 })
	two.say(wire.ViewerEvent{Type: "send", ClientID: "c", Opcode: "binary", Base64: "AP8="})
	rows := one.awaitRows(3)
	if rows[1].Preview != "00ff" || rows[1].ClientID != "c" || rows[1].Direction != "sent" {
		t.Errorf("rows %+v", rows)
	}
	_ = two.conn.Close(websocket.StatusNormalClosure, "")
	one.awaitState(func(s *wire.State) bool { return len(s.Viewers) == 1 })
	one.say(wire.ViewerEvent{Type: "close", Code: 4002, Reason: "enough"})
	one.awaitState(func(s *wire.State) bool {
		return s.State == "closed" && s.CloseCode == 4002 && s.CloseReason == "enough"
	})
}

func TestEndedSessionIsShownAndStaysOpen(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	p.send(s.ID, "text", "", "hello")
	p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, nil)
	v := p.attach(s.ID, 0)
	v.awaitState(func(s *wire.State) bool { return s.State == "closed" })
	rows := v.awaitRows(4)
	if rows[3].Event != "closed" {
		t.Errorf("the last row is %+v", rows[3])
	}
	v.say(wire.ViewerEvent{Type: "send", ClientID: "c", Opcode: "text", Text: "too late"})
	v.await(func(e wire.ServerEvent) bool {
		return e.Type == "refused" && e.ClientID == "c" && e.Error.Code == "session_closed"
	})
}

func TestViewerIsToldWhyItHasToGo(t *testing.T) {
	p := startProgram(t)
	s := p.echo()
	tests := []struct {
		name string
		v    *viewer
		say  string
		code string
		want websocket.StatusCode
	}{
		{"no such session", p.attach("none", 0), "", "session_not_found", 4404},
		{"negative after", p.attach(s.ID, -1), "", "bad_value", 4400},
		{"not JSON", p.attach(s.ID, 0), "hello", "bad_event", 4400},
		{"unknown field", p.attach(s.ID, 0), `{"type":"close","force":true}`, "bad_event", 4400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.say != "" {
				if err := tt.v.conn.Write(t.Context(), websocket.MessageText, []byte(tt.say)); err != nil {
					t.Fatal(err)
				}
			}
			tt.v.await(func(e wire.ServerEvent) bool {
				if e.Type == "bye" && (e.Error.Code != tt.code || strings.HasPrefix(e.Error.Message, "error.")) {
					t.Errorf("bye with %+v", e.Error)
				}
				return e.Type == "bye"
			})
			for {
				if _, err := tt.v.next(); err != nil {
					if got := websocket.CloseStatus(err); got != tt.want {
						t.Errorf("closed with %v", err)
					}
					return
				}
			}
		})
	}
}

func TestShutdownClosesEveryViewerWith1012(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	running, ended := p.echo(), p.echo()
	p.call("POST", "/api/sessions/"+ended.ID+"/close", object{}, http.StatusOK, nil)
	viewers := []*viewer{p.attach(running.ID, 0), p.attach(running.ID, 0), p.attach(ended.ID, 0)}
	closed := make(chan error, len(viewers))
	for _, v := range viewers {
		v.awaitRows(1)
		go func() {
			for {
				if _, err := v.next(); err != nil {
					closed <- err
					return
				}
			}
		}()
	}
	p.stop()
	for range viewers {
		if err := <-closed; websocket.CloseStatus(err) != websocket.StatusServiceRestart {
			t.Errorf("a viewer saw %v", err)
		}
	}
}
