package connection

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
)

func TestSettingsAreReadBesideTheOtherFields(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       bridge.Service
	}{
		{"none", `{"address":"ws://host/"}`, bridge.NewService()},
		{"null leaves the default", `{"ping_interval":null,"compression":null,"limits":null}`, bridge.NewService()},
		{"seconds, words and a group", `{"ping_interval":1.5,"pong_timeout":"1m","limits":{"max_message_bytes":7},"compression":true}`, bridge.Service{
			ConnectionSettings: bridge.ConnectionSettings{PingInterval: 1500 * time.Millisecond, PongTimeout: time.Minute, MaxMessageBytes: 7},
			Compression:        true,
		}},
		{"off", `{"ping_interval":"off"}`, bridge.Service{ConnectionSettings: bridge.ConnectionSettings{MaxMessageBytes: bridge.MaxMessageBytes}}},
		{"names in any case", `{"Ping_Interval":0,"Limits":{"MAX_message_bytes":7}}`, bridge.Service{ConnectionSettings: bridge.ConnectionSettings{MaxMessageBytes: 7}}},
	} {
		var in OpenInput
		if err := json.Unmarshal([]byte(tt.body), &in); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		s := bridge.NewService()
		if err := in.settings.applyTo(&s); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, s); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if strings.Contains(tt.body, "address") && (in.Address == nil || *in.Address != "ws://host/") {
			t.Errorf("%s: the address is %v", tt.name, in.Address)
		}
	}
}

func TestSettingOfAnotherTypeIsNamed(t *testing.T) {
	for body, want := range map[string]string{
		`{"compression":"yes"}`:                      "compression",
		`{"limits":5}`:                               "limits",
		`{"limits":{"max_message_bytes":"many"}}`:    "limits.max_message_bytes",
		`{"limits":{"max_message_bytes":1e19}}`:      "limits.max_message_bytes",
		`{"limits":{"max_message_bytes":1.5}}`:       "limits.max_message_bytes",
		`{"limits":{"max_messages":1}}`:              `unknown field "max_messages"`,
		`{"limits.max_message_bytes":1}`:             `unknown field "limits.max_message_bytes"`,
		`{"record_relay":true}`:                      `unknown field "record_relay"`, // of a saved service only
		`{"compression":true,"ping":{"interval":1}}`: `unknown field "ping"`,
	} {
		err := json.Unmarshal([]byte(body), &OpenInput{})
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field == want {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
	if err := json.Unmarshal([]byte(`{"record_relay":true}`), &serviceInput{}); err != nil {
		t.Error(err)
	}
}
