package api

import (
	"context"
	"maps"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/connection"
)

// recordSave writes the audit entry of a save: the changes from saved to s, and the
// secrets that change.
func (h *Services) recordSave(ctx context.Context, s, saved *bridge.Service, c *connection.Change) (audit.Entry, error) {
	first := audit.Entry{Action: audit.ServiceCreate, Object: auditlog.ServiceObject(s)}
	if saved.ID != "" {
		first.Action = audit.ServiceUpdate
	}
	if s.Shared != saved.Shared {
		first.Detail = sharedWord[s.Shared]
	}
	entries := []audit.Entry{first}
	var gone []string
	for _, name := range slices.Sorted(maps.Keys(saved.Secrets)) {
		if _, replaced := c.Secrets[name]; !replaced && !slices.Contains(c.Keep, name) {
			gone = append(gone, name)
		}
	}
	if set := slices.Sorted(maps.Keys(c.Secrets)); len(set) > 0 {
		entries = append(entries, audit.Entry{Action: audit.SecretSet, Object: first.Object, Detail: strings.Join(set, ", ")})
	}
	if len(gone) > 0 {
		entries = append(entries, audit.Entry{Action: audit.SecretDelete, Object: first.Object, Detail: strings.Join(gone, ", ")})
	}
	return first, h.Audit.Record(ctx, entries...)
}

// sharedWord names the people who may see a service.
var sharedWord = map[bool]string{true: "team", false: "private"}
