package bridge

import "time"

// MaxDialects bounds the dialects that the team keeps, without those that came with requests.
const MaxDialects = 500

// SavedDialect is a dialect of the team.
type SavedDialect struct {
	Name      string
	Source    []byte // YAML or JSON
	Sum       string // of Source
	Listed    bool   // false for one that came with a request
	Owner     string // id of the person who saved it last
	OwnerName string // the person's current name; set by the store
	CreatedAt time.Time
	UpdatedAt time.Time
}
