package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/vault"
	"duplex/handlers/access"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// bindingInput changes the targets of a kept secret. Omitted fields stay.
type bindingInput struct {
	Targets *[]string `json:"targets"`
	TLS     *bool     `json:"tls"`
}

// BindSecret changes the targets that a kept secret may go to. Only its owner may: a
// person who can send it anywhere can read it.
func (h *Services) BindSecret(w http.ResponseWriter, r *http.Request) error {
	var in bindingInput
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	var targets []string
	var err error
	if in.Targets != nil {
		targets, err = readTargets(*in.Targets, "targets")
	}
	if err != nil {
		return err
	}
	ctx := r.Context()
	s, err := h.Load.Service(ctx, reply.Param(r, "service"))
	if err != nil {
		return err
	}
	field, person := reply.Param(r, "field"), identity.Of(ctx)
	entry := audit.Entry{Action: audit.SecretBind, Object: auditlog.ServiceObject(&s)}
	change := func(b vault.Binding) (vault.Binding, error) {
		if !access.BindsSecret(&person, b) {
			return b, &reply.Error{Code: reply.CodeNotSecretOwner, Values: map[string]string{"owner": shape.EnteredBy(s.Secrets[field])}}
		}
		if in.Targets != nil {
			b.Targets = targets
		}
		if in.TLS != nil {
			b.TLS = *in.TLS
		}
		entry.Detail = field + ": " + strings.Join(dial.Shown(b), ", ")
		return b, h.Audit.Record(ctx, entry)
	}
	if err := h.Store.BindSecret(ctx, s.ID, field, change); err != nil {
		if entry.Detail != "" {
			h.Audit.NoteFailed(ctx, entry, err)
		}
		return h.Errors.MapNotFound(err, reply.CodeSecretNotFound)
	}
	return h.Read(w, r)
}

// readTargets reads the targets of a secret, each once; where names the list in errors.
func readTargets(given []string, where string) ([]string, error) {
	if len(given) == 0 || len(given) > dial.MaxPatterns {
		return nil, reply.OutOfRange(where, 1, dial.MaxPatterns)
	}
	var targets []string
	for i, raw := range given {
		pattern, err := dial.ParsePattern(raw)
		if err != nil {
			return nil, &reply.Error{Code: reply.CodeBadValue, Field: fmt.Sprintf("%s[%d]", where, i), Cause: err}
		}
		if !slices.Contains(targets, pattern) {
			targets = append(targets, pattern)
		}
	}
	return targets, nil
}
