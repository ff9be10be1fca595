package bridge

import "time"

// ConnectionSettings are the settings of a service that its connections run by. A request
// to open a session may bring its own.
type ConnectionSettings struct {
	PingInterval    time.Duration // 0 is off
	PongTimeout     time.Duration // without a pong for this long a session is cut; 0 is never
	MaxMessageBytes int64         // of one message in either direction; 0 is MaxMessageBytes
	SendTraceparent bool          // tell the target the trace that its session belongs to
}

// SettingKind is the type of a setting. It decides the unit in the API and the input on
// the page.
type SettingKind string

// The kinds of setting.
const (
	SettingDuration SettingKind = "duration" // seconds in the API
	SettingBytes    SettingKind = "bytes"
	SettingCount    SettingKind = "count"
	SettingFlag     SettingKind = "flag"
)

// SettingKinds returns every kind.
func SettingKinds() []SettingKind {
	return []SettingKind{SettingDuration, SettingBytes, SettingCount, SettingFlag}
}

// Unit returns the amount that is 1 in the API.
func (k SettingKind) Unit() int64 {
	if k == SettingDuration {
		return int64(time.Second)
	}
	return 1
}

// ServiceSetting describes a setting of a service that is a single value. Every value is
// also an amount: nanoseconds for a duration, 0 or 1 for a flag.
type ServiceSetting struct {
	Name      string // in the API; "limits.max_message_bytes" is in the object "limits"
	Kind      SettingKind
	Least     int64
	Most      int64
	Default   int64
	ZeroIsOff bool                 // 0 is allowed below Least
	SavedOnly bool                 // a request to open a session cannot set it
	floor     func(*Service) int64 // a least amount that depends on other settings; if it is 0, only off is allowed
	field     func(*Service) any   // *time.Duration, *int64 or *bool
}

// ServiceSettings returns every setting, in the order in which requests are checked and
// the page shows them. It is the only list of them: the API, the store and the page are
// derived from it. The caller may change the result.
func ServiceSettings() []ServiceSetting {
	return []ServiceSetting{
		{
			Name: "ping_interval", Kind: SettingDuration,
			Least: int64(time.Second), Most: int64(10 * time.Minute), Default: int64(DefaultPingInterval), ZeroIsOff: true,
			field: func(s *Service) any { return &s.PingInterval },
		},
		{
			// Without pings no pong can be missed. A timeout below the interval would end
			// between two pings.
			Name: "pong_timeout", Kind: SettingDuration,
			Least: int64(time.Second), Most: int64(time.Hour), ZeroIsOff: true,
			floor: func(s *Service) int64 { return int64(s.PingInterval) },
			field: func(s *Service) any { return &s.PongTimeout },
		},
		{
			Name: "limits.max_message_bytes", Kind: SettingBytes, Least: 1, Most: MaxMessageBytes, Default: MaxMessageBytes,
			field: func(s *Service) any { return &s.MaxMessageBytes },
		},
		{
			Name: "compression", Kind: SettingFlag, Most: 1,
			field: func(s *Service) any { return &s.Compression },
		},
		{
			Name: "send_traceparent", Kind: SettingFlag, Most: 1,
			field: func(s *Service) any { return &s.SendTraceparent },
		},
		{
			Name: "record_relay", Kind: SettingFlag, Most: 1, SavedOnly: true,
			field: func(s *Service) any { return &s.RecordRelay },
		},
	}
}

// Amount returns the amount of the setting in s.
func (t *ServiceSetting) Amount(s *Service) int64 {
	switch value := t.field(s).(type) {
	case *time.Duration:
		return int64(*value)
	case *int64:
		return *value
	case *bool:
		if *value {
			return 1
		}
	}
	return 0
}

// Set changes the setting in s without a check.
func (t *ServiceSetting) Set(s *Service, amount int64) {
	switch value := t.field(s).(type) {
	case *time.Duration:
		*value = time.Duration(amount)
	case *int64:
		*value = amount
	case *bool:
		*value = amount != 0
	}
}

// Check reports whether s may have its amount of the setting. least is the smallest
// amount that it may have, apart from 0 for off.
func (t *ServiceSetting) Check(s *Service) (least int64, ok bool) {
	amount, least, onlyOff := t.Amount(s), t.Least, false
	if t.floor != nil {
		floor := t.floor(s)
		least, onlyOff = max(least, floor), floor == 0
	}
	if amount == 0 && t.ZeroIsOff {
		return least, true
	}
	return least, !onlyOff && least <= amount && amount <= t.Most
}

// NewService returns a service with the default of every setting.
func NewService() Service {
	var s Service
	for _, setting := range ServiceSettings() {
		setting.Set(&s, setting.Default)
	}
	return s
}
