package bridge_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/dialect"
)

func TestLimitsComeFromAddressAndDialect(t *testing.T) {
	t.Parallel()
	spoken := &dialect.Dialect{Limits: dialect.Limits{Message: 1 << 20, Request: 5 * time.Second, Chars: 100}}
	for _, c := range []struct {
		name, address string
		dialect       *dialect.Dialect
		most          int64
		want          bridge.Limits
	}{
		{"any", "ws://127.0.0.1/chat", nil, bridge.MaxMessageBytes, bridge.Limits{Message: bridge.MaxMessageBytes}},
		{"ModelArts v1", "wss://m.example.com/v1/infers/id/ws", nil, bridge.MaxMessageBytes, bridge.Limits{Message: 12 << 20, Request: 40 * time.Second}},
		{"ModelArts v2", "wss://m.example.com/v2/infers/id/ws", nil, bridge.MaxMessageBytes, bridge.Limits{Message: bridge.MaxMessageBytes, Request: 7200 * time.Second}},
		{"a setting", "wss://m.example.com/v1/infers/id/ws", nil, 20 << 20, bridge.Limits{Message: 20 << 20, Request: 40 * time.Second}},
		{"a dialect", "wss://m.example.com/v1/infers/id/ws", spoken, bridge.MaxMessageBytes, bridge.Limits{Message: 1 << 20, Request: 5 * time.Second, Chars: 100}},
		{"a smaller setting", "ws://127.0.0.1/chat", spoken, 1000, bridge.Limits{Message: 1000, Request: 5 * time.Second, Chars: 100}},
	} {
		u, err := url.Parse(c.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := bridge.LimitsOf(u, c.dialect, c.most); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestRequestAboveALimitIsRefused(t *testing.T) {
	t.Parallel()
	limits := bridge.Limits{Message: 1000, Chars: 10, Audio: time.Minute}
	for _, c := range []struct {
		planned bridge.Planned
		want    bridge.OverLimitError
	}{
		{bridge.Planned{}, bridge.OverLimitError{}},
		{bridge.Planned{Bytes: 1000, Chars: 10, Audio: time.Minute}, bridge.OverLimitError{}},
		{bridge.Planned{Bytes: 1001}, bridge.OverLimitError{Limit: bridge.LimitMessage, Value: 1001, Max: 1000}},
		{bridge.Planned{Chars: 11}, bridge.OverLimitError{Limit: bridge.LimitChars, Value: 11, Max: 10}},
		{bridge.Planned{Audio: 61 * time.Second}, bridge.OverLimitError{Limit: bridge.LimitAudio, Value: 61_000, Max: 60_000}},
	} {
		var got bridge.OverLimitError
		if e, ok := errors.AsType[*bridge.OverLimitError](limits.Check(c.planned)); ok {
			got = *e
		}
		if got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.planned, got, c.want)
		}
	}
}

func TestMessageAboveThePresetIsRefusedAndNotSent(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, quiet)+"/v1/infers/id")
	_, err := s.Send(t.Context(), text(string(make([]byte, 12<<20+1))))
	if e, ok := errors.AsType[*bridge.TooLargeError](err); !ok || e.Limit != 12<<20 {
		t.Error(err)
	}
	if _, err := s.Send(t.Context(), text("small")); err != nil {
		t.Error(err)
	}
	if got := brief(m.log("s1")); len(got) != 1 {
		t.Errorf("sent %d messages", len(got))
	}
}
