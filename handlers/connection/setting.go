package connection

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// settingInput holds the settings that a request brings, by name.
type settingInput map[string]givenSetting

type givenSetting struct {
	amount int64
	bad    bool // no amount could be read
}

// object is a JSON object with values that were not read yet.
type object map[string]json.RawMessage

// decodeInput reads a JSON object: the settings into the result, all other fields into
// rest, a pointer to a struct. It is as strict as reply.Decode.
func decodeInput(raw []byte, saved bool, rest any) (settingInput, error) {
	var fields object
	if json.Unmarshal(raw, &fields) != nil {
		return nil, decodeStrictly(raw, rest) // not an object: its error says so
	}
	in, groups := settingInput{}, map[string]object{}
	for _, setting := range bridge.ServiceSettings() {
		if setting.SavedOnly && !saved {
			continue
		}
		from, name := fields, setting.Name
		if group, member, nested := strings.Cut(name, "."); nested {
			if groups[group] == nil {
				var members object
				if err := unmarshal(fields.take(group), group, &members); err != nil {
					return nil, err
				}
				groups[group] = members
			}
			from, name = groups[group], member
		}
		if err := in.read(&setting, from.take(name)); err != nil {
			return nil, err
		}
	}
	for _, unknown := range groups {
		if err := unknown.decode(&struct{}{}); err != nil {
			return nil, err
		}
	}
	return in, fields.decode(rest)
}

// take removes a field and returns its value, or null. Names match in any case, as they
// do in encoding/json.
func (o object) take(name string) json.RawMessage {
	for given, value := range o {
		if strings.EqualFold(given, name) {
			delete(o, given)
			return value
		}
	}
	return json.RawMessage("null")
}

// decode reads the fields that were not taken.
func (o object) decode(into any) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return decodeStrictly(raw, into)
}

func decodeStrictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// unmarshal is json.Unmarshal with the name of the field in errors.
func unmarshal(raw json.RawMessage, field string, into any) error {
	err := json.Unmarshal(raw, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		wrong.Field = field
	}
	return err
}

// read reads the value of one setting. A duration that is no duration is bad, as one that
// is out of range; a value of another type fails.
func (in settingInput) read(setting *bridge.ServiceSetting, raw json.RawMessage) error {
	if string(raw) == "null" {
		return nil
	}
	var given givenSetting
	var err error
	switch setting.Kind {
	case bridge.SettingDuration:
		var d time.Duration
		d, readErr := readDuration(raw, time.Duration(setting.Most))
		given = givenSetting{int64(d), readErr != nil}
	case bridge.SettingFlag:
		var on bool
		if err = unmarshal(raw, setting.Name, &on); on {
			given.amount = 1
		}
	case bridge.SettingBytes, bridge.SettingCount:
		err = unmarshal(raw, setting.Name, &given.amount)
	}
	in[setting.Name] = given
	return err
}

// readDuration reads seconds, "20s", or "off".
func readDuration(raw json.RawMessage, most time.Duration) (time.Duration, error) {
	var seconds float64
	if json.Unmarshal(raw, &seconds) == nil {
		if seconds < 0 || seconds > most.Seconds() {
			return 0, errors.New("out of range")
		}
		return time.Duration(seconds * float64(time.Second)), nil
	}
	var words string
	if err := json.Unmarshal(raw, &words); err != nil {
		return 0, err
	}
	if words == "off" {
		return 0, nil
	}
	return time.ParseDuration(words)
}

// applyTo sets the given settings of s. The error names the first setting with a value
// out of bounds. An omitted one is checked too, because its bounds depend on others.
func (in settingInput) applyTo(s *bridge.Service) error {
	for _, setting := range bridge.ServiceSettings() {
		given, found := in[setting.Name]
		if found {
			setting.Set(s, given.amount)
		}
		least, ok := setting.Check(s)
		if ok && !given.bad {
			continue
		}
		unit := setting.Kind.Unit()
		if setting.Kind == bridge.SettingDuration && setting.ZeroIsOff {
			return reply.OutOfRangeOrOff(setting.Name, least/unit, setting.Most/unit)
		}
		return reply.OutOfRange(setting.Name, least/unit, setting.Most/unit)
	}
	return nil
}
