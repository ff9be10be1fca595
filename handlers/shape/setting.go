package shape

import (
	"strings"
	"time"

	"duplex/bridge"
)

// Setting is a setting of services as the form on the page reads it. Amounts have the
// unit of the API.
type Setting struct {
	Name      string             `json:"name"`
	Key       string             `json:"key"` // of its input and sentences
	Kind      bridge.SettingKind `json:"kind"`
	Least     any                `json:"least"`
	Most      any                `json:"most"`
	Default   any                `json:"default"`
	ZeroIsOff bool               `json:"zero_is_off"`
	SavedOnly bool               `json:"saved_only"`
}

// Settings returns every setting of services.
func Settings() []Setting {
	var out []Setting
	for _, s := range bridge.ServiceSettings() {
		out = append(out, Setting{
			Name: s.Name, Key: settingKey(s.Name), Kind: s.Kind, ZeroIsOff: s.ZeroIsOff, SavedOnly: s.SavedOnly,
			Least: settingValue(s.Kind, s.Least), Most: settingValue(s.Kind, s.Most), Default: settingValue(s.Kind, s.Default),
		})
	}
	return out
}

// settingKey returns the name without its group and unit: people read MiB in place of
// bytes.
func settingKey(name string) string {
	return strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "_bytes")
}

// settingValue returns an amount as the API has it.
func settingValue(kind bridge.SettingKind, amount int64) any {
	switch kind {
	case bridge.SettingDuration:
		return time.Duration(amount).Seconds()
	case bridge.SettingFlag:
		return amount != 0
	case bridge.SettingBytes, bridge.SettingCount:
	}
	return amount
}

// settingsOf returns the settings of a service by name, those of a group in an object.
func settingsOf(s *bridge.Service) map[string]any {
	out := map[string]any{}
	for _, setting := range bridge.ServiceSettings() {
		into, name := out, setting.Name
		if group, member, nested := strings.Cut(name, "."); nested {
			members, _ := out[group].(map[string]any)
			if members == nil {
				members = map[string]any{}
				out[group] = members
			}
			into, name = members, member
		}
		into[name] = settingValue(setting.Kind, setting.Amount(s))
	}
	return out
}
