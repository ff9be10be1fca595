package bridge_test

import (
	"slices"
	"testing"
	"time"

	"duplex/bridge"
)

func TestEverySettingIsAFieldOfItsOwn(t *testing.T) {
	settings := bridge.ServiceSettings()
	for i, setting := range settings {
		if !slices.Contains(bridge.SettingKinds(), setting.Kind) {
			t.Errorf("%s is of kind %q", setting.Name, setting.Kind)
		}
		s := bridge.NewService()
		if _, ok := setting.Check(&s); !ok || setting.Amount(&s) != setting.Default {
			t.Errorf("%s of a new service is %d, want its default %d", setting.Name, setting.Amount(&s), setting.Default)
		}
		changed := setting.Most
		if changed == setting.Default {
			changed = setting.Least
		}
		setting.Set(&s, changed)
		if got := setting.Amount(&s); got != changed {
			t.Errorf("%s was set to %d and is %d", setting.Name, changed, got)
		}
		for j, other := range settings {
			if j != i && other.Amount(&s) != other.Default {
				t.Errorf("setting %s changed %s", setting.Name, other.Name)
			}
			if j != i && other.Name == setting.Name {
				t.Errorf("%s is listed twice", setting.Name)
			}
		}
	}
}

func TestSettingIsCheckedAgainstItsBounds(t *testing.T) {
	named := map[string]bridge.ServiceSetting{}
	for _, setting := range bridge.ServiceSettings() {
		named[setting.Name] = setting
	}
	second, minute := int64(time.Second), int64(time.Minute)
	for _, tt := range []struct {
		name        string
		ping        time.Duration
		amount      int64
		least       int64
		want        bool
		description string
	}{
		{"ping_interval", 0, 0, second, true, "off"},
		{"ping_interval", 0, second - 1, second, false, "below the least"},
		{"ping_interval", 0, second, second, true, "the least"},
		{"ping_interval", 0, 10 * minute, second, true, "the most"},
		{"ping_interval", 0, 10*minute + 1, second, false, "above the most"},
		{"ping_interval", 0, -second, second, false, "negative"},
		{"pong_timeout", 0, 0, second, true, "off without pings"},
		{"pong_timeout", 0, minute, second, false, "without pings"},
		{"pong_timeout", time.Minute, minute, minute, true, "the time between pings"},
		{"pong_timeout", time.Minute, minute - 1, minute, false, "below the time between pings"},
		{"limits.max_message_bytes", 0, 0, 1, false, "zero that is not off"},
		{"limits.max_message_bytes", 0, bridge.MaxMessageBytes + 1, 1, false, "above the most"},
		{"compression", 0, 1, 0, true, "on"},
		{"record_relay", 0, 0, 0, true, "off"},
	} {
		setting, s := named[tt.name], bridge.NewService()
		s.PingInterval = tt.ping
		setting.Set(&s, tt.amount)
		if least, ok := setting.Check(&s); ok != tt.want || least != tt.least {
			t.Errorf("%s, %s: %t from %d, want %t from %d", tt.name, tt.description, ok, least, tt.want, tt.least)
		}
	}
}
