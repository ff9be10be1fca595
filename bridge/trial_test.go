package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/vault"
)

// try tests a connection and returns what was told of it.
func try(t *testing.T, h *bridge.Hub, r bridge.OpenRequest) (*bridge.Trial, []bridge.TrialStep, error) {
	t.Helper()
	var steps []bridge.TrialStep
	trial, err := h.Try(t.Context(), r, func(s bridge.TrialStep) { steps = append(steps, s) })
	return trial, steps, err
}

func realtime(t *testing.T, address string) bridge.OpenRequest {
	t.Helper()
	d, ok := dialect.Builtin("openai-realtime")
	if !ok {
		t.Fatal("no dialect openai-realtime")
	}
	r := request(t, address)
	r.Speech = &bridge.Speech{Dialect: d, Values: dialect.Values{Secrets: map[string]vault.Secret{"api_key": vault.NewSecret("sk-test-0001")}}}
	return r
}

func TestTrialSendsNothingAndClosesWith1000(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 0)
	seen := make(chan error, 1)
	address := peer(t, func(ctx context.Context, c *websocket.Conn) {
		_ = c.Write(ctx, websocket.MessageText, []byte(`{"type":"session.created","session":{"object":"realtime.session"}}`))
		_, _, err := c.Read(ctx)
		seen <- err
	})
	trial, steps, err := try(t, h, realtime(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if err := <-seen; websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("the peer saw %v", err)
	}
	if trial.First == nil || trial.First.Label != "session.created" || !trial.ByUs || trial.Finding != nil || trial.Closed.Code != 1000 || !trial.Closed.Clean {
		t.Errorf("%+v, first %+v", trial, trial.First)
	}
	if len(steps) != 4 || !steps[0].Expects || steps[0].Expected != "session.created" || steps[1].First == nil || steps[3].Closed == nil {
		t.Errorf("%+v", steps)
	}
	if len(h.Sessions()) != 0 || h.Stats().Opened != 0 || len(m.messages)+len(m.endings) != 0 {
		t.Errorf("it left %v, %+v", h.Sessions(), h.Stats())
	}
	if err := h.Drain(t.Context()); err != nil { // it is not counted any longer
		t.Error(err)
	}
}

func TestTrialTellsWhyTheTargetClosed(t *testing.T) {
	address := peer(t, func(ctx context.Context, c *websocket.Conn) {
		_ = c.Close(4001, "access token is invalid")
	})
	trial, _, err := try(t, newHub(t, newMemory(), 0), request(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if trial.ByUs || trial.Closed.Code != 4001 || trial.Finding == nil || trial.Finding.Said == nil {
		t.Errorf("%+v, %+v", trial, trial.Finding)
	}
}

func TestTrialTellsAnErrorInTheFirstMessage(t *testing.T) {
	address := peer(t, func(ctx context.Context, c *websocket.Conn) {
		_ = c.Write(ctx, websocket.MessageText, []byte(`{"type":"error","error":{"code":"invalid_api_key","message":"Incorrect API key provided"}}`))
		_, _, _ = c.Read(ctx)
	})
	trial, _, err := try(t, newHub(t, newMemory(), 0), realtime(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if trial.Finding == nil || trial.Finding.Known == nil {
		t.Errorf("%+v, %+v", trial, trial.Finding)
	}
}

func TestTrialOfAQuietTargetIsShort(t *testing.T) {
	began := time.Now()
	trial, steps, err := try(t, newHub(t, newMemory(), 0), request(t, peer(t, quiet)))
	if err != nil {
		t.Fatal(err)
	}
	if trial.First != nil || trial.Finding != nil || trial.Closed.Code != 1000 || steps[0].Expects {
		t.Errorf("%+v %+v", trial, steps)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestTrialIsBoundedAsADial(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	if _, _, err := try(t, h, request(t, "ws://127.0.0.1:1/")); err == nil {
		t.Error("opened")
	} else if _, ok := errors.AsType[*dial.Error](err); !ok {
		t.Errorf("%T", err)
	}
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := try(t, h, request(t, peer(t, quiet))); !errors.Is(err, bridge.ErrDraining) {
		t.Errorf("tried while draining: %v", err)
	}
}
