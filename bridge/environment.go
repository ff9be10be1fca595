package bridge

import "time"

// Limits of environments.
const (
	MaxEnvironments         = 200
	MaxEnvironmentValues    = 200      // of one environment, and as many secrets
	MaxEnvironmentValueSize = 32 << 10 // bytes
)

// Environment is a named set of values and secrets of the team. Templates of services take
// them: {{region}}, {{secret.api_key}}. It does not hold its secrets, see Service.
type Environment struct {
	ID        string
	Name      string // unique, case-insensitively
	Values    map[string]string
	Secrets   map[string]SecretInfo
	Owner     string // id of the person who saved it last
	OwnerName string // the person's current name; set by the store
	CreatedAt time.Time
	UpdatedAt time.Time
}
