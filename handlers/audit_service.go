package handlers

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
)

// recordSave writes that a service is about to be saved in place of saved, and which
// of its secrets change.
func (h *Handler) recordSave(ctx context.Context, s, saved *bridge.Service, c *change) (audit.Entry, error) {
	first := audit.Entry{Action: audit.ServiceCreate, Object: objectOfService(s)}
	if saved.ID != "" {
		first.Action = audit.ServiceUpdate
	}
	if s.Shared != saved.Shared {
		first.Detail = sharedWord[s.Shared]
	}
	entries := []audit.Entry{first}
	var gone []string
	for _, name := range slices.Sorted(maps.Keys(saved.Secrets)) {
		if _, replaced := c.secrets[name]; !replaced && !slices.Contains(c.keep, name) {
			gone = append(gone, name)
		}
	}
	if set := slices.Sorted(maps.Keys(c.secrets)); len(set) > 0 {
		entries = append(entries, audit.Entry{Action: audit.SecretSet, Object: first.Object, Detail: strings.Join(set, ", ")})
	}
	if len(gone) > 0 {
		entries = append(entries, audit.Entry{Action: audit.SecretDelete, Object: first.Object, Detail: strings.Join(gone, ", ")})
	}
	return first, h.record(ctx, entries...)
}

// sharedWord is who may see a service.
var sharedWord = map[bool]string{true: "team", false: "private"}

func objectOfService(s *bridge.Service) audit.Object {
	o := audit.Object{Service: s.ID, ServiceName: s.Name}
	if u, err := url.Parse(s.Address); err == nil {
		o.Target = dial.HostOf(u)
	}
	return o
}
